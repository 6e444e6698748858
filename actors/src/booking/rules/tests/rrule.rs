//! Rules as text.

use super::*;
use crate::booking::rules::{Recurrence, RecurrenceFlaw, expand};

/// The local days of the occurrences from a start in 2026.
#[track_caller]
fn check(text: &str, start: &str, expected: &[&str]) {
    let zone = "America/Sao_Paulo";
    let first = local(zone, &format!("2026-{start}T09:00"));
    let first = Span::new(first, first + minutes(30));
    let zone = moment::zone(zone).unwrap().0;
    let rule = Recurrence::from_rrule(text).unwrap();
    let found = expand(&rule, first, &zone, Timestamp::MAX).unwrap();
    let shown: Vec<String> =
        found.iter().map(|made| made.original.strftime("%m-%d").to_string()).collect();
    assert_eq!(shown, expected, "{text}");
    assert_eq!(Recurrence::from_rrule(&rule.to_rrule()).unwrap(), rule, "{}", rule.to_rrule());
}

#[test]
fn the_subset() {
    check("FREQ=DAILY;COUNT=3", "01-05", &["01-05", "01-06", "01-07"]);
    check("RRULE:FREQ=DAILY;INTERVAL=10;COUNT=3", "01-05", &["01-05", "01-15", "01-25"]);
    check("freq=weekly;count=2;wkst=mo", "01-05", &["01-05", "01-12"]);
    check("FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20260112", "01-05", &["01-05", "01-09", "01-12"]);
    check("FREQ=WEEKLY;UNTIL=20260112T090000", "01-05", &["01-05", "01-12"]);
    check("FREQ=WEEKLY;UNTIL=20260112T085959", "01-05", &["01-05"]);
    check("FREQ=WEEKLY;UNTIL=20260112T120000Z", "01-05", &["01-05", "01-12"]);
    check("FREQ=DAILY;BYDAY=SA,SU;COUNT=3", "01-03", &["01-03", "01-04", "01-10"]);
    check("FREQ=DAILY;BYMONTHDAY=1,-1;COUNT=3", "01-01", &["01-01", "01-31", "02-01"]);
    check("FREQ=MONTHLY;COUNT=3", "01-31", &["01-31", "03-31", "05-31"]);
    check("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4", "01-31", &["01-31", "02-28", "03-31", "04-30"]);
    check("FREQ=MONTHLY;BYMONTHDAY=15,1;COUNT=3", "01-15", &["01-15", "02-01", "02-15"]);
    check("FREQ=MONTHLY;BYDAY=1MO;COUNT=3", "01-05", &["01-05", "02-02", "03-02"]);
    check("FREQ=MONTHLY;BYDAY=+1MO,-1FR;COUNT=3", "01-05", &["01-05", "01-30", "02-02"]);
    check("FREQ=MONTHLY;BYDAY=5TH;COUNT=2", "01-29", &["01-29", "04-30"]);
    check("FREQ=MONTHLY;BYDAY=MO;COUNT=5", "01-26", &["01-26", "02-02", "02-09", "02-16", "02-23"]);
    // Fridays the 13th.
    check("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3", "02-13", &["02-13", "03-13", "11-13"]);
}

#[test]
fn what_is_left_out() {
    let days = "RRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20260106";
    check(days, "01-05", &["01-05", "01-07", "01-08"]);
    let walls = "EXDATE:20260106T090000,20260107T100000\r\nRRULE:FREQ=DAILY;COUNT=3\r\n";
    check(walls, "01-05", &["01-05", "01-07"]);
    check("FREQ=DAILY;COUNT=3\nEXDATE:20260106T120000Z", "01-05", &["01-05", "01-07"]);
    let zoned = "FREQ=DAILY;COUNT=3\nEXDATE;TZID=America/New_York:20260106T070000";
    check(zoned, "01-05", &["01-05", "01-07"]);
}

