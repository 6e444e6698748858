//! Fair shares.

use std::time::Duration;

use proptest::prelude::*;
use zelador_store::Timestamp;

use super::settings;
use crate::engine::webhooks::rules::lane::{LONGEST_PACE, Lane, STEADY, Taken};

fn now() -> Timestamp {
    "2025-12-01T12:00:00Z".parse().unwrap()
}

const QUICK: Duration = Duration::from_millis(20);

#[test]
fn each_limit_binds() {
    let settings = settings(false);
    let room = |lane: Lane, taken| lane.room(taken, &settings, now());
    let none = Taken::default();
    let healthy = Lane::default();
    assert_eq!(room(healthy, none), 16);
    assert_eq!(room(Lane { running: 10, ..healthy }, none), 6);
    assert_eq!(room(healthy, Taken { tenant: 30, ..none }), 2);
    assert_eq!(room(healthy, Taken { all: 63, ..none }), 1);
    assert_eq!(room(healthy, Taken { all: 64, ..none }), 0);
    // Slow ones leave half of the places to others.
    let slow = Lane { lagging: true, ..healthy };
    assert_eq!(room(slow, Taken { all: 32, slow: 32, tenant: 0 }), 0);
    assert_eq!(room(healthy, Taken { all: 32, slow: 32, tenant: 0 }), 16);
}

#[test]
fn a_receiver_that_is_not_there_is_tried_once_at_a_time_and_seldom() {
    let (mut lane, settings) = (Lane::default(), settings(false));
    for _ in 0..STEADY - 1 {
        lane.note(false, QUICK, now());
    }
    assert_eq!(lane.not_before, None, "a few failures hold up nothing else");
    assert!(lane.room(Taken::default(), &settings, now()) > 1);
    let (mut pace, mut at) = (Duration::ZERO, now());
    for _ in 0..10 {
        lane.note(false, QUICK, at);
        let until = lane.not_before.unwrap();
        let next = until.since(at);
        assert!(next >= pace && next <= LONGEST_PACE, "{next:?} after {pace:?}");
        pace = next;
        assert_eq!(lane.room(Taken::default(), &settings, at), 0);
        assert_eq!(lane.room(Taken::default(), &settings, until), 1);
        // That one was begun when it had to be.
        at = until + QUICK;
    }
    assert_eq!(pace, LONGEST_PACE);
    lane.note(true, QUICK, now());
    assert_eq!(lane, Lane::default(), "one success is enough");
}

/// A receiver that restarts is missed by all that are under way, which is one failure
/// and not a reason to leave it alone for half a minute.
#[test]
fn what_was_under_way_says_only_once_that_nobody_is_there() {
    let mut lane = Lane::default();
    for _ in 0..STEADY + 15 {
        lane.note(false, QUICK, now());
    }
    assert_eq!(lane.not_before, Some(now() + Duration::from_secs(1)));
}

proptest! {
    /// Whatever others do, one that answers quickly and its tenant, who have
    /// nothing under way, get a place as long as fewer than half are taken by
    /// quick ones.
    #[test]
    fn the_slow_never_keep_the_quick_waiting(slow in 0_u32..=32, quick in 0_u32..32) {
        let taken = Taken { all: slow + quick, slow, tenant: 0 };
        prop_assert!(Lane::default().room(taken, &settings(false), now()) > 0);
    }
}
