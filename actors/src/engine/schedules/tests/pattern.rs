//! Single patterns: what fires when, in words anyone can check with a calendar.

use proptest::prelude::*;
use zelador_store::Timestamp;

use super::instant;
use crate::engine::schedules::{Pattern, PatternError};

#[track_caller]
fn fires(cron: &str, zone: &str, after: &str, expected: &[&str]) {
    let pattern = Pattern::read(cron, zone).unwrap();
    let mut at = instant(after);
    for expected in expected {
        let next = pattern.next(at).unwrap();
        assert_eq!(next.to_seconds_string(), *expected, "{cron} in {zone} after {at}");
        at = next;
    }
}

#[test]
fn a_time_in_a_gap_fires_at_the_first_instant_after_it() {
    // Santiago, 7 September 2025: midnight does not exist.
    fires(
        "0 0 * * *",
        "America/Santiago",
        "2025-09-06T12:00:00Z",
        &["2025-09-07T04:00:00Z", "2025-09-08T03:00:00Z"],
    );
    fires(
        "30 0 * * *",
        "America/Havana",
        "2025-03-08T12:00:00Z",
        &["2025-03-09T05:00:00Z", "2025-03-10T04:30:00Z"],
    );
    fires(
        "30 1 * * *",
        "Europe/Lisbon",
        "2025-03-29T12:00:00Z",
        &["2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"],
    );
    fires(
        "10 2 * * *",
        "Australia/Lord_Howe",
        "2025-10-04T00:00:00Z",
        &["2025-10-04T15:30:00Z", "2025-10-05T15:10:00Z"],
    );
    fires(
        "0 0 * * *",
        "America/Sao_Paulo",
        "2018-11-03T12:00:00Z",
        &["2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"],
    );
}

#[test]
fn a_time_that_happens_twice_fires_the_first_time() {
    fires(
        "30 23 * * *",
        "America/Santiago",
        "2025-04-05T12:00:00Z",
        &["2025-04-06T02:30:00Z", "2025-04-07T03:30:00Z"],
    );
    fires(
        "30 0 * * *",
        "America/Havana",
        "2025-11-01T12:00:00Z",
        &["2025-11-02T04:30:00Z", "2025-11-03T05:30:00Z"],
    );
    fires(
        "15 1 * * *",
        "Europe/Lisbon",
        "2025-10-25T12:00:00Z",
        &["2025-10-26T00:15:00Z", "2025-10-27T01:15:00Z"],
    );
    fires(
        "45 1 * * *",
        "Australia/Lord_Howe",
        "2025-04-05T00:00:00Z",
        &["2025-04-05T14:45:00Z", "2025-04-06T15:15:00Z"],
    );
    fires(
        "30 23 * * *",
        "America/Sao_Paulo",
        "2019-02-16T12:00:00Z",
        &["2019-02-17T01:30:00Z", "2019-02-18T02:30:00Z"],
    );
}

#[test]
fn asked_in_the_second_pass_what_fired_in_the_first_is_over() {
    fires("15 1 * * *", "Europe/Lisbon", "2025-10-26T01:05:00Z", &["2025-10-27T01:15:00Z"]);
    fires("59 1 * * *", "Europe/Lisbon", "2025-10-26T00:59:00Z", &["2025-10-27T01:59:00Z"]);
}

#[test]
fn several_hours_are_appointments_like_one() {
    fires(
        "0 0,12 * * *",
        "America/Santiago",
        "2025-09-06T20:00:00Z",
        &["2025-09-07T04:00:00Z", "2025-09-07T15:00:00Z"],
    );
    fires(
        "*/20 0-1 * * *",
        "America/Santiago",
        "2025-09-06T20:00:00Z",
        &[
            "2025-09-07T04:00:00Z",
            "2025-09-07T04:20:00Z",
            "2025-09-07T04:40:00Z",
            "2025-09-08T03:00:00Z",
        ],
    );
    fires(
        "0 */2 * * *",
        "Europe/Lisbon",
        "2025-10-25T22:30:00Z",
        &["2025-10-25T23:00:00Z", "2025-10-26T02:00:00Z"],
    );
}

#[test]
fn every_hour_goes_with_the_clock_face() {
    // Four quarters in each of the two passes.
    fires(
        "*/15 * * * *",
        "Europe/Lisbon",
        "2025-10-26T00:30:00Z",
        &[
            "2025-10-26T00:45:00Z",
            "2025-10-26T01:00:00Z",
            "2025-10-26T01:15:00Z",
            "2025-10-26T01:30:00Z",
            "2025-10-26T01:45:00Z",
            "2025-10-26T02:00:00Z",
        ],
    );
    fires(
        "30 * * * *",
        "Europe/Lisbon",
        "2025-03-30T00:00:00Z",
        &["2025-03-30T00:30:00Z", "2025-03-30T01:30:00Z"],
    );
    fires(
        "*/15 * * * *",
        "Australia/Lord_Howe",
        "2025-04-05T14:30:00Z",
        &["2025-04-05T14:45:00Z", "2025-04-05T15:00:00Z", "2025-04-05T15:15:00Z"],
    );
    fires(
        "0 * * * *",
        "Australia/Lord_Howe",
        "2025-10-04T14:00:00Z",
        &["2025-10-04T14:30:00Z", "2025-10-04T16:00:00Z"],
    );
    fires("59 59 * * * *", "UTC", "2025-12-31T22:59:59Z", &["2025-12-31T23:59:59Z"]);
}

