//! What becomes of a delivery and of its webhook.

use std::time::Duration;

use proptest::prelude::*;
use zelador_store::Timestamp;
use zelador_store::delivery::{Delivery, DeliveryStatus};
use zelador_store::webhook::WebhookHealth;

use super::settings;
use crate::engine::webhooks::rules::turn::{self, Tried};

fn start() -> Timestamp {
    "2025-12-01T12:00:00Z".parse().unwrap()
}

fn fresh() -> Delivery {
    Delivery {
        tenant: "0198c5a8-5f00-7000-8000-000000000000".parse().unwrap(),
        seq: 7,
        kind: "booking.created".into(),
        key: "booking:1".into(),
        status: DeliveryStatus::Pending,
        held: false,
        followed: false,
        due: start(),
        tries: 0,
        history: Vec::new(),
        excerpt: None,
        payload: None,
        created_at: start(),
        updated_at: start(),
    }
}

fn answered(status: u16) -> Tried {
    let not = Tried::not_sent(start(), "", false);
    Tried { status: Some(status), error: None, took: Duration::from_millis(5), ..not }
}

fn unanswered() -> Tried {
    Tried::not_sent(start(), "no answer within 10 s", false)
}

#[test]
fn any_2xx_is_success_and_nothing_else() {
    for status in 100..600 {
        let next = turn::after(&fresh(), &answered(status), &settings(false), 0.0, start());
        let expected = match status {
            200..=299 => DeliveryStatus::Delivered,
            410 => DeliveryStatus::Failed,
            _ => DeliveryStatus::Pending,
        };
        assert_eq!(next.status, expected, "{status}");
        assert_eq!(next.tries, 1);
        assert_eq!(next.history.last().unwrap().error.is_none(), (200..300).contains(&status));
    }
}

#[test]
fn failures_wait_as_listed_and_then_it_is_over() {
    let (mut row, mut now, mut waits) = (fresh(), start(), Vec::new());
    while row.status == DeliveryStatus::Pending {
        row = turn::after(&row, &unanswered(), &settings(false), 0.0, now);
        waits.push(row.due.since(now).as_secs());
        now = row.due;
    }
    assert_eq!(waits, [10, 60, 300, 1800, 7200, 21_600, 43_200, 0]);
    assert_eq!((row.status, row.tries), (DeliveryStatus::Failed, 8));
    let again = turn::again(&row, now);
    assert_eq!((again.status, again.tries), (DeliveryStatus::Pending, 0));
    assert_eq!(again.history.len(), 8, "what was is not forgotten");
}

#[test]
fn who_asks_to_be_left_alone_is_for_as_long_as_makes_sense() {
    let after = |seconds| {
        let tried = Tried { retry_after: Some(Duration::from_secs(seconds)), ..answered(429) };
        turn::after(&fresh(), &tried, &settings(false), 0.0, start()).due.since(start()).as_secs()
    };
    assert_eq!(after(1), 10, "never sooner than listed");
    assert_eq!(after(120), 120);
    assert_eq!(after(1_000_000), turn::LONGEST_WAIT.as_secs());
}

#[test]
fn what_cannot_be_sent_is_not_tried_again() {
    let tried = Tried::not_sent(start(), "the event is no longer kept", true);
    let next = turn::after(&fresh(), &tried, &settings(false), 0.0, start());
    assert_eq!(next.status, DeliveryStatus::Failed);
}

#[test]
fn what_ends_holds_up_nobody() {
    let row = Delivery { followed: true, ..fresh() };
    assert!(turn::after(&row, &unanswered(), &settings(false), 0.0, start()).followed);
    assert!(!turn::after(&row, &answered(200), &settings(false), 0.0, start()).followed);
}

#[test]
fn redirects_say_what_to_do() {
    let told = answered(302).trouble().unwrap();
    assert!(told.contains("redirects are not followed"), "{told}");
    assert!(answered(204).trouble().is_none());
}

#[test]
fn health_remembers_since_when_and_what_was_missed() {
    let note = |row: &WebhookHealth, tried: &Tried, seq, at| {
        turn::health(row, tried, seq, at).unwrap_or_else(|| row.clone())
    };
    let good = note(&WebhookHealth::default(), &answered(200), 5, start());
    assert_eq!((good.last_success_seq, turn::replay_from(&good)), (Some(5), None));
    let at = |seconds| start() + Duration::from_secs(seconds);
    assert_eq!(turn::health(&good, &answered(200), 6, at(1)), None, "near enough");
    let bad = note(&good, &unanswered(), 9, at(2));
    assert_eq!((bad.failing_since, turn::replay_from(&bad)), (Some(at(2)), Some(6)));
    let lower = note(&bad, &unanswered(), 4, at(3));
    assert_eq!((lower.failing_since, turn::replay_from(&lower)), (Some(at(2)), Some(4)));
    assert_eq!(turn::health(&lower, &unanswered(), 10, at(4)), None, "nothing new");
    // A test is in no log.
    assert_eq!(note(&bad, &unanswered(), 0, at(5)).missed_from, Some(9));
    let mended = note(&lower, &answered(200), 9, at(6));
    assert_eq!((mended.failing_since, mended.missed_from), (None, None));
    assert_eq!(mended.last_success_seq, Some(9));
}

#[test]
fn five_days_of_nothing_but_failures_are_enough() {
    let patience = settings(false).patience();
    assert_eq!(patience, Duration::from_secs(5 * 24 * 3600));
    let row = WebhookHealth { failing_since: Some(start()), ..WebhookHealth::default() };
    let second = Duration::from_secs(1);
    assert!(!turn::is_over(&row, patience, start() + patience - second));
    assert!(turn::is_over(&row, patience, start() + patience));
    assert!(!turn::is_over(&WebhookHealth::default(), patience, start() + patience));
}

proptest! {
    /// Jitter is added, never taken away, and at most a tenth.
    #[test]
    fn jitter_only_adds(tries in 0_u16..7, chance in 0.0..1.0_f64) {
        let settings = settings(false);
        let listed = u64::from(settings.backoff_seconds[usize::from(tries)]) * 1000;
        let row = Delivery { tries, ..fresh() };
        let next = turn::after(&row, &unanswered(), &settings, chance, start());
        let wait = u64::try_from(next.due.since(start()).as_millis()).unwrap();
        prop_assert!((listed..=listed + listed / 10).contains(&wait), "{wait}");
    }
}
