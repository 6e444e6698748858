//! The hours of a week, and hours that end before they begin.

use jiff::civil::{Time, time};
use proptest::prelude::*;
use zelador_store::category::Overrides;
use zelador_store::resource::{WeeklySchedule, Window};
use zelador_store::tenant::Settings;

use super::flaws;
use crate::checks::Checks;
use crate::resources::rules::{inheritance, schedule};

fn clock(text: &str) -> Time {
    text.parse().unwrap()
}

/// `08:00-12:00 13:00-18:00`.
fn windows(text: &str) -> Vec<Window> {
    let window = |part: &str| {
        let (start, end) = part.split_once('-').unwrap();
        Window { start: clock(start), end: clock(end) }
    };
    text.split_whitespace().map(window).collect()
}

fn found(week: &WeeklySchedule) -> Vec<(String, &'static str)> {
    let mut checks = Checks::default();
    schedule::check(week, &mut checks);
    flaws(checks.done())
}

#[track_caller]
fn check(sunday: &str, monday: &str, tuesday: &str, expected: &[&str]) {
    let week = WeeklySchedule {
        monday: windows(monday),
        tuesday: windows(tuesday),
        sunday: windows(sunday),
        ..WeeklySchedule::default()
    };
    let flaws = found(&week);
    let expected: Vec<_> = expected
        .iter()
        .map(|place| (format!("availability_schedule.{place}"), "overlapping_window"))
        .collect();
    assert_eq!(flaws, expected);
}

#[test]
fn windows_do_not_overlap() {
    check("", "", "", &[]);
    check("", "08:00-12:00 13:00-18:00", "", &[]);
    // Those that touch do not overlap, in whatever order they are given.
    check("", "12:00-18:00 08:00-12:00", "", &[]);
    check("", "08:00-12:00 11:59:59-18:00", "", &["monday[1]"]);
    check("", "08:00-18:00 09:00-10:00 17:00-19:00", "", &["monday[1]", "monday[2]"]);
    check("", "08:00-12:00 08:00-12:00", "", &["monday[1]"]);
}

#[test]
fn windows_run_past_midnight() {
    check("", "22:00-02:00", "02:00-06:00", &[]);
    check("", "22:00-02:00", "01:00-06:00", &["tuesday[0]"]);
    check("", "20:00-23:00 22:00-02:00", "", &["monday[1]"]);
    // To midnight, and around the clock.
    check("", "18:00-00:00", "00:00-06:00", &[]);
    check("00:00-00:00", "00:00-00:00", "00:00-00:00", &[]);
    check("", "10:00-10:00", "09:59-11:00", &["tuesday[0]"]);
    // The week is a circle.
    check("23:00-03:00", "02:00-04:00", "", &["monday[0]"]);
    check("23:00-03:00", "03:00-04:00", "", &[]);
}

#[test]
fn a_day_holds_twelve_windows_of_whole_seconds() {
    let hours = |count: i8| {
        (0..count).map(|hour| Window { start: time(hour, 0, 0, 0), end: time(hour, 30, 0, 0) })
    };
    let mut week = WeeklySchedule { friday: hours(12).collect(), ..WeeklySchedule::default() };
    assert_eq!(found(&week), []);
    week.friday = hours(13).collect();
    assert_eq!(found(&week), [("availability_schedule.friday".to_owned(), "too_many")]);
    week.friday = vec![Window { start: time(8, 0, 0, 1), end: time(9, 0, 0, 0) }];
    assert_eq!(found(&week), [("availability_schedule.friday[0]".to_owned(), "format")]);
}

#[test]
fn what_is_kept_is_in_order() {
    let week = WeeklySchedule { monday: windows("13:00-18:00 08:00-12:00"), ..Default::default() };
    assert_eq!(schedule::in_order(week).monday, windows("08:00-12:00 13:00-18:00"));
}

const DAYS: usize = 7;
const HOURS: usize = 24;

/// The hours of the week that windows of whole hours cover, one after the other.
fn covered(week: &WeeklySchedule) -> Vec<usize> {
    let mut hours = Vec::new();
    for (day, (_, windows)) in week.days().iter().enumerate() {
        for window in *windows {
            let start = usize::try_from(window.start.hour()).unwrap();
            let end = usize::try_from(window.end.hour()).unwrap();
            let end = if end > start { end } else { end + HOURS };
            hours.extend((start..end).map(|hour| (day * HOURS + hour) % (DAYS * HOURS)));
        }
    }
    hours
}

fn any_windows() -> impl Strategy<Value = Vec<Window>> {
    let hour = || (0..24_i8).prop_map(|hour| time(hour, 0, 0, 0));
    let window = (hour(), hour()).prop_map(|(start, end)| Window { start, end });
    proptest::collection::vec(window, 0..3)
}

proptest! {
    /// A week is taken exactly if no hour of it is covered twice.
    #[test]
    fn no_hour_is_covered_twice(
        monday in any_windows(), tuesday in any_windows(), sunday in any_windows()
    ) {
        let week = WeeklySchedule { monday, tuesday, sunday, ..WeeklySchedule::default() };
        let mut hours = covered(&week);
        let count = hours.len();
        hours.sort_unstable();
        hours.dedup();
        prop_assert_eq!(found(&week).is_empty(), hours.len() == count);
    }
}

#[test]
fn inherited_hours_count() {
    let tenant = Settings::default();
    let hours = |start: Option<&str>, end: Option<&str>| Overrides {
        working_hours_start: start.map(clock),
        working_hours_end: end.map(clock),
        ..Overrides::default()
    };
    let none = hours(None, None);
    let late = hours(Some("18:00"), Some("23:00"));
    let check = |category: Option<&Overrides>, own: &Overrides| {
        flaws(inheritance::check_hours(&tenant, category, own)).len()
    };
    assert_eq!(check(None, &none), 0);
    assert_eq!(check(None, &hours(Some("17:59"), None)), 0);
    assert_eq!(check(None, &hours(Some("18:00"), None)), 1);
    assert_eq!(check(None, &hours(None, Some("08:00"))), 1);
    assert_eq!(check(Some(&late), &hours(None, Some("17:00"))), 1);
    assert_eq!(check(Some(&late), &hours(Some("20:00"), None)), 0);
    // Who sets no hours has none to mend, whatever those above make of theirs.
    assert_eq!(check(Some(&hours(Some("19:00"), None)), &none), 0);
}
