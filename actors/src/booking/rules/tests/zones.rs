//! Every zone of the time zone database, around every change of its clock from
//! 2020 to 2037: series keep what the wall shows, and days have their slots.
//!
//! Zones whose clocks were always changed alike are looked at once.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp as At, ToSpan};

use super::*;
use crate::booking::rules::{Recurrence, expand, slots};

const FROM: &str = "2020-01-01T00:00:00Z";
const UNTIL: &str = "2038-01-01T00:00:00Z";

/// A change of the clock: when, and the seconds from UTC before and after.
type Change = (i64, i32, i32);

fn changes(zone: &TimeZone) -> Vec<Change> {
    let from: At = FROM.parse().unwrap();
    let until: At = UNTIL.parse().unwrap();
    let mut offset = zone.to_offset(from).seconds();
    let mut found = Vec::new();
    for change in zone.following(from).take_while(|change| change.timestamp() < until) {
        let next = change.offset().seconds();
        if next != offset {
            found.push((change.timestamp().as_millisecond(), offset, next));
        }
        offset = next;
    }
    found
}

/// One zone for each history of changes, with the number of zones that share it.
fn histories() -> (Vec<(TimeZone, Vec<Change>)>, usize, usize) {
    let mut known: BTreeMap<(i32, Vec<Change>), TimeZone> = BTreeMap::new();
    let (mut zones, mut all) = (0, 0);
    let database = jiff::tz::TimeZoneDatabase::bundled();
    for name in database.available() {
        let zone = database.get(name.as_str()).unwrap();
        let found = changes(&zone);
        zones += 1;
        all += found.len();
        known.insert((zone.to_offset(FROM.parse().unwrap()).seconds(), found), zone);
    }
    (known.into_iter().map(|((_, changes), zone)| (zone, changes)).collect(), zones, all)
}

fn wall(zone: &TimeZone, at: Timestamp) -> jiff::civil::DateTime {
    zone.to_datetime(at.to_jiff())
}

/// Minutes before midnight in UTC at which no zone has begun a day yet, and after
/// it at which each has ended it.
const AROUND: std::ops::Range<i64> = -15 * 60..40 * 60;

/// What the wall shows at every minute of a day and around it.
fn minute_by_minute(zone: &TimeZone, day: Date) -> Vec<(Timestamp, jiff::civil::DateTime)> {
    let midnight = Timestamp::from(day.to_zoned(TimeZone::UTC).unwrap().timestamp()).as_millis();
    let each = AROUND.map(|minute| Timestamp::from_millis(midnight + minute * 60_000));
    each.map(|at| (at, wall(zone, at))).collect()
}

/// The slots of a day, found by a look at every minute: those that show a start of
/// the grid, whose end fits, across which no clock is put forward, and of which
/// none begins before the last is over.
fn seen(
    shown: &[(Timestamp, jiff::civil::DateTime)],
    day: Date,
    hours: (i64, i64),
    interval: u32,
) -> Vec<Timestamp> {
    let open = |at: usize| {
        let shown = shown[at].1;
        let minutes = i64::from(shown.hour()) * 60 + i64::from(shown.minute());
        (shown.date() == day && (hours.0..hours.1).contains(&minutes)).then_some(minutes - hours.0)
    };
    let long = usize::try_from(interval).unwrap();
    let steady = |at: usize| {
        let ahead = shown[at + 1].1.duration_since(shown[at].1);
        ahead.as_secs() <= 60
    };
    let free = |at: &usize| {
        let on_grid = open(*at).is_some_and(|minutes| minutes % i64::from(interval) == 0);
        let fits = || (*at..at + long).all(|at| open(at).is_some());
        on_grid && fits() && (*at..at + long - 1).all(steady)
    };
    let (mut found, mut over) = (Vec::new(), 0);
    for at in (0..shown.len() - long).filter(free) {
        if at >= over {
            found.push(shown[at].0);
            over = at + long;
        }
    }
    found
}

