//! Series against the calendar, and against themselves.

use super::*;
use crate::booking::rules::{Occurrence, Recurrence, expand, judge_series};

const ZONE: &str = "America/Sao_Paulo";

fn made(rule: &str, start: &str, long: u64) -> Vec<Occurrence> {
    let start = local(ZONE, start);
    let first = Span::new(start, start + minutes(long));
    let zone = moment::zone(ZONE).unwrap().0;
    expand(&Recurrence::from_rrule(rule).unwrap(), first, &zone, Timestamp::MAX).unwrap()
}

/// The occurrences that are broken: their index, by what, and by which of the
/// series.
type Failing = Vec<(usize, Vec<Rule>, Vec<usize>)>;

fn failing(terms: &Terms, made: &[Occurrence], taken: &[Taken]) -> Failing {
    let found = judge_series(terms, local(ZONE, "2026-11-20T07:00"), &ANYONE, made, taken);
    assert_eq!(found.len(), made.len());
    let failing = found.into_iter().filter(|(_, judgement)| !judgement.bookable());
    failing.map(|(index, found)| (index, broken(&found), found.siblings)).collect()
}

#[test]
fn each_is_judged_against_the_calendar() {
    let terms = Terms { closures: vec![closed("2026-11-25", "2026-11-25")], ..terms(ZONE) };
    let series = made("FREQ=DAILY;COUNT=5", "2026-11-23T10:00", 60);
    let all = [
        taken(1, span(ZONE, "2026-11-24T10:30", "2026-11-24T12:00")),
        taken(2, span(ZONE, "2026-11-26T11:00", "2026-11-26T12:00")),
    ];
    let found = judge_series(&terms, local(ZONE, "2026-11-20T07:00"), &ANYONE, &series, &all);
    assert_eq!(found[1].1.conflicts, [all[0]]);
    let expected = vec![(1, vec![Rule::Conflict], vec![]), (2, vec![Rule::Closed], vec![])];
    assert_eq!(failing(&terms, &series, &all), expected);
}

#[test]
fn the_series_stands_in_its_own_way() {
    let terms = Terms { schedule: Some(always()), ..terms(ZONE) };
    // Each lasts until an hour into the next one, which is not booked then.
    let series = made("FREQ=DAILY;COUNT=4", "2026-11-23T10:00", 25 * 60);
    let alone = vec![Rule::Conflict];
    let expected = vec![(1, alone.clone(), vec![0]), (3, alone.clone(), vec![2])];
    assert_eq!(failing(&terms, &series, &[]), expected);
    let two = Terms { seats: 2, ..terms.clone() };
    assert_eq!(failing(&two, &series, &[]), []);
    // With a seat taken, the series has one again.
    let all = [taken(1, span(ZONE, "2026-11-24T10:00", "2026-11-24T10:30"))];
    assert_eq!(failing(&two, &series, &all), [(1, alone.clone(), vec![0])]);
    // The gap behind each counts too.
    let series = made("FREQ=DAILY;COUNT=2", "2026-11-23T10:00", 24 * 60);
    assert_eq!(failing(&terms, &series, &[]), []);
    let buffered = Terms { buffer: 30, ..terms };
    assert_eq!(failing(&buffered, &series, &[]), [(1, alone, vec![0])]);
}

#[test]
fn those_before_the_advance_window_ends_can_be_booked() {
    use Rule::{BeyondAdvanceWindow, OutsideWorkingHours};
    let terms = Terms { advance_days: 4, ..terms(ZONE) };
    let series = made("FREQ=DAILY;COUNT=4", "2026-11-22T07:00", 60);
    let found = failing(&terms, &series, &[]);
    let rules: Vec<_> = found.iter().map(|(index, rules, _)| (*index, rules[0])).collect();
    let expected = [(0, OutsideWorkingHours), (1, OutsideWorkingHours), (2, OutsideWorkingHours)];
    assert_eq!(rules[..3], expected);
    assert_eq!(rules[3], (3, BeyondAdvanceWindow));
}

#[test]
fn a_long_booking_that_began_days_before_stands_in_the_way() {
    let terms = Terms { schedule: Some(always()), ..terms(ZONE) };
    let series = made("FREQ=DAILY;COUNT=4", "2026-11-23T10:00", 60);
    let all = [
        taken(1, span(ZONE, "2026-11-23T11:00", "2026-11-25T10:30")),
        taken(2, span(ZONE, "2026-11-24T12:00", "2026-11-24T12:30")),
    ];
    let alone = vec![Rule::Conflict];
    assert_eq!(failing(&terms, &series, &all), [(1, alone.clone(), vec![]), (2, alone, vec![])]);
}
