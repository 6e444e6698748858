//! The pure rules by tables.

use std::time::Duration;

use proptest::prelude::*;
use zelador_store::Timestamp;
use zelador_store::event::Consumer;

use crate::engine::events::rules::{failed, floor, is_lost, lag, passed, replayed};
use crate::engine::jobs::Failure;
use crate::engine::jobs::rules::Policy;

fn policy(tries: u16) -> Policy {
    Policy { tries, backoff_seconds: vec![10, 60] }
}

fn at(cursor: u64) -> Consumer {
    Consumer { cursor, ..Consumer::default() }
}

#[test]
fn tries_count_for_the_event_behind_the_cursor_only() {
    let now = Timestamp::EPOCH;
    let failure = Failure::retry("no");
    let tried = Consumer { tries: 1, ..at(4) };
    let (same, _) = failed(&tried, 5, &failure, &policy(3), 0.0, now);
    assert_eq!((same.cursor, same.tries), (4, 2));
    let (other, _) = failed(&tried, 9, &failure, &policy(3), 0.0, now);
    assert_eq!((other.cursor, other.tries), (8, 1));
}

#[test]
fn an_upstreams_wish_is_not_undercut() {
    let after = Some(Duration::from_secs(300));
    let failure = Failure::Retry { error: "busy".into(), after };
    let (row, parked) = failed(&at(0), 1, &failure, &policy(3), 0.0, Timestamp::EPOCH);
    assert_eq!(row.retry_at, Some(Timestamp::from_seconds(300)));
    assert_eq!(parked, None);
}

#[test]
fn the_last_try_parks() {
    let tried = Consumer { tries: 2, ..at(4) };
    let (row, parked) = failed(&tried, 5, &Failure::retry("no"), &policy(3), 0.0, Timestamp::EPOCH);
    assert_eq!((row.cursor, row.tries, row.retry_at), (5, 0, None));
    assert_eq!(parked.unwrap().tries, 3);
}

#[test]
fn a_wait_without_an_end_is_a_minute() {
    let failure = Failure::Snooze { until: None, reason: "decide".into() };
    let (row, parked) = failed(&at(0), 1, &failure, &policy(1), 0.0, Timestamp::EPOCH);
    assert_eq!((row.tries, row.retry_at), (0, Some(Timestamp::from_seconds(60))));
    assert_eq!(parked, None);
}

#[test]
fn lag_and_loss() {
    assert_eq!(lag(&at(3), 10), 7);
    assert_eq!(lag(&at(11), 10), 0);
    assert!(is_lost(&at(3), 10, 6));
    assert!(!is_lost(&at(3), 10, 7));
    let detached = Consumer { detached: true, ..at(3) };
    assert!(!is_lost(&detached, 10, 1));
    assert_eq!(replayed(1), at(0));
}

proptest! {
    /// Nothing an attached consumer needs is below the floor, nor is the last event.
    #[test]
    fn the_floor_is_below_everything_needed(
        cursors in prop::collection::vec((0..1000_u64, any::<bool>()), 0..6), tip in 0..1000_u64,
    ) {
        let rows: Vec<_> = cursors
            .iter()
            .map(|(cursor, detached)| Consumer { detached: *detached, ..at(*cursor) })
            .collect();
        let floor = floor(rows.iter(), tip);
        prop_assert!(floor < tip.max(1));
        let attached = rows.iter().filter(|row| !row.detached);
        prop_assert!(attached.clone().all(|row| row.cursor >= floor));
        // And it is not lower than need be.
        let needed = attached.map(|row| row.cursor).chain([tip.saturating_sub(1)]).min();
        prop_assert_eq!(Some(floor), needed);
    }

    /// Whatever fails, the cursor never goes back, and passes the event only to park it.
    #[test]
    fn a_failure_never_moves_the_cursor_back(
        cursor in 0..100_u64, ahead in 1..100_u64, tries in 0..5_u16, sort in 0..3_u8,
    ) {
        let failure = match sort {
            0 => Failure::retry("no"),
            1 => Failure::permanent("no"),
            _ => Failure::Snooze { until: None, reason: "no".into() },
        };
        let row = Consumer { tries, ..at(cursor) };
        let seq = cursor + ahead;
        let (next, parked) = failed(&row, seq, &failure, &policy(3), 0.5, Timestamp::EPOCH);
        prop_assert!(next.cursor >= cursor);
        prop_assert_eq!(next.cursor >= seq, parked.is_some());
        prop_assert_eq!(parked.is_none(), next.retry_at.is_some());
        prop_assert_eq!(passed(&next, seq).tries, 0);
    }
}
