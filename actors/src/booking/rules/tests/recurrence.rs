//! Series from patterns, and what becomes of them when the clock is changed.

use super::*;
use crate::booking::rules::recurrence::MOST;
use crate::booking::rules::{
    Frequency, Occurrence, Pattern, Recurrence, RecurrenceFlaw, expand, horizon,
};

const ZONE: &str = "America/Sao_Paulo";

fn pattern(frequency: Frequency, interval: u32, end: Option<&str>, days: &[u8]) -> Pattern {
    let end_date = end.map(|text| text.parse().unwrap());
    Pattern { frequency, interval, end_date, days_of_week: days.to_vec() }
}

fn hour(zone: &str, start: &str) -> Span {
    let start = local(zone, start);
    Span::new(start, start + minutes(60))
}

/// To the end of 60 days, if the rule does not say.
fn made(zone: &str, rule: &Recurrence, start: &str) -> Result<Vec<Occurrence>, RecurrenceFlaw> {
    let terms = Terms { advance_days: 60, ..terms(zone) };
    let first = hour(zone, start);
    expand(rule, first, &terms.zone, horizon(&terms, first.start))
}

fn shown(made: &[Occurrence], zone: &str) -> Vec<String> {
    let zone = moment::zone(zone).unwrap().0;
    let show = |made: &Occurrence| {
        let mark = if made.dst_adjusted { "*" } else { "" };
        format!("{}{mark}", zone.to_datetime(made.start.to_jiff()).strftime("%m-%d %H:%M"))
    };
    made.iter().map(show).collect()
}

#[track_caller]
fn check(pattern: &Pattern, start: &str, expected: &[&str]) {
    let rule = Recurrence::from_pattern(pattern).unwrap();
    let found = made(ZONE, &rule, start).unwrap();
    assert_eq!(shown(&found, ZONE), expected);
    let numbers: Vec<usize> = found.iter().map(|made| made.index).collect();
    assert_eq!(numbers, (0..expected.len()).collect::<Vec<_>>());
}

#[test]
fn the_patterns_of_the_seed() {
    use Frequency::{Daily, Monthly, Weekly};
    let end = Some("2025-12-31T23:59:59Z");
    check(
        &pattern(Weekly, 1, end, &[2]),
        "2025-12-10T11:00",
        &["12-10 11:00", "12-17 11:00", "12-24 11:00", "12-31 11:00"],
    );
    check(
        &pattern(Weekly, 1, Some("2025-12-15"), &[0, 2, 4]),
        "2025-12-10T11:00",
        &["12-10 11:00", "12-12 11:00", "12-15 11:00"],
    );
    check(
        &pattern(Daily, 2, Some("2025-12-15T12:00"), &[]),
        "2025-12-10T11:00",
        &["12-10 11:00", "12-12 11:00", "12-14 11:00"],
    );
    check(
        &pattern(Monthly, 1, Some("2026-03-15"), &[]),
        "2025-12-15T11:00",
        &["12-15 11:00", "01-15 11:00", "02-15 11:00", "03-15 11:00"],
    );
}

#[test]
fn the_end_is_inclusive() {
    let daily = |end| pattern(Frequency::Daily, 1, Some(end), &[]);
    let two = ["12-10 11:00", "12-11 11:00"];
    check(&daily("2025-12-11"), "2025-12-10T11:00", &two);
    check(&daily("2025-12-11T11:00"), "2025-12-10T11:00", &two);
    check(&daily("2025-12-11T14:00:00Z"), "2025-12-10T11:00", &two);
    check(&daily("2025-12-11T10:59"), "2025-12-10T11:00", &two[..1]);
    check(&daily("2025-12-11T13:59:59Z"), "2025-12-10T11:00", &two[..1]);
    check(&daily("2025-12-10"), "2025-12-10T11:00", &two[..1]);
    // The local day is what counts, not that of UTC.
    check(&daily("2025-12-11"), "2025-12-10T22:30", &["12-10 22:30", "12-11 22:30"]);
}

#[test]
fn months_that_lack_the_day_are_skipped() {
    let monthly = |end| pattern(Frequency::Monthly, 1, Some(end), &[]);
    let longer = ["01-31 09:00", "03-31 09:00", "05-31 09:00"];
    check(&monthly("2026-06-30"), "2026-01-31T09:00", &longer);
    let leap = pattern(Frequency::Monthly, 12, Some("2032-12-31"), &[]);
    check(&leap, "2028-02-29T09:00", &["02-29 09:00", "02-29 09:00"]);
}

#[test]
fn weeks_begin_on_monday() {
    // Every other week, from a Wednesday: the Monday after is of the next week.
    check(
        &pattern(Frequency::Weekly, 2, Some("2026-01-31"), &[0, 2]),
        "2026-01-07T09:00",
        &["01-07 09:00", "01-19 09:00", "01-21 09:00"],
    );
    check(
        &pattern(Frequency::Weekly, 2, Some("2026-02-02"), &[6]),
        "2026-01-04T09:00",
        &["01-04 09:00", "01-18 09:00", "02-01 09:00"],
    );
}

#[test]
fn without_an_end_it_runs_to_the_advance_window_or_to_the_most() {
    let rule = Recurrence::from_pattern(&pattern(Frequency::Daily, 1, None, &[])).unwrap();
    let found = made(ZONE, &rule, "2026-01-01T09:00").unwrap();
    assert_eq!(found.len(), 61);
    assert_eq!(found[60].start, local(ZONE, "2026-03-02T09:00"));
    let first = hour(ZONE, "2026-01-01T09:00");
    let zone = moment::zone(ZONE).unwrap().0;
    assert_eq!(expand(&rule, first, &zone, Timestamp::MAX).unwrap().len(), MOST);
    // The first one is there in any case: the rules say why it cannot be booked.
    assert_eq!(expand(&rule, first, &zone, Timestamp::EPOCH).unwrap().len(), 1);
    assert!(!rule.ends());
}

