//! A table for each rule, with its edges.

use super::*;
use crate::booking::rules::{Detail, Fact};

const ZONE: &str = "America/Sao_Paulo";
const NOW: &str = "2026-11-20T07:00";

/// The rules that are broken on 2026-11-23, a Monday.
#[track_caller]
fn check(terms: &Terms, start: &str, end: &str, expected: &[Rule]) {
    let day = |time: &str| format!("2026-11-23T{time}");
    let asked = span(ZONE, &day(start), &day(end));
    let found = judged(terms, local(ZONE, NOW), asked, &[]);
    assert_eq!(broken(&found), expected, "{start} to {end}");
    assert_eq!(found.bookable(), expected.is_empty());
    assert_eq!(found.first_broken(), expected.first().copied());
    let order: Vec<Rule> = found.verdicts.iter().map(|verdict| verdict.rule).collect();
    assert_eq!(order, Rule::ALL);
}

#[test]
fn hours_alignment_and_length() {
    use Rule::{DurationNotMultiple, NotAligned, OutsideWorkingHours};
    let terms = terms(ZONE);
    check(&terms, "08:00", "08:30", &[]);
    check(&terms, "08:00", "18:00", &[]);
    check(&terms, "17:30", "18:00", &[]);
    check(&terms, "17:30", "18:30", &[OutsideWorkingHours]);
    check(&terms, "07:30", "08:00", &[OutsideWorkingHours]);
    check(&terms, "07:30", "08:30", &[OutsideWorkingHours]);
    check(&terms, "18:00", "18:30", &[OutsideWorkingHours]);
    check(&terms, "10:15", "10:45", &[NotAligned]);
    check(&terms, "10:00", "10:45", &[DurationNotMultiple]);
    check(&terms, "10:00:01", "10:30:01", &[NotAligned]);
    check(&terms, "10:00", "10:00", &[DurationNotMultiple]);
    check(&terms, "10:00", "09:30", &[DurationNotMultiple]);
    let by_forty = Terms { interval: 40, opening: time("08:10"), ..terms };
    check(&by_forty, "08:10", "08:50", &[]);
    check(&by_forty, "08:50", "10:10", &[]);
    check(&by_forty, "09:10", "09:50", &[NotAligned]);
}

#[test]
fn a_schedule_takes_the_place_of_the_hours() {
    use Rule::{NotAligned, ResourceUnavailable};
    let windows = [window("09:00", "12:00"), window("13:15", "15:15")];
    let terms = Terms { schedule: Some(daily(&windows)), working_days: vec![], ..terms(ZONE) };
    check(&terms, "09:00", "12:00", &[]);
    check(&terms, "13:15", "15:15", &[]);
    check(&terms, "08:00", "08:30", &[ResourceUnavailable]);
    check(&terms, "11:30", "12:30", &[ResourceUnavailable]);
    check(&terms, "13:00", "13:30", &[ResourceUnavailable]);
    // Between the two the grid of the first one goes on, after it is that of the
    // second.
    check(&terms, "12:15", "12:45", &[NotAligned, ResourceUnavailable]);
    check(&terms, "13:30", "14:00", &[NotAligned]);
    check(&terms, "15:30", "16:00", &[NotAligned, ResourceUnavailable]);
    check(&terms, "15:45", "16:15", &[ResourceUnavailable]);
    let day_off = WeeklySchedule { monday: vec![], ..daily(&windows) };
    let terms = Terms { schedule: Some(day_off), ..terms };
    check(&terms, "09:00", "09:30", &[ResourceUnavailable]);
}

#[test]
fn days_of_the_week_begin_on_monday() {
    let mondays = Terms { working_days: vec![0], ..terms(ZONE) };
    check(&mondays, "08:00", "08:30", &[]);
    let others = Terms { working_days: vec![1, 2, 3, 4, 5, 6], ..terms(ZONE) };
    check(&others, "08:00", "08:30", &[Rule::OutsideWorkingHours]);
}

#[test]
fn the_present_the_notice_and_the_advance_window() {
    use Rule::{BeyondAdvanceWindow, InThePast, MinNotice};
    let terms = Terms { min_notice: 60, advance_days: 1, schedule: Some(always()), ..terms(ZONE) };
    let now = local(ZONE, "2026-11-20T10:00");
    let check = |start: &str, expected: &[Rule]| {
        let start = local(ZONE, start);
        let found = judged(&terms, now, Span::new(start, start + minutes(30)), &[]);
        assert_eq!(broken(&found), expected, "{start}");
    };
    check("2026-11-20T09:30", &[InThePast, MinNotice]);
    check("2026-11-20T10:00", &[MinNotice]);
    check("2026-11-20T10:30", &[MinNotice]);
    check("2026-11-20T11:00", &[]);
    check("2026-11-21T10:00", &[]);
    check("2026-11-21T10:30", &[BeyondAdvanceWindow]);
}

#[test]
fn the_resource_and_who_books() {
    let inactive = Terms { active: false, ..terms(ZONE) };
    check(&inactive, "08:00", "08:30", &[Rule::ResourceInactive]);
    let asked = span(ZONE, "2026-11-23T08:00", "2026-11-23T08:30");
    let found = judge(&terms(ZONE), local(ZONE, NOW), &Booker { allowed: false }, asked, &[]);
    assert_eq!(broken(&found), [Rule::UserNotAllowed]);
}