#[test]
fn wide_gaps_and_gaps_across_midnight() {
    // Samoa had no 30 December 2011.
    fires(
        "0 9 * * *",
        "Pacific/Apia",
        "2011-12-29T20:00:00Z",
        &["2011-12-30T10:00:00Z", "2011-12-30T19:00:00Z", "2011-12-31T19:00:00Z"],
    );
    // Three hours.
    fires("30 1 * * *", "Antarctica/Casey", "2020-10-03T12:00:00Z", &["2020-10-03T16:01:00Z"]);
    // Saturday ends at 23:00.
    fires("30 23 * * SAT", "America/Nuuk", "2025-03-27T12:00:00Z", &["2025-03-30T01:00:00Z"]);
    fires("0 0 * * *", "Pacific/Kiritimati", "2025-12-01T00:00:00Z", &["2025-12-01T10:00:00Z"]);
}

#[test]
fn calendars() {
    fires(
        "0 0 29 2 *",
        "UTC",
        "2025-01-01T00:00:00Z",
        &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
    );
    fires("*/30 * 29 2 *", "America/Santiago", "2097-01-01T00:00:00Z", &["2104-02-29T03:00:00Z"]);
    fires("0 8 L * *", "UTC", "2025-02-10T00:00:00Z", &["2025-02-28T08:00:00Z"]);
    fires("*/10 * * * * *", "UTC", "2025-01-01T00:00:09.999Z", &["2025-01-01T00:00:10Z"]);
    fires("0 8 * * *", "UTC", "2025-01-01T07:59:59.999Z", &["2025-01-01T08:00:00Z"]);
    fires("0 8 * * *", "UTC", "2025-01-01T08:00:00Z", &["2025-01-02T08:00:00Z"]);
}

#[test]
fn what_never_happens_is_none_and_what_cannot_be_read_is_named() {
    for never in ["0 0 30 2 *", "* * 30 2 *", "*/5 * 31 2,4,6,9,11 *", "0 1,2 31 4 *"] {
        let pattern = Pattern::read(never, "Europe/Lisbon").unwrap();
        assert_eq!(pattern.next(instant("2025-01-01T00:00:00Z")), None, "{never}");
    }
    assert!(matches!(Pattern::read("0 0 * *", "UTC"), Err(PatternError::Cron { .. })));
    assert!(matches!(Pattern::read("0 0 * * *", "Mars"), Err(PatternError::Timezone { .. })));
}

proptest! {
    /// Whatever the pattern and the moment: later, and nothing between.
    #[test]
    fn the_next_time_is_later_and_the_first(
        minute in 0..60_u8, hour in 0..24_u8, start in 0..1_000_000_000_i64, back in 1..100_000_i64,
        zone in prop::sample::select(vec![
            "UTC", "America/Santiago", "Australia/Lord_Howe", "Europe/Lisbon", "Africa/Casablanca",
        ]),
        shape in 0..3_u8,
    ) {
        let cron = match shape {
            0 => format!("{minute} {hour} * * *"),
            1 => format!("{minute} * * * *"),
            _ => format!("{minute} {hour},{} * * *", (hour + 5) % 24),
        };
        let pattern = Pattern::read(&cron, zone).unwrap();
        let start = Timestamp::from_millis(1_200_000_000_000 + start * 1000 + 7);
        let next = pattern.next(start).unwrap();
        prop_assert!(next > start);
        // From anywhere between, it is the same one.
        let between = next - std::time::Duration::from_millis(back.unsigned_abs());
        prop_assert_eq!(pattern.next(between.max(start)), Some(next));
    }

    /// Whatever is written as a cron line is refused, or has a next time or none;
    /// nothing else happens, and soon.
    #[test]
    fn any_line_is_read_or_refused(
        line in prop_oneof![
            "[0-9*/,LW#?A-Z+@ -]{0,30}",
            // Mostly well formed, so that many are read.
            prop::collection::vec("[*]|[*]/[1-9]|[0-9]{1,2}|[0-9]-[0-9]{1,2}|[0-5],[0-9]|L|1W|5#[1-5L]", 5..7)
                .prop_map(|fields| fields.join(" ")),
        ],
        start in -2_000_000_000_i64..8_000_000_000,
        zone in prop::sample::select(vec!["UTC", "America/Santiago", "Africa/Casablanca"]),
    ) {
        let start = Timestamp::from_seconds(start);
        if let Ok(pattern) = Pattern::read(&line, zone)
            && let Some(next) = pattern.next(start)
        {
            prop_assert!(next > start, "{} {}", line, zone);
        }
    }
}
