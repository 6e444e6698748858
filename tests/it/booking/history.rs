//! Histories of one resource, as those who ask at once live through them, each
//! with a test whether they had an order; one of them across a SIGKILL.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::StreamExt as _;
use futures::future::join_all;
use futures::stream;
use jiff::civil::Date;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};

use super::order::{Deed, Op, Stay, Told, has_an_order};
use super::{Place, day, half_hours, id, occupies, seed};
use crate::harness::{Client, Home, PATIENCE, eventually, undisturbed};

/// Histories, callers of each, and what each of them does.
const HISTORIES: u64 = 50;
const CALLERS: u64 = 5;
const DEEDS: usize = 40;
/// Half hours that they fight for.
const HALF_HOURS: u8 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_to_a_resource_happens_in_an_order() {
    let _one = undisturbed().await;
    let seed = seed("histories");
    let home = Home::alone("").await;
    let daemon = home.start().await;
    let place = Place::new(daemon.client(), json!({})).await;
    let lived = stream::iter(0..HISTORIES).map(|number| {
        let place = &place;
        async move {
            let seats = if number % 3 == 2 { 2 } else { 1 };
            let history = History::new(place, seats).await;
            history.live(&place.operator, seed + number * 100, DEEDS).await;
            history.survey(&place.operator).await;
            history.judge(number);
            history.ops.lock().len()
        }
    });
    let lengths: Vec<_> = lived.buffer_unordered(3).collect().await;
    assert!(lengths.iter().all(|length| *length >= 200), "{lengths:?}");
    println!("{} histories, {} operations", lengths.len(), lengths.iter().sum::<usize>());
    assert_eq!(daemon.stop().await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_leaves_an_order() {
    let _one = undisturbed().await;
    let seed = seed("a history and a kill");
    let home = Home::alone("").await;
    let mut daemon = home.start().await;
    let place = Place::new(daemon.client(), json!({})).await;
    let history = Arc::new(History::new(&place, 1).await);
    let living = {
        let (history, client) = (history.clone(), daemon.client().clone());
        // More than there is time for.
        tokio::spawn(async move { history.live(&client, seed, 500).await })
    };
    eventually("much has happened", PATIENCE, || async {
        (history.ops.lock().len() >= 60).then_some(())
    })
    .await;
    daemon.kill().await;
    living.await.unwrap();
    let daemon = home.start().await;
    history.live(daemon.client(), seed + 50, 3).await;
    history.survey(daemon.client()).await;
    history.judge(0);
    let ops = history.ops.lock().clone();
    let cut_off = ops.iter().filter(|op| op.told.is_none()).count();
    println!("{} operations, {cut_off} of them cut off", ops.len());
    assert_eq!(daemon.stop().await.0, Some(0));
}

/// What came back.
enum Heard {
    Told(Told),
    /// It may have happened, or not.
    Unsure,
    /// The connection broke.
    Nothing,
}

/// What happens to one resource.
struct History {
    resource: String,
    wish: Value,
    seats: usize,
    day: Date,
    clock: AtomicU64,
    ops: Mutex<Vec<Op>>,
    /// The bookings that were acknowledged, by the operation that made them.
    known: Mutex<Vec<(usize, String)>>,
}

impl History {
    async fn new(place: &Place, seats: usize) -> Self {
        let resource = place.resource(json!({"concurrent_bookings": seats})).await;
        let wish = place.wish(&resource, ("", ""));
        let (clock, ops, known) = (AtomicU64::new(0), Mutex::default(), Mutex::default());
        Self { resource, wish, seats, day: day(3), clock, ops, known }
    }

    /// Several callers at once, until they are done or cut off.
    async fn live(&self, client: &Client, seed: u64, deeds: usize) {
        let callers = (0..CALLERS).map(|caller| async move {
            let mut rng = StdRng::seed_from_u64(seed * 10 + caller);
            for _ in 0..deeds {
                // Few enough that one search ends.
                if self.ops.lock().len() >= 250 || !self.act(client, &mut rng).await {
                    break;
                }
            }
        });
        join_all(callers).await;
    }

    /// One operation; false: it was cut off.
    async fn act(&self, client: &Client, rng: &mut StdRng) -> bool {
        let stay = Stay { from: rng.random_range(0..HALF_HOURS), many: rng.random_range(1..3) };
        let known = self.known.lock().clone();
        let (name, booking) = match known.len() {
            0 => (0, String::new()),
            many => known[rng.random_range(0..many)].clone(),
        };
        let deed = match rng.random_range(0..10) {
            _ if known.is_empty() => Deed::Book(stay),
            0..5 => Deed::Book(stay),
            5..7 => Deed::Cancel(name),
            7..9 => Deed::Move(name, stay),
            _ => Deed::Look(name),
        };
        let number = self.begin(deed);
        match self.ask(client, deed, &booking, number).await {
            Heard::Told(told) => self.end(number, told),
            Heard::Unsure => {}
            Heard::Nothing => return false,
        }
        true
    }

    fn begin(&self, deed: Deed) -> usize {
        let mut ops = self.ops.lock();
        let asked = self.clock.fetch_add(1, Ordering::SeqCst);
        ops.push(Op { deed, asked, told: None });
        ops.len() - 1
    }

    fn end(&self, number: usize, told: Told) {
        let at = self.clock.fetch_add(1, Ordering::SeqCst);
        self.ops.lock()[number].told = Some((at, told));
    }

    async fn ask(&self, client: &Client, deed: Deed, booking: &str, number: usize) -> Heard {
        let path = format!("/bookings/{booking}");
        let (method, path, body) = match deed {
            Deed::Book(stay) => (Method::POST, "/bookings".to_owned(), Some(self.body(stay))),
            Deed::Cancel(_) => (Method::POST, format!("{path}/cancel"), Some(json!({}))),
            Deed::Move(_, stay) => {
                let body = self.body(stay);
                let body = json!({"start_time": body["start_time"], "end_time": body["end_time"]});
                (Method::PATCH, path, Some(body))
            }
            Deed::Look(_) | Deed::Survey => (Method::GET, path, None),
        };
        let Ok(answer) = client.call(method, &path, body.as_ref()).await else {
            return Heard::Nothing;
        };
        let told = answer.json();
        Heard::Told(match (answer.status, told["error"].as_str().unwrap_or_default()) {
            (201, _) => {
                self.known.lock().push((number, id(&told)));
                Told::Done
            }
            (200, _) if body.is_none() => Told::Seen(self.seen(&told)),
            (200, _) => Told::Done,
            (409, "conflict") => Told::Collides,
            (409, "booking_closed") => Told::Closed,
            // Others were faster again and again, or too many asked.
            (412 | 503, _) => return Heard::Unsure,
            _ => panic!("{answer:?}"),
        })
    }

    fn body(&self, stay: Stay) -> Value {
        let (start, end) = half_hours(self.day, stay.from.into(), stay.many.into());
        let mut body = self.wish.clone();
        body["start_time"] = json!(start);
        body["end_time"] = json!(end);
        body
    }

    /// Where a booking stands.
    fn seen(&self, booking: &Value) -> Option<Stay> {
        let text = |name: &str| booking[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        let (from, _) = half_hours(self.day, 0, 1);
        let zone = jiff::tz::TimeZone::get("America/Sao_Paulo").unwrap();
        let first = from.parse::<jiff::civil::DateTime>().unwrap().to_zoned(zone).unwrap();
        let nth = |at: jiff::Timestamp| {
            let minutes = at.duration_since(first.timestamp()).as_secs() / 60;
            u8::try_from(minutes / 30).unwrap()
        };
        let (from, until) = (nth(text("start_time")), nth(text("end_time")));
        occupies(booking).then_some(Stay { from, many: until - from })
    }

    /// Looks at all that stand, at the end.
    async fn survey(&self, client: &Client) {
        let number = self.begin(Deed::Survey);
        let path = format!("/bookings?resource_id={}&limit=500", self.resource);
        let all = client.get(&path).await.is(200);
        let all = all.as_array().unwrap().iter();
        let mut stays: Vec<_> = all.filter_map(|one| self.seen(one)).collect();
        stays.sort_unstable();
        self.end(number, Told::All(stays));
    }

    fn judge(&self, number: u64) {
        let ops = self.ops.lock();
        assert!(has_an_order(self.seats, &ops), "history {number} has no order: {ops:#?}");
    }
}
