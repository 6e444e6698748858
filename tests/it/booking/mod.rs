//! Bookings on the real daemon: the flow that the project was ordered with, races
//! for the last seat, histories that must have an order, and what others read of
//! a calendar.

mod feed;
mod flow;
mod history;
mod holds;
mod order;
mod races;
mod reports;
mod waiting;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rand::Rng as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};
use zelador_actors::engine::Clock;

use crate::harness::{Answer, Client, PATIENCE};

/// A tenant with a person who books, open all day but for an hour.
pub(super) struct Place {
    pub(super) operator: Client,
    pub(super) tenant: String,
    pub(super) user: String,
}

impl Place {
    /// In São Paulo, by the half hour, from 8 to 18; `settings` are further ones.
    pub(super) async fn new(operator: &Client, settings: Value) -> Self {
        let draft = json!({"name": "Academia", "domain": "academia.example", "settings": settings});
        let tenant = id(&operator.post("/tenants", &draft).await.is(201));
        let user = person(operator, &tenant, "Ana").await;
        Self { operator: operator.clone(), tenant, user }
    }

    /// Something to book; `members` are further ones.
    pub(super) async fn resource(&self, members: Value) -> String {
        let mut draft = json!({"tenant_id": self.tenant, "name": "Sala"});
        draft.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        id(&self.operator.post("/resources", &draft).await.is(201))
    }

    /// What the person asks for, in local time.
    pub(super) fn wish(&self, resource: &str, (start, end): (&str, &str)) -> Value {
        json!({"tenant_id": self.tenant, "resource_id": resource, "user_id": self.user,
            "start_time": start, "end_time": end})
    }

    /// Books.
    pub(super) async fn book(&self, resource: &str, span: (&str, &str)) -> Value {
        self.operator.post("/bookings", &self.wish(resource, span)).await.is(201)
    }

    /// The bookings of a resource, all pages of them.
    pub(super) async fn all(&self, resource: &str) -> Vec<Value> {
        let mut path = format!("/bookings?resource_id={resource}&limit=500");
        let mut all = Vec::new();
        loop {
            let answer = self.operator.get(&path).await;
            all.extend(answer.is(200).as_array().unwrap().iter().cloned());
            let next = answer.header("link").trim_start_matches('<').split('>').next();
            match next.filter(|next| !next.is_empty()) {
                Some(next) => next.clone_into(&mut path),
                None => return all,
            }
        }
    }
}

/// A new person of a tenant.
pub(super) async fn person(operator: &Client, tenant: &str, name: &str) -> String {
    let email = format!("{}@academia.example", name.to_lowercase());
    let draft = json!({"tenant_id": tenant, "name": name, "email": email});
    id(&operator.post("/users", &draft).await.is(201))
}

pub(super) fn id(record: &Value) -> String {
    record["id"].as_str().unwrap_or_else(|| panic!("{record}")).to_owned()
}

/// The local day so many days ahead.
pub(super) fn day(ahead: i64) -> Date {
    let now = Clock::system().now().to_jiff();
    let zone = TimeZone::get("America/Sao_Paulo").unwrap();
    now.to_zoned(zone).date().checked_add(ahead.days()).unwrap()
}

/// The half hour of this number of a day that begins at 8, in local time.
pub(super) fn half_hours(day: Date, from: usize, many: usize) -> (String, String) {
    let at = |nth: usize| format!("{day}T{:02}:{:02}", 8 + nth / 2, 30 * (nth % 2));
    (at(from), at(from + many))
}

/// Asks until nobody says to come back later; `None`: the connection broke.
pub(super) async fn insist(
    client: &Client,
    method: Method,
    path: &str,
    body: &Value,
    key: Option<&str>,
) -> Option<Answer> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut request = client.request(method.clone(), path).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = client.send(request).await.ok()?;
        // Too busy, or the same key is being answered.
        let later = !answer.header("retry-after").is_empty();
        if !later || !matches!(answer.status, 409 | 503) {
            return Some(answer);
        }
        assert!(Instant::now() < deadline, "busy for too long: {method} {path}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Whether a booking takes a seat.
pub(super) fn occupies(booking: &Value) -> bool {
    ["reservado", "pendente", "confirmado"].contains(&booking["status"].as_str().unwrap())
}

/// The most bookings that share an instant.
pub(super) fn peak(bookings: &[Value]) -> usize {
    let standing: Vec<_> = bookings.iter().filter(|one| occupies(one)).collect();
    // Times of one form are ordered as their texts are.
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let at = |one: &Value| {
        let start = text(one, "start_time");
        let there = standing
            .iter()
            .filter(|other| text(other, "start_time") <= start && start < text(other, "end_time"));
        there.count()
    };
    standing.iter().map(|one| at(one)).max().unwrap_or(0)
}

/// The number that a run's choices follow from: `ZELADOR_SEED`, else any; printed.
pub(super) fn seed(of: &str) -> u64 {
    let told = std::env::var("ZELADOR_SEED").ok().and_then(|text| text.parse().ok());
    let seed = told.unwrap_or_else(|| rand::rng().random_range(0..1_000_000));
    println!("{of}: ZELADOR_SEED={seed}");
    seed
}
