//! Windows on days of every sort.

use super::*;
use crate::booking::rules::day_span;
use crate::booking::rules::slots;

/// The slots of a day, as the wall shows their starts, long before now was.
fn starts(terms: &Terms, day: &str) -> Vec<String> {
    let slots = slots(terms, Timestamp::MIN, date(day), &[]);
    let shown =
        |at: Timestamp| terms.zone.to_datetime(at.to_jiff()).strftime("%d %H:%M").to_string();
    slots.iter().map(|slot| shown(slot.start)).collect()
}

fn with(zone: &str, windows: &[Window], interval: u32) -> Terms {
    Terms { schedule: Some(daily(windows)), interval, ..terms(zone) }
}

#[test]
fn a_day_has_as_many_hours_as_it_has() {
    for (zone, day, hours) in [
        ("America/Sao_Paulo", "2026-11-22", 24),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        // Midnight is left out, and comes twice.
        ("America/Santiago", "2026-09-06", 23),
        ("America/Santiago", "2026-04-04", 25),
        ("America/Santiago", "2026-04-05", 24),
        ("America/Havana", "2026-03-08", 23),
        ("America/Havana", "2026-10-31", 24),
        ("America/Havana", "2026-11-01", 25),
        ("Pacific/Apia", "2011-12-29", 24),
        ("Pacific/Apia", "2011-12-30", 0),
        ("Pacific/Apia", "2011-12-31", 24),
    ] {
        let whole = with(zone, &[window("00:00", "00:00")], 60);
        assert_eq!(starts(&whole, day).len(), hours, "{zone} {day}");
        let span = day_span(&whole.zone, date(day));
        let length = span.map_or(0, |span| span.length().as_secs() / 3600);
        assert_eq!(length, hours as u64, "{zone} {day}");
    }
}

#[test]
fn half_an_hour_is_repeated_and_left_out_too() {
    let whole = with("Australia/Lord_Howe", &[window("00:00", "00:00")], 30);
    assert_eq!(starts(&whole, "2026-10-04").len(), 47);
    assert_eq!(starts(&whole, "2026-04-05").len(), 49);
    // By the hour, from half past: both half past ones are on the grid, but the
    // second begins before the first is over.
    let odd = with("Australia/Lord_Howe", &[window("00:30", "04:30")], 60);
    assert_eq!(starts(&odd, "2026-04-05"), ["05 00:30", "05 01:30", "05 02:30", "05 03:30"]);
}

#[test]
fn both_passes_of_a_repeated_hour_are_offered() {
    let night = with("America/New_York", &[window("00:00", "03:00")], 30);
    let expected = ["00:00", "00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30"];
    assert_eq!(starts(&night, "2026-11-01"), expected.map(|time| format!("01 {time}")));
}

#[test]
fn no_slot_crosses_what_is_left_out() {
    let night = with("America/New_York", &[window("00:00", "06:00")], 90);
    // 01:30 would go on at 03:30 on the wall.
    assert_eq!(starts(&night, "2026-03-08"), ["08 00:00", "08 03:00", "08 04:30"]);
    // One that ends where the clock jumps crosses nothing.
    let night = with("America/New_York", &[window("00:00", "06:00")], 120);
    assert_eq!(starts(&night, "2026-03-08"), ["08 00:00", "08 04:00"]);
}

#[test]
fn hours_that_open_or_close_in_what_is_left_out_stay_sane() {
    let day = "2026-03-08";
    let check = |start: &str, end: &str, expected: &[&str]| {
        let terms = with("America/New_York", &[window(start, end)], 30);
        let expected: Vec<String> = expected.iter().map(|time| format!("08 {time}")).collect();
        assert_eq!(starts(&terms, day), expected, "{start} to {end}");
    };
    check("02:30", "04:00", &["03:00", "03:30"]);
    check("01:00", "02:30", &["01:00", "01:30"]);
    check("02:00", "03:00", &[]);
    check("02:15", "02:45", &[]);
    check("02:15", "03:45", &["03:15"]);
}

