//! When a run stops and asks.

use crate::wispro::rules::brakes::{Found, Limits, check};

const LIMITS: Limits = Limits { changed_percent: 30, created_percent: 20, least: 10 };

#[track_caller]
fn rule(found: Found, expected: Option<(&str, u64, u64)>) {
    let brake = check(&found, &LIMITS);
    let brake = brake.as_ref().map(|b| (b.rule.as_str(), b.found, b.limit));
    assert_eq!(brake, expected, "{found:?}");
}

#[test]
fn a_run_is_braked_by_what_it_would_do() {
    let found = |change, create, unchanged| Found {
        met: change + create + unchanged,
        promised: Some(change + create + unchanged),
        create,
        change,
        unchanged,
        first: false,
    };
    rule(found(30, 0, 70), None);
    rule(found(31, 0, 69), Some(("too_many_changed", 31, 30)));
    rule(found(0, 20, 100), None);
    rule(found(0, 21, 100), Some(("too_many_created", 21, 20)));
    // A handful goes always.
    rule(found(10, 10, 0), None);
    rule(found(11, 0, 0), Some(("too_many_changed", 11, 10)));
}

#[test]
fn the_first_run_may_create_everybody() {
    let first =
        Found { met: 500, promised: Some(500), create: 500, first: true, ..Found::default() };
    rule(first, None);
    rule(Found { first: false, ..first }, Some(("too_many_created", 500, 10)));
}

#[test]
fn fewer_clients_than_promised_are_a_brake() {
    let fewer = Found { met: 99, promised: Some(100), first: true, ..Found::default() };
    rule(fewer, Some(("fewer_than_promised", 99, 100)));
    rule(Found { promised: None, ..fewer }, None);
    rule(Found { met: 100, ..fewer }, None);
}
