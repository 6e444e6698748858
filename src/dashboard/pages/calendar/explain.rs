//! Why a time can be booked, or cannot: every rule, what is free nearby, and the
//! form that books.

use std::sync::Arc;

use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::json;
use warp::http::Method;

use super::Resource;
use crate::api::doors::Doors;
use crate::api::{Problem, Route};
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::html::encoded;
use crate::dashboard::names::{Tenant, Tenants};
use crate::dashboard::text::Text;
use crate::dashboard::visit::Visit;

/// Lengths that are offered, in intervals.
const LENGTHS: i64 = 8;
/// People that are offered.
const PEOPLE: &str = "200";

#[derive(Debug, Deserialize)]
struct Explained {
    bookable: bool,
    rules: Vec<Verdict>,
    nearest: Vec<Place>,
}

#[derive(Debug, Deserialize)]
struct Verdict {
    rule: String,
    ok: bool,
    detail: String,
}

#[derive(Debug, Deserialize)]
struct Place {
    start_time: Timestamp,
    end_time: Timestamp,
}

#[derive(Debug, Deserialize)]
struct Person {
    id: String,
    name: String,
    email: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Interval {
    booking_interval: i64,
}

/// Something to choose.
struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        look(dashboard, "/dashboard/calendar/explain", show),
        act(dashboard, "/dashboard/calendar/book", book),
    ]
}

#[derive(Template)]
#[template(path = "explain.html")]
struct Shown {
    f: Frame,
    resource: Resource,
    start: String,
    end: String,
    hours: String,
    zone: String,
    lengths: Vec<Choice>,
    people: Vec<Choice>,
    more_people: bool,
    q: String,
    explained: Explained,
    nearest: Vec<(Address, String)>,
    day: Address,
    key: String,
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let asked = |name| visit.asked(name).unwrap_or_default();
    let (id, user, q) = (encoded(asked("resource")), asked("user"), asked("q"));
    let resource: Resource = visit.get(&format!("/resources/{id}")).await?;
    let target = Address::new(format!("/resources/{id}/explain"))
        .with("start", asked("start"))
        .with("end", asked("end"))
        .and("user_id", Some(&user));
    let explained: Explained = visit.get(target.text()).await?;
    let tenants = Tenants::of(&visit).await?;
    let tenant = tenants.all.iter().find(|tenant| tenant.id == resource.tenant_id);
    let zone = tenant.map_or(TimeZone::UTC, Tenant::zone);
    let zone_name = tenant.map_or("UTC", Tenant::zone_name).to_owned();
    let (people, more_people) = people(&visit, &resource, &user, &q).await?;
    let span = Span::new(&asked("start"), &asked("end"));
    let to = |start: String, end: String| {
        Address::new("/dashboard/calendar/explain")
            .with("resource", &resource.id)
            .with("start", start)
            .with("end", end)
            .and("user", Some(&user))
    };
    let nearest = explained.nearest.iter().map(|place| {
        let span = Span { start: place.start_time, end: place.end_time };
        (to(span.start.to_string(), span.end.to_string()), span.local(&zone, visit.text))
    });
    let date = span.as_ref().map(|span| span.start.to_zoned(zone.clone()).date().to_string());
    let day = Address::new("/dashboard/calendar").with("tenant", &resource.tenant_id);
    Done::page(&Shown {
        f: Frame::new(&visit, "calendar", visit.text.s("explain-title")),
        lengths: lengths(&visit, &resource, span.as_ref()).await,
        hours: span.map_or_else(String::new, |span| span.local(&zone, visit.text)),
        nearest: nearest.collect(),
        day: day.and("date", date),
        start: asked("start"),
        end: asked("end"),
        zone: zone_name,
        key: visit.within.random(),
        people,
        more_people,
        explained,
        resource,
        q,
    })
}

/// A stretch of time.
struct Span {
    start: Timestamp,
    end: Timestamp,
}

impl Span {
    fn new(start: &str, end: &str) -> Option<Self> {
        Some(Self { start: start.parse().ok()?, end: end.parse().ok()? })
    }

    fn local(&self, zone: &TimeZone, text: Text) -> String {
        let day = format!("{} %H:%M", text.0.day_format());
        let said = |at: Timestamp, how: &str| at.to_zoned(zone.clone()).strftime(how).to_string();
        format!("{}–{}", said(self.start, &day), said(self.end, "%H:%M"))
    }
}

/// Ends that the interval of the tenant gives.
async fn lengths(visit: &Visit, resource: &Resource, span: Option<&Span>) -> Vec<Choice> {
    let Some(span) = span else { return Vec::new() };
    let target = format!("/tenants/{}/settings", encoded(&resource.tenant_id));
    let interval = visit.perhaps::<Interval>(&target).await.ok().flatten();
    let own = span.end.duration_since(span.start).as_secs();
    let step = interval.map_or(own, |interval| interval.booking_interval * 60).max(60);
    let ends = (1..=LENGTHS).filter_map(|count| {
        let seconds = step * count;
        let end = span.start.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()?;
        let text = format!("{} min", seconds / 60);
        Some(Choice { value: end.to_string(), text, chosen: end == span.end })
    });
    ends.collect()
}

/// Who may book, of those that are found; and whether there are more.
async fn people(
    visit: &Visit,
    resource: &Resource,
    user: &str,
    q: &str,
) -> Result<(Vec<Choice>, bool), Problem> {
    if !visit.may(&Method::GET, "/users") {
        return Ok((Vec::new(), false));
    }
    let target = Address::new("/users")
        .with("tenant_id", &resource.tenant_id)
        .with("status", "ACTIVE")
        .and("q", Some(q))
        .with("limit", PEOPLE);
    let (found, next): (Vec<Person>, _) = visit.list(target.text()).await?;
    let choice = |person: Person| Choice {
        text: match person.email {
            Some(email) => format!("{} · {email}", person.name),
            None => person.name,
        },
        chosen: person.id == user,
        value: person.id,
    };
    Ok((found.into_iter().map(choice).collect(), next.is_some()))
}

async fn book(visit: Arc<Visit>) -> Result<(String, Option<String>), Problem> {
    #[derive(Deserialize)]
    struct Made {
        id: String,
        status_label: String,
    }
    let body = json!({
        "resource_id": visit.browser.field("resource"),
        "user_id": visit.field("user"),
        "start_time": visit.browser.field("start"),
        "end_time": visit.browser.field("end"),
        "notes": visit.field("notes"),
    });
    let made: Made = visit.tell(Method::POST, "/bookings", body).await?.read()?;
    let said = visit.text.v("book-done", made.status_label);
    Ok((said, Some(format!("/dashboard/bookings/{}", made.id))))
}