#[test]
fn nothing_is_longer_than_the_longest_booking() {
    let terms = Terms { schedule: Some(always()), ..terms(ZONE) };
    let start = local(ZONE, "2026-11-23T00:00");
    let longest = Span::new(start, start + zelador_store::booking::LONGEST);
    assert!(judged(&terms, local(ZONE, NOW), longest, &[]).bookable());
    for end in [longest.end + minutes(30), Timestamp::MAX] {
        let found = judged(&terms, local(ZONE, NOW), Span::new(start, end), &[]);
        assert_eq!(broken(&found), [Rule::DurationNotMultiple]);
        let detail = &found.verdicts[5].detail;
        assert_eq!(*detail, Detail::TooLong { hours: 744 });
    }
}

#[test]
fn the_ends_of_time_are_judged_too() {
    let terms = Terms { closures: vec![closed("2026-11-23", "2026-11-23")], ..terms(ZONE) };
    for (start, end) in [
        (Timestamp::MIN, Timestamp::MAX),
        (Timestamp::MAX, Timestamp::MIN),
        (Timestamp::MAX, Timestamp::MAX),
        (Timestamp::MIN, Timestamp::MIN),
    ] {
        let found = judged(&terms, local(ZONE, NOW), Span::new(start, end), &[]);
        assert!(!found.bookable());
        assert!(!judged(&terms, Timestamp::MAX, Span::new(start, end), &[]).bookable());
    }
}

#[test]
fn a_seat_for_all_of_it() {
    let terms = Terms { seats: 2, ..terms(ZONE) };
    let at = |from: &str, to: &str| {
        span(ZONE, &format!("2026-11-23T{from}"), &format!("2026-11-23T{to}"))
    };
    let all = [taken(1, at("10:00", "11:00")), taken(2, at("11:00", "12:00"))];
    // Two of them meet the span, one at a time.
    assert!(judged(&terms, local(ZONE, NOW), at("10:00", "12:00"), &all).bookable());
    let all = [all[0], all[1], taken(3, at("10:30", "11:30"))];
    let found = judged(&terms, local(ZONE, NOW), at("10:00", "12:00"), &all);
    assert_eq!(broken(&found), [Rule::Conflict]);
    assert_eq!(found.conflicts, [all[0], all[2], all[1]]);
    let seats = Detail::Seats { seats: 2, peak: 2, at: local(ZONE, "2026-11-23T10:30") };
    assert_eq!(found.verdicts[10].detail, seats);
    assert!(judged(&terms, local(ZONE, NOW), at("11:30", "12:00"), &all).bookable());
    // Only what shares a full moment stands in the way.
    let found = judged(&terms, local(ZONE, NOW), at("11:00", "11:30"), &all);
    assert_eq!(found.conflicts, [all[2], all[1]]);
}

#[test]
fn the_gap_between_neighbours_is_kept_once() {
    let terms = Terms { buffer: 30, ..terms(ZONE) };
    let at = |from: &str, to: &str| {
        span(ZONE, &format!("2026-11-23T{from}"), &format!("2026-11-23T{to}"))
    };
    let all = [taken(1, at("10:00", "11:00"))];
    let check = |from: &str, to: &str, free: bool| {
        let found = judged(&terms, local(ZONE, NOW), at(from, to), &all);
        assert_eq!(found.bookable(), free, "{from} to {to}");
        assert_eq!(found.conflicts.is_empty(), free);
    };
    check("11:30", "12:00", true);
    check("11:00", "11:30", false);
    check("09:00", "09:30", true);
    check("09:00", "10:00", false);
    // None at the opening, nor at the closing.
    check("08:00", "08:30", true);
    check("17:30", "18:00", true);
}

#[test]
fn conflicts_are_listed_up_to_a_bound() {
    let terms = terms(ZONE);
    let asked = span(ZONE, "2026-11-23T08:00", "2026-11-23T18:00");
    let minute = |number: u8| {
        let start = asked.start + minutes(u64::from(number) * 2);
        taken(number, Span::new(start, start + minutes(1)))
    };
    let all: Vec<Taken> = (0..50).rev().map(minute).collect();
    let found = judged(&terms, local(ZONE, NOW), asked, &all);
    assert_eq!(found.conflicts, (0..20).map(minute).collect::<Vec<_>>());
}

#[test]
fn details_name_the_facts() {
    let terms = Terms { min_notice: 60, ..terms(ZONE) };
    let asked = span(ZONE, "2026-11-23T10:10", "2026-11-23T10:40");
    let found = judged(&terms, local(ZONE, NOW), asked, &[]);
    let grid = &found.verdicts[6].detail;
    let expected = [
        ("interval", Fact::Number(30)),
        ("opening", Fact::Time(time("08:00"))),
        ("before", Fact::At(local(ZONE, "2026-11-23T10:00"))),
        ("after", Fact::At(local(ZONE, "2026-11-23T10:30"))),
    ];
    assert_eq!((grid.key(), grid.args()), ("detail-grid", expected.to_vec()));
    let hours = &found.verdicts[7].detail;
    let windows = vec![window("08:00", "18:00")];
    assert_eq!(*hours, Detail::Hours { date: date("2026-11-23"), windows });
    assert_eq!(found.verdicts[9].detail, Detail::Nothing);
    for verdict in &found.verdicts {
        assert_eq!(verdict.detail.key().is_empty(), verdict.detail == Detail::Nothing);
    }
}
