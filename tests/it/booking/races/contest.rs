//! One slot that many want.

use std::collections::BTreeSet;

use futures::future::join_all;
use jiff::ToSpan as _;
use jiff::civil::Date;
use reqwest::Method;
use serde_json::{Value, json};

use crate::booking::{Place, half_hours, id, insist, occupies};
use crate::harness::Answer;

/// How a slot is fought for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// All book it.
    Booking,
    /// Some move a booking of theirs there.
    Moving,
    /// For some it is the first of a series.
    Series,
    /// Everybody asks twice at once, with one key.
    Twice,
    /// One has a seat and is confirmed meanwhile.
    Confirming,
    /// Some would only hold it.
    Holding,
}

impl Way {
    pub(super) const ALL: [Self; 6] =
        [Self::Booking, Self::Moving, Self::Series, Self::Twice, Self::Confirming, Self::Holding];
}

/// A half hour of a resource.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) resource: String,
    pub(super) seats: usize,
    pub(super) number: usize,
    pub(super) day: Date,
}

impl Slot {
    pub(super) fn span(&self) -> (String, String) {
        half_hours(self.day, self.number, 1)
    }
}

/// Many at once who want one slot.
pub(super) struct Contest<'a> {
    pub(super) place: &'a Place,
    /// A resource with room for everybody.
    pub(super) yard: &'a str,
    pub(super) slot: Slot,
    pub(super) way: Way,
    pub(super) callers: usize,
}

/// What a caller does.
struct Attempt {
    method: Method,
    path: String,
    body: Value,
    key: Option<String>,
    /// What it is answered with if it wins.
    success: u16,
}

impl Contest<'_> {
    /// Fights it out; how many seats were won.
    pub(super) async fn fight(&self) -> usize {
        let mut attempts = Vec::new();
        for nth in 0..self.callers {
            attempts.push(self.attempt(nth).await);
        }
        let client = &self.place.operator;
        let asked = attempts.iter().map(|one| async {
            let key = one.key.as_deref();
            let answer = insist(client, one.method.clone(), &one.path, &one.body, key).await;
            (one.success, answer.expect("the daemon lives"))
        });
        let won: BTreeSet<_> = join_all(asked).await.into_iter().filter_map(winner).collect();
        assert_eq!(won.len(), self.slot.seats, "{:?} {:?}", self.way, self.slot);
        let standing = self.standing().await;
        assert_eq!(standing, won, "{:?} {:?}", self.way, self.slot);
        won.len()
    }

    /// The bookings in the slot.
    async fn standing(&self) -> BTreeSet<String> {
        let (resource, (start, end)) = (&self.slot.resource, self.slot.span());
        let path = format!(
            "/bookings?tenant_id={}&resource_id={resource}&from={start}&to={end}&limit=500",
            self.place.tenant
        );
        let found = self.place.operator.get(&path).await.is(200);
        found.as_array().unwrap().iter().filter(|one| occupies(one)).map(id).collect()
    }

    async fn attempt(&self, nth: usize) -> Attempt {
        let (start, end) = self.slot.span();
        let wish = self.place.wish(&self.slot.resource, (&start, &end));
        match self.way {
            Way::Moving if nth.is_multiple_of(4) => self.moving(&wish).await,
            Way::Series if nth.is_multiple_of(4) => booking(self.series(wish), None),
            Way::Twice => {
                let key = format!("{}-{}-{}", self.slot.resource, self.slot.number, nth / 2);
                booking(wish, Some(key))
            }
            Way::Confirming if nth == 0 => self.confirming(&wish).await,
            Way::Holding if nth.is_multiple_of(2) => {
                let mut wish = wish;
                wish["hold_seconds"] = json!(3600);
                booking(wish, None)
            }
            _ => booking(wish, None),
        }
    }

    /// The slot, and the same one a week later, for which only series fight.
    fn series(&self, mut wish: Value) -> Value {
        let until = self.slot.day.checked_add(7.days()).unwrap();
        wish["recurring_pattern"] = json!({"frequency": "weekly", "end_date": until.to_string()});
        wish
    }

    /// A booking elsewhere, to be moved here.
    async fn moving(&self, wish: &Value) -> Attempt {
        let mut there = wish.clone();
        there["resource_id"] = json!(self.yard);
        let made = self.place.operator.post("/bookings", &there).await.is(201);
        let body = json!({"resource_id": self.slot.resource});
        change(Method::PATCH, format!("/bookings/{}", id(&made)), body)
    }

    /// A booking in the slot, to be confirmed.
    async fn confirming(&self, wish: &Value) -> Attempt {
        let made = self.place.operator.post("/bookings", wish).await.is(201);
        let path = format!("/bookings/{}/status", id(&made));
        change(Method::PUT, path, json!({"status": "confirmado"}))
    }
}

fn booking(body: Value, key: Option<String>) -> Attempt {
    Attempt { method: Method::POST, path: "/bookings".to_owned(), body, key, success: 201 }
}

fn change(method: Method, path: String, body: Value) -> Attempt {
    Attempt { method, path, body, key: None, success: 200 }
}

/// The booking of a caller who won; who lost was told of the collision.
fn winner((success, answer): (u16, Answer)) -> Option<String> {
    if answer.status == success {
        return Some(id(&answer.json()));
    }
    let problem = answer.refused(409, "conflict");
    let told = &problem["conflicts"];
    // Of a series, the occurrences tell.
    let told =
        told.as_array().is_some_and(|all| !all.is_empty()) || problem["occurrences"].is_array();
    assert!(told, "{problem}");
    None
}