#[test]
fn hours_that_open_or_close_in_what_comes_twice_hold_both() {
    let day = "2026-11-01";
    let check = |start: &str, end: &str, expected: &[&str]| {
        let terms = with("America/New_York", &[window(start, end)], 30);
        let expected: Vec<String> = expected.iter().map(|time| format!("01 {time}")).collect();
        assert_eq!(starts(&terms, day), expected, "{start} to {end}");
    };
    check("01:30", "02:30", &["01:30", "01:00", "01:30", "02:00"]);
    check("00:30", "01:30", &["00:30", "01:00", "01:30", "01:00"]);
}

#[test]
fn a_midnight_that_comes_twice_ends_the_day_before_once() {
    let whole = with("America/Havana", &[window("00:00", "00:00")], 60);
    let (eve, day) = (starts(&whole, "2026-10-31"), starts(&whole, "2026-11-01"));
    assert_eq!(eve.last().unwrap(), "31 23:00");
    assert_eq!(day[..3], ["01 00:00", "01 00:00", "01 01:00"]);
}

#[test]
fn a_window_past_midnight_belongs_to_its_evening() {
    let late =
        WeeklySchedule { friday: vec![window("22:00", "01:00")], ..WeeklySchedule::default() };
    let terms = Terms { schedule: Some(late), interval: 60, ..terms("America/Sao_Paulo") };
    assert_eq!(starts(&terms, "2026-11-20"), ["20 22:00", "20 23:00", "21 00:00"]);
    assert!(starts(&terms, "2026-11-21").is_empty());
    let asked = span("America/Sao_Paulo", "2026-11-20T23:00", "2026-11-21T01:00");
    assert!(judged(&terms, local("America/Sao_Paulo", "2026-11-20"), asked, &[]).bookable());
    // The same, on the night that is an hour short, and the one with one more.
    let nightly = |zone| with(zone, &[window("22:00", "04:00")], 60);
    assert_eq!(starts(&nightly("America/New_York"), "2026-03-07").len(), 5);
    assert_eq!(starts(&nightly("America/New_York"), "2026-10-31").len(), 7);
}

#[test]
fn windows_that_touch_or_overlap_are_one() {
    let zone = "America/Sao_Paulo";
    let now = local(zone, "2026-11-20");
    let free = |windows: &[Window], interval, from: &str, to: &str| {
        judged(&with(zone, windows, interval), now, span(zone, from, to), &[]).bookable()
    };
    let touching = [window("08:00", "12:00"), window("12:00", "18:00")];
    assert!(free(&touching, 30, "2026-11-23T11:00", "2026-11-23T13:00"));
    let parted = [window("08:00", "12:00"), window("12:30", "18:00")];
    assert!(!free(&parted, 30, "2026-11-23T11:00", "2026-11-23T13:00"));
    // Across midnight, and for days on end.
    let whole = [window("00:00", "00:00")];
    assert!(free(&whole, 60, "2026-11-23T22:00", "2026-11-27T03:00"));
    // Overlapping ones keep their own grids: either will do.
    let grids = [window("08:00", "12:00"), window("10:15", "14:15")];
    assert!(free(&grids, 60, "2026-11-23T11:00", "2026-11-23T13:00"));
    assert!(free(&grids, 60, "2026-11-23T11:15", "2026-11-23T13:15"));
    assert!(!free(&grids, 60, "2026-11-23T12:00", "2026-11-23T13:00"));
    // Windows that overlap offer no slot twice.
    let twice = with(zone, &[window("08:00", "10:00"), window("09:00", "11:00")], 60);
    assert_eq!(starts(&twice, "2026-11-23"), ["23 08:00", "23 09:00", "23 10:00"]);
}

#[test]
fn a_midnight_that_is_left_out_does_not_move_the_grid() {
    let terms = with("America/Santiago", &[window("00:00", "06:00")], 90);
    assert_eq!(starts(&terms, "2026-09-05"), ["05 00:00", "05 01:30", "05 03:00", "05 04:30"]);
    assert_eq!(starts(&terms, "2026-09-06"), ["06 01:30", "06 03:00", "06 04:30"]);
}
