//! Every zone of the built-in database, every change of its clock from 2020 to
//! 2037, against an oracle that knows nothing of offsets: it looks at the clock
//! minute by minute.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::engine::schedules::Pattern;

/// Looked at on each side of a change.
const HOURS: i64 = 5;

/// What the clock shows, minute by minute, around a change.
struct Window {
    shown: Vec<(Timestamp, DateTime)>,
    /// Every minute of the calendar between the least and the greatest shown,
    /// whether the clock shows it or not.
    calendar: Vec<DateTime>,
}

impl Window {
    fn around(change: Timestamp, zone: &TimeZone) -> Self {
        let minutes = -HOURS * 60..=HOURS * 60;
        let at = |minute| change + SignedDuration::from_mins(minute);
        let shown: Vec<_> =
            minutes.map(|minute| (at(minute), zone.to_datetime(at(minute)))).collect();
        let first = shown.iter().map(|(_, wall)| *wall).min().unwrap();
        let last = shown.iter().map(|(_, wall)| *wall).max().unwrap();
        let calendar = first.series(1.minute()).take_while(|wall| *wall <= last).collect();
        Self { shown, calendar }
    }

    fn start(&self) -> Timestamp {
        self.shown[0].0
    }

    fn end(&self) -> Timestamp {
        self.shown[self.shown.len() - 1].0
    }

    /// Appointments: each time of the calendar, when the clock first shows it or
    /// has passed it.
    fn appointments(&self, takes: &dyn Fn(DateTime) -> bool) -> BTreeSet<Timestamp> {
        let mut fires = BTreeSet::new();
        for wall in self.calendar.iter().filter(|wall| takes(**wall)) {
            let reached = self.shown.iter().find(|(_, shown)| shown >= wall).unwrap();
            fires.insert(reached.0);
        }
        fires.remove(&self.start());
        fires
    }

    /// The clock face: whenever it shows a matching time.
    fn faces(&self, takes: &dyn Fn(DateTime) -> bool) -> BTreeSet<Timestamp> {
        let shown = self.shown.iter().skip(1);
        shown.filter(|(_, wall)| takes(*wall)).map(|(at, _)| *at).collect()
    }

    fn fired(&self, pattern: &Pattern) -> BTreeSet<Timestamp> {
        let mut fires = BTreeSet::new();
        let mut at = self.start().into();
        while let Some(next) = pattern.next(at).filter(|next| next.to_jiff() <= self.end()) {
            fires.insert(next.to_jiff());
            at = next;
        }
        fires
    }
}

/// The changes of every zone, each set of changes once: many names are aliases.
fn changes() -> Vec<(String, TimeZone, Vec<Timestamp>)> {
    let from: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let to: Timestamp = "2038-01-01T00:00:00Z".parse().unwrap();
    let database = TimeZoneDatabase::bundled();
    let mut seen = HashSet::new();
    let mut zones = Vec::new();
    let mut names = 0;
    for name in database.available() {
        let zone = database.get(name.as_str()).unwrap();
        let changes: Vec<_> = zone
            .following(from)
            .take_while(|change| change.timestamp() < to)
            .map(|change| (change.timestamp(), change.offset()))
            .collect();
        names += 1;
        if seen.insert((zone.to_offset(from), changes.clone())) {
            let times = changes.into_iter().map(|(at, _)| at).collect();
            zones.push((name.to_string(), zone, times));
        }
    }
    assert!(names > 500, "the whole database: {names}");
    zones
}

/// Times of day close to both sides of the change.
fn times_of_day(window: &Window, change: Timestamp) -> BTreeSet<(i8, i8)> {
    let at = window.shown.iter().position(|(at, _)| *at == change).unwrap();
    let sides = [window.shown[at - 1].1 + 1.minute(), window.shown[at].1];
    let near = [-61, -30, -1, 0, 1, 15, 30, 59, 60, 61];
    let times = sides.iter().flat_map(|side| near.map(|minutes: i64| *side + minutes.minutes()));
    times.map(|wall| (wall.hour(), wall.minute())).collect()
}

#[test]
fn daily_times_fire_once_on_every_change_of_every_zone() {
    let mut checked = 0;
    for (name, zone, changes) in changes() {
        for change in changes {
            let window = Window::around(change, &zone);
            for (hour, minute) in times_of_day(&window, change) {
                let pattern = Pattern::read(&format!("{minute} {hour} * * *"), &name).unwrap();
                let takes = move |wall: DateTime| (wall.hour(), wall.minute()) == (hour, minute);
                let expected = window.appointments(&takes);
                assert_eq!(window.fired(&pattern), expected, "{hour}:{minute} {name} {change}");
                checked += 1;
            }
        }
    }
    assert!(checked > 15_000, "{checked}");
}

#[test]
fn lists_of_hours_are_appointments_on_every_change_of_every_zone() {
    for (name, zone, changes) in changes() {
        let pattern = Pattern::read("*/20 0-4,21-23 * * *", &name).unwrap();
        let takes = |wall: DateTime| wall.minute() % 20 == 0 && !(5..21).contains(&wall.hour());
        for change in changes {
            let window = Window::around(change, &zone);
            assert_eq!(window.fired(&pattern), window.appointments(&takes), "{name} {change}");
        }
    }
}

#[test]
fn every_hour_follows_the_clock_face_on_every_change_of_every_zone() {
    for (name, zone, changes) in changes() {
        let quarters = Pattern::read("*/15 * * * *", &name).unwrap();
        let hourly = Pattern::read("7 * * * *", &name).unwrap();
        for change in changes {
            let window = Window::around(change, &zone);
            let expected = window.faces(&|wall| wall.minute() % 15 == 0);
            assert_eq!(window.fired(&quarters), expected, "{name} {change}");
            let expected = window.faces(&|wall| wall.minute() == 7);
            assert_eq!(window.fired(&hourly), expected, "{name} {change}");
        }
    }
}