fn check_slots(
    terms: &Terms,
    shown: &[(Timestamp, jiff::civil::DateTime)],
    day: Date,
    hours: (i64, i64),
) {
    let found = slots(terms, Timestamp::MIN, day, &[]);
    let starts: Vec<Timestamp> = found.iter().map(|slot| slot.start).collect();
    let expected = seen(shown, day, hours, terms.interval);
    assert_eq!(starts, expected, "{:?} {day} {hours:?}", terms.zone);
    assert!(found.is_sorted_by(|a, b| a.end <= b.start));
}

fn check_series(zone: &TimeZone, change: Change, text: &str, days: i32, clock: Time) {
    let (at, before, after) = change;
    let at = Timestamp::from_millis(at);
    let last = wall(zone, Timestamp::from_millis(at.as_millis() - 1)).date();
    let first = last.checked_sub(days.days()).unwrap().to_datetime(clock);
    let Ok(start) = zone.to_ambiguous_timestamp(first).unambiguous() else { return };
    let start = Timestamp::from(start);
    let rule = Recurrence::from_rrule(text).unwrap();
    let first = Span::new(start, start + minutes(45));
    let made = expand(&rule, first, zone, Timestamp::MAX).unwrap();
    assert_eq!(made.len(), 6);
    let gap = i64::from(after - before) * 1000;
    for made in made {
        let shown = wall(zone, made.start);
        assert_eq!(made.original.time(), clock);
        assert_eq!(made.end, made.start + minutes(45));
        if made.dst_adjusted {
            assert!(wall(zone, Timestamp::from_millis(at.as_millis() - 1)) < made.original);
            assert!(made.original < wall(zone, at), "{zone:?} {made:?}");
            let later = Timestamp::from_millis(made.start.as_millis() - gap);
            assert_eq!(
                made.original,
                later
                    .to_jiff()
                    .to_zoned(zone.clone())
                    .datetime()
                    .checked_add(gap.milliseconds())
                    .unwrap()
            );
        } else {
            assert_eq!(shown, made.original, "{zone:?}");
        }
        // Of two that the wall shows alike, the earlier.
        let earlier = Timestamp::from_millis(made.start.as_millis() + gap);
        assert!(gap >= 0 || wall(zone, earlier) != made.original);
    }
}

fn clocks(zone: &TimeZone, change: Change) -> Vec<Time> {
    let at = Timestamp::from_millis(change.0);
    let shown = wall(zone, Timestamp::from_millis(change.0 - 60_000)).time();
    let near = [1, 31, 61].map(|minutes| shown.wrapping_add(minutes.minutes()));
    let near = near.into_iter().chain([wall(zone, at).time()]);
    near.chain(["00:00", "00:30", "08:00", "23:30"].map(time)).collect()
}

#[test]
fn every_change_of_every_clock() {
    let (histories, zones, all) = histories();
    let mut looked = 0;
    for (zone, changes) in &histories {
        let office = Terms { zone: zone.clone(), interval: 30, ..terms("UTC") };
        let whole = Terms { interval: 60, schedule: Some(always()), ..office.clone() };
        for change in changes {
            let day = wall(zone, Timestamp::from_millis(change.0 - 1)).date();
            for day in [day.yesterday().unwrap(), day, day.tomorrow().unwrap()] {
                let shown = minute_by_minute(zone, day);
                check_slots(&whole, &shown, day, (0, 24 * 60));
                check_slots(&office, &shown, day, (8 * 60, 18 * 60));
            }
            for clock in clocks(zone, *change) {
                check_series(zone, *change, "FREQ=DAILY;COUNT=6", 2, clock);
                check_series(zone, *change, "FREQ=WEEKLY;COUNT=6", 7, clock);
                check_series(zone, *change, "FREQ=WEEKLY;COUNT=6", 13, clock);
            }
            looked += 1;
        }
    }
    println!("{zones} zones, {all} changes; {} histories, {looked} changes", histories.len());
    assert!(zones > 550 && all > 5000, "{zones} zones, {all} changes");
    assert!(looked > 800, "{looked} changes");
}