#[test]
fn what_a_pattern_cannot_be() {
    use Frequency::{Daily, Monthly, Weekly};
    let flaw = |pattern: &Pattern, start: &str| {
        let rule = Recurrence::from_pattern(pattern);
        rule.and_then(|rule| made(ZONE, &rule, start)).unwrap_err()
    };
    let start = "2026-01-05T09:00";
    let check = |pattern: &Pattern, expected: RecurrenceFlaw| {
        assert_eq!(flaw(pattern, start), expected);
    };
    check(&pattern(Daily, 0, None, &[]), RecurrenceFlaw::Interval { most: 52 });
    check(&pattern(Daily, 53, None, &[]), RecurrenceFlaw::Interval { most: 52 });
    check(&pattern(Weekly, 1, None, &[7]), RecurrenceFlaw::Weekday);
    check(&pattern(Monthly, 1, None, &[0]), RecurrenceFlaw::WeekdaysMonthly);
    check(&pattern(Weekly, 1, None, &[1, 2]), RecurrenceFlaw::StartNotInPattern);
    check(&pattern(Daily, 1, None, &[1, 2]), RecurrenceFlaw::StartNotInPattern);
    check(&pattern(Daily, 1, Some("2026-01-04"), &[]), RecurrenceFlaw::EndBeforeStart);
    check(&pattern(Daily, 1, Some("2027-01-05"), &[]), RecurrenceFlaw::TooMany);
    check(&pattern(Monthly, 1, Some("2040-01-05"), &[]), RecurrenceFlaw::TooFar);
    let most = Recurrence::from_pattern(&pattern(Daily, 1, Some("2027-01-04"), &[])).unwrap();
    assert_eq!(made(ZONE, &most, start).unwrap().len(), MOST);
}

#[test]
fn the_wall_clock_is_kept_across_changes() {
    let zone = "America/New_York";
    let daily = |start: &str, count: usize| {
        let rule = Recurrence::from_rrule(&format!("FREQ=DAILY;COUNT={count}")).unwrap();
        let found = made(zone, &rule, start).unwrap();
        assert!(found.iter().all(|made| made.end == made.start + minutes(60)));
        shown(&found, zone)
    };
    assert_eq!(daily("2026-03-07T10:00", 3), ["03-07 10:00", "03-08 10:00", "03-09 10:00"]);
    assert_eq!(daily("2026-03-07T02:30", 3), ["03-07 02:30", "03-08 03:30*", "03-09 02:30"]);
    assert_eq!(daily("2026-10-31T01:30", 3), ["10-31 01:30", "11-01 01:30", "11-02 01:30"]);
    let rule = Recurrence::from_rrule("FREQ=DAILY;COUNT=2").unwrap();
    let found = made(zone, &rule, "2026-10-31T01:30").unwrap();
    assert_eq!(found[1].start, at("2026-11-01T05:30:00Z"), "the earlier of two");
    assert_eq!(found[1].original, "2026-11-01T01:30".parse().unwrap());
    // Midnight is left out in Santiago.
    let rule = Recurrence::from_rrule("FREQ=WEEKLY;COUNT=2").unwrap();
    let found = made("America/Santiago", &rule, "2026-08-30T00:00").unwrap();
    assert_eq!(shown(&found, "America/Santiago"), ["08-30 00:00", "09-06 01:00*"]);
}

#[test]
fn the_first_one_stands_where_it_was_asked_for() {
    let zone = moment::zone("America/New_York").unwrap().0;
    let second_pass = at("2026-11-01T06:30:00Z");
    let first = Span::new(second_pass, second_pass + minutes(30));
    let rule = Recurrence::from_rrule("FREQ=DAILY;COUNT=2").unwrap();
    let found = expand(&rule, first, &zone, Timestamp::MAX).unwrap();
    assert_eq!(found[0].start, second_pass);
    assert_eq!(found[1].start, local("America/New_York", "2026-11-02T01:30"));
}

#[test]
fn a_day_that_was_left_out_makes_no_two_of_one() {
    let rule = Recurrence::from_rrule("FREQ=DAILY;COUNT=4").unwrap();
    let found = made("Pacific/Apia", &rule, "2011-12-28T12:00").unwrap();
    let expected = ["12-28 12:00", "12-29 12:00", "12-31 12:00*"];
    assert_eq!(shown(&found, "Pacific/Apia"), expected);
}

#[test]
fn occurrences_are_left_out_by_day_by_wall_and_by_instant() {
    let rule = Recurrence::from_rrule("FREQ=DAILY;COUNT=6").unwrap();
    let out = ["2026-01-02", "2026-01-03T09:00", "2026-01-04T12:00:00Z", "2026-01-05T09:30"];
    let out = out.map(|text| text.parse().unwrap());
    let rule = rule.except(&out).unwrap();
    let found = made(ZONE, &rule, "2026-01-01T09:00").unwrap();
    assert_eq!(shown(&found, ZONE), ["01-01 09:00", "01-05 09:00", "01-06 09:00"]);
    assert_eq!(found[1].index, 1);
    let all = Recurrence::from_rrule("FREQ=DAILY;COUNT=1").unwrap();
    let all = all.except(&["2026-01-01".parse().unwrap()]).unwrap();
    assert_eq!(made(ZONE, &all, "2026-01-01T09:00"), Err(RecurrenceFlaw::NothingLeft));
}
