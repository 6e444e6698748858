//! Channels: kept, renewed, taken for dead.

use std::time::Duration;

use zelador_store::Timestamp;

use crate::drive::rules::channels::{Held, Plan, is_silent, plan, renew_at};

fn at(seconds: u64) -> Timestamp {
    Timestamp::EPOCH + Duration::from_secs(seconds)
}

fn held(opened: u64, expires: u64) -> Held {
    Held { ours: true, answered: true, opened_at: at(opened), expires_at: at(expires), spread: 0.0 }
}

#[track_caller]
fn check(held: &[Held], silent: bool, now: u64, keep: Option<usize>, open: bool) {
    let Plan { keep: kept, open: opened, .. } = plan(held, true, silent, at(now));
    assert_eq!((kept, opened), (keep, open), "{held:?} at {now}");
}

#[test]
fn one_channel_is_open_and_the_next_in_time() {
    check(&[], false, 0, None, true);
    check(&[held(0, 1000)], false, 10, Some(0), false);
    check(&[held(0, 1000)], false, 749, Some(0), false);
    check(&[held(0, 1000)], false, 750, Some(0), true);
    // The new one is kept; whoever closes the first has looked before.
    check(&[held(0, 1000), held(750, 1750)], false, 751, Some(1), false);
    check(&[held(750, 1750), held(0, 1000)], false, 751, Some(0), false);
    // After a long stop.
    check(&[held(0, 1000)], false, 1000, None, true);
}

#[test]
fn only_what_google_answered_for_this_address_counts() {
    let other = Held { ours: false, ..held(0, 1000) };
    let pending = Held { answered: false, ..held(5, 1000) };
    check(&[other, pending], false, 10, None, true);
    check(&[other, held(1, 1000), pending], false, 10, Some(1), false);
    let none = Plan { keep: None, open: false, again: None };
    assert_eq!(plan(&[held(0, 1000)], false, true, at(10)), none);
}

#[test]
fn one_that_is_silent_is_replaced() {
    check(&[held(0, 1000)], true, 10, Some(0), true);
    for (unheard, replaced, silent) in [
        (0, 0, false),
        (1, 0, false),
        (2, 0, true),
        (2, 1, false),
        (4, 1, true),
        (63, 5, false),
        (64, 5, true),
        (64, 1000, true),
    ] {
        assert_eq!(is_silent(unheard, replaced), silent, "{unheard} after {replaced}");
    }
}

#[test]
fn they_are_not_all_renewed_at_once() {
    let times: Vec<_> = [0.0, 0.5, 1.0]
        .map(|spread| renew_at(&Held { spread, ..held(0, 1000) }))
        .into_iter()
        .collect();
    assert_eq!(times, [at(750), at(725), at(700)]);
}
