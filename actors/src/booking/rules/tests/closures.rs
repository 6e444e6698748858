//! Closed days.

use super::*;
use crate::booking::rules::{Detail, slots};

const ZONE: &str = "America/Sao_Paulo";

/// The rules that are broken when 2026-11-20, a Friday, is closed.
#[track_caller]
fn check(schedule: Option<WeeklySchedule>, start: &str, end: &str, expected: &[Rule]) {
    let closures = vec![closed("2026-11-20", "2026-11-20")];
    let terms = Terms { closures, schedule, interval: 60, ..terms(ZONE) };
    let found = judged(&terms, local(ZONE, "2026-11-18T07:00"), span(ZONE, start, end), &[]);
    assert_eq!(broken(&found), expected, "{start} to {end}");
}

#[test]
fn a_closed_day_is_not_touched() {
    use Rule::{Closed, OutsideWorkingHours};
    check(None, "2026-11-20T08:00", "2026-11-20T09:00", &[Closed]);
    check(None, "2026-11-20T19:00", "2026-11-20T20:00", &[OutsideWorkingHours, Closed]);
    check(None, "2026-11-19T17:00", "2026-11-19T18:00", &[]);
    check(None, "2026-11-21T08:00", "2026-11-21T09:00", &[]);
    let whole = Some(always());
    check(whole.clone(), "2026-11-19T23:00", "2026-11-20T00:00", &[]);
    check(whole.clone(), "2026-11-19T23:00", "2026-11-20T01:00", &[Closed]);
    check(whole.clone(), "2026-11-19T23:00", "2026-11-21T01:00", &[Closed]);
    check(whole, "2026-11-21T00:00", "2026-11-21T01:00", &[]);
}

#[test]
fn its_spill_past_midnight_is_gone_and_the_evening_before_is_cut() {
    use Rule::{Closed, ResourceUnavailable};
    let late = Some(daily(&[window("20:00", "03:00")]));
    check(late.clone(), "2026-11-19T22:00", "2026-11-20T00:00", &[]);
    check(late.clone(), "2026-11-19T22:00", "2026-11-20T01:00", &[Closed]);
    check(late.clone(), "2026-11-20T01:00", "2026-11-20T02:00", &[Closed]);
    check(late.clone(), "2026-11-21T00:00", "2026-11-21T01:00", &[Closed]);
    check(late.clone(), "2026-11-21T20:00", "2026-11-22T01:00", &[]);
    // Outside its windows nothing is missing.
    check(late, "2026-11-21T04:00", "2026-11-21T05:00", &[ResourceUnavailable]);
    // What the next day's own window holds needs no spill.
    let both = Some(daily(&[window("00:00", "03:00"), window("20:00", "02:00")]));
    check(both, "2026-11-21T00:00", "2026-11-21T02:00", &[]);
}

#[test]
fn closures_last_for_days_and_say_why() {
    let closures = vec![closed("2026-11-20", "2026-11-22")];
    let terms = Terms { closures, schedule: Some(always()), ..terms(ZONE) };
    let now = local(ZONE, "2026-11-18");
    let asked = span(ZONE, "2026-11-19T12:00", "2026-11-23T12:00");
    let found = judged(&terms, now, asked, &[]);
    let why = Detail::Closure { date: date("2026-11-20"), reason: Some("Feriado".into()) };
    assert_eq!(found.verdicts[8].detail, why);
    let day = |day: &str| slots(&terms, now, date(day), &[]);
    for slot in ["2026-11-20", "2026-11-21", "2026-11-22"].iter().flat_map(|text| day(text)) {
        assert_eq!(slot.refused, Some(Rule::Closed));
    }
    assert_eq!(day("2026-11-21").len(), 48);
    assert!(day("2026-11-23").iter().all(|slot| slot.refused.is_none()));
}