#[test]
fn what_a_rule_cannot_be() {
    let unsupported = |what: &str| RecurrenceFlaw::Unsupported { what: what.into() };
    let malformed = |what: &str| RecurrenceFlaw::Malformed { what: what.into() };
    for (text, expected) in [
        ("", malformed("RRULE")),
        ("EXDATE:20260101", malformed("RRULE")),
        ("FREQ=DAILY\nFREQ=DAILY", malformed("RRULE")),
        ("COUNT=3", malformed("FREQ")),
        ("daily", malformed("DAILY")),
        ("FREQ=YEARLY", unsupported("FREQ=YEARLY")),
        ("FREQ=HOURLY", unsupported("FREQ=HOURLY")),
        ("FREQ=DAILY;BYHOUR=9", unsupported("BYHOUR")),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", unsupported("BYSETPOS")),
        ("FREQ=WEEKLY;WKST=SU", unsupported("WKST=SU")),
        ("FREQ=WEEKLY;BYDAY=1MO", unsupported("BYDAY=1MO")),
        ("FREQ=WEEKLY;BYMONTHDAY=1", unsupported("BYMONTHDAY")),
        ("DTSTART:20260101T090000\nRRULE:FREQ=DAILY", unsupported("DTSTART")),
        ("FREQ=DAILY\nRDATE:20260101", unsupported("RDATE")),
        ("FREQ=DAILY;FREQ=DAILY", malformed("FREQ")),
        ("FREQ=WEEKLY;BYDAY=", malformed("BYDAY")),
        ("FREQ=WEEKLY;BYDAY=XX", malformed("BYDAY")),
        ("FREQ=WEEKLY;BYDAY=é", malformed("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=0MO", malformed("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=6MO", malformed("BYDAY")),
        ("FREQ=MONTHLY;BYMONTHDAY=32", malformed("BYMONTHDAY")),
        ("FREQ=MONTHLY;BYMONTHDAY=0", malformed("BYMONTHDAY")),
        ("FREQ=DAILY;COUNT=0", malformed("COUNT")),
        ("FREQ=DAILY;COUNT=-1", malformed("COUNT")),
        ("FREQ=DAILY;COUNT=366", RecurrenceFlaw::TooMany),
        ("FREQ=DAILY;COUNT=99999999999", malformed("COUNT")),
        ("FREQ=DAILY;INTERVAL=0", RecurrenceFlaw::Interval { most: 366 }),
        ("FREQ=DAILY;INTERVAL=", malformed("INTERVAL")),
        ("FREQ=DAILY;UNTIL=2026-01-01", malformed("UNTIL")),
        ("FREQ=DAILY;UNTIL=20260230", malformed("UNTIL")),
        ("FREQ=DAILY;UNTIL=20260101T250000Z", malformed("UNTIL")),
        ("FREQ=DAILY;COUNT=3;UNTIL=20260101", RecurrenceFlaw::CountAndUntil),
        ("FREQ=DAILY;UNTIL=20260101;COUNT=3", RecurrenceFlaw::CountAndUntil),
        ("FREQ=DAILY\nEXDATE:tomorrow", malformed("EXDATE")),
        ("FREQ=DAILY\nEXDATE;TZID=Mars/Olympus:20260101T090000", malformed("TZID")),
    ] {
        assert_eq!(Recurrence::from_rrule(text), Err(expected), "{text}");
    }
    let many: Vec<String> =
        (0..400).map(|n| format!("20260101T{:02}{:02}00", n / 60, n % 60)).collect();
    let many = format!("FREQ=DAILY\nEXDATE:{}", many.join(","));
    assert_eq!(Recurrence::from_rrule(&many), Err(RecurrenceFlaw::TooMany));
}

#[test]
fn a_rule_that_never_comes_to_its_end_is_refused() {
    let zone = moment::zone("America/Sao_Paulo").unwrap().0;
    let start = local("America/Sao_Paulo", "2028-02-29T09:00");
    let first = Span::new(start, start + minutes(30));
    let leap = Recurrence::from_rrule("FREQ=MONTHLY;INTERVAL=12;COUNT=365").unwrap();
    assert_eq!(expand(&leap, first, &zone, Timestamp::MAX), Err(RecurrenceFlaw::TooFar));
    let open = Recurrence::from_rrule("FREQ=MONTHLY;INTERVAL=12").unwrap();
    assert_eq!(expand(&open, first, &zone, Timestamp::MAX).unwrap().len(), 3);
    let last = Span::new(Timestamp::MAX, Timestamp::MAX);
    let daily = Recurrence::from_rrule("FREQ=DAILY").unwrap();
    assert!(expand(&daily, last, &zone, Timestamp::MAX).unwrap().len() <= 2);
}

#[test]
fn every_flaw_has_a_code_and_the_values_of_its_message() {
    let flaw = Recurrence::from_rrule("FREQ=YEARLY").unwrap_err();
    assert_eq!(flaw.code(), "unsupported_rrule");
    assert_eq!(flaw.args(), [("part", "FREQ=YEARLY".to_owned())]);
    assert_eq!(RecurrenceFlaw::StartNotInPattern.code(), "start_not_in_pattern");
    assert_eq!(RecurrenceFlaw::TooMany.args(), [("most", "365".to_owned())]);
}

proptest! {
    /// Whatever is sent: an answer, never a panic, and what is understood is
    /// understood again as it is written.
    #[test]
    fn any_text_is_answered(text in "(RRULE:)?FREQ=(DAILY|WEEKLY|MONTHLY)(;[A-Z]{1,10}=[0-9A-Z,+-]{0,8}){0,3}(\nEXDATE:[0-9TZ,]{0,20})?|\\PC{0,40}") {
        if let Ok(rule) = Recurrence::from_rrule(&text) {
            prop_assert_eq!(Recurrence::from_rrule(&rule.to_rrule()), Ok(rule));
        }
    }
}
