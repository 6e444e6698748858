//! Tables and properties of the rules.

mod closures;
mod hours;
mod judging;
mod recurrence;
mod rrule;
mod search;
mod seats;
mod series;
mod slots;
mod terms;
mod walk;
mod zones;

use std::time::Duration;

use jiff::civil::{Date, Time};
use proptest::prelude::*;
use zelador_store::Timestamp;
use zelador_store::id::BookingId;
use zelador_store::resource::{WeeklySchedule, Window};
use zelador_store::tenant::Closure;

use super::{Booker, Judgement, Rule, Span, Taken, Terms, judge, reach};
use crate::moment;

/// Minutes as a length of time.
fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What the wall shows, in a zone: the earlier, if it shows it twice.
fn local(zone: &str, text: &str) -> Timestamp {
    let spoken: moment::Spoken = text.parse().unwrap();
    spoken.resolve(&moment::zone(zone).unwrap().0).unwrap()
}

fn span(zone: &str, start: &str, end: &str) -> Span {
    Span::new(local(zone, start), local(zone, end))
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn window(start: &str, end: &str) -> Window {
    Window { start: time(start), end: time(end) }
}

fn taken(number: u8, span: Span) -> Taken {
    let id = BookingId::new(Timestamp::EPOCH, [number; 10]);
    Taken { id, start: span.start, end: span.end }
}

/// Every day from 08:00 to 18:00 by half hours, one seat, 30 days ahead.
fn terms(zone: &str) -> Terms {
    let (zone, zone_name) = moment::zone(zone).unwrap();
    Terms {
        zone,
        zone_name,
        opening: time("08:00"),
        closing: time("18:00"),
        working_days: (0..7).collect(),
        closures: Vec::new(),
        schedule: None,
        interval: 30,
        advance_days: 30,
        min_notice: 0,
        cancellation_hours: 24,
        buffer: 0,
        auto_confirm: false,
        seats: 1,
        active: true,
    }
}

/// The same windows on all days.
fn daily(windows: &[Window]) -> WeeklySchedule {
    let day = windows.to_vec();
    WeeklySchedule {
        monday: day.clone(),
        tuesday: day.clone(),
        wednesday: day.clone(),
        thursday: day.clone(),
        friday: day.clone(),
        saturday: day.clone(),
        sunday: day,
    }
}

fn always() -> WeeklySchedule {
    daily(&[window("00:00", "00:00")])
}

fn closed(from: &str, to: &str) -> Closure {
    Closure { from: date(from), to: date(to), reason: Some("Feriado".into()) }
}

const ANYONE: Booker = Booker { allowed: true };

/// Judged with no more than what `reach` asks for.
fn judged(terms: &Terms, now: Timestamp, asked: Span, all: &[Taken]) -> Judgement {
    let reach = reach(terms, asked);
    let near: Vec<Taken> =
        all.iter().filter(|taken| taken.span().overlaps(reach)).copied().collect();
    judge(terms, now, &ANYONE, asked, &near)
}

fn broken(judgement: &Judgement) -> Vec<Rule> {
    judgement.verdicts.iter().filter(|verdict| !verdict.ok).map(|verdict| verdict.rule).collect()
}

/// Zones with changes of the clock of every sort, and a day on which there is one.
const CHANGES: [(&str, &str); 12] = [
    ("America/Sao_Paulo", "2026-11-22"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("America/Santiago", "2026-09-06"),
    ("America/Santiago", "2026-04-05"),
    ("America/Havana", "2026-03-08"),
    ("America/Havana", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Africa/Cairo", "2026-10-30"),
    ("Pacific/Apia", "2011-12-29"),
    ("Asia/Beirut", "2026-03-29"),
];

fn any_window() -> impl Strategy<Value = Window> {
    let time = (0_i8..24, 0_i8..12).prop_map(|(hour, five)| Time::constant(hour, 5 * five, 0, 0));
    prop_oneof![
        (time.clone(), time).prop_map(|(start, end)| Window { start, end }),
        Just(window("00:00", "00:00")),
        Just(window("08:00", "12:00")),
        Just(window("12:00", "18:00")),
        Just(window("22:00", "02:00")),
    ]
}

prop_compose! {
    /// A week with one to three windows on most days.
    fn any_schedule()(
        days in prop::collection::vec(prop::collection::vec(any_window(), 0..3), 7),
    ) -> WeeklySchedule {
        let mut days = days.into_iter();
        let mut day = || days.next().unwrap();
        WeeklySchedule {
            monday: day(),
            tuesday: day(),
            wednesday: day(),
            thursday: day(),
            friday: day(),
            saturday: day(),
            sunday: day(),
        }
    }
}

prop_compose! {
    /// Terms around a change of the clock, and its day. Everything is in steps of
    /// five minutes.
    fn any_terms()(
        (zone, day) in prop::sample::select(&CHANGES[..]),
        schedule in prop::option::weighted(0.7, any_schedule()),
        hours in any_window(),
        interval in prop::sample::select(vec![15, 20, 30, 45, 60, 90, 240]),
        buffer in prop::sample::select(vec![0, 0, 10, 45]),
        seats in 1_u32..4,
        closures in prop::collection::vec((-2_i32..4, 0_i32..2), 0..2),
        min_notice in prop::sample::select(vec![0, 0, 95]),
        advance_days in 0_u32..6,
    ) -> (Terms, Date) {
        let day = date(day);
        let shift = |days: i32| day.checked_add(jiff::Span::new().days(days)).unwrap();
        let closures = closures.into_iter().map(|(from, more)| Closure {
            from: shift(from),
            to: shift(from + more),
            reason: None,
        });
        let terms = Terms {
            schedule,
            opening: hours.start,
            closing: hours.end,
            interval,
            buffer,
            seats,
            closures: closures.collect(),
            min_notice,
            advance_days,
            ..terms(zone)
        };
        (terms, day)
    }
}

/// Bookings around an instant, in steps of five minutes: where they begin, and how
/// long they last.
fn any_taken() -> impl Strategy<Value = Vec<(i64, u64)>> {
    prop::collection::vec((-600_i64..600, 1_u64..80), 0..14)
}

fn placed(around: Timestamp, bookings: &[(i64, u64)]) -> Vec<Taken> {
    let five = 300_000;
    let place = |(number, (from, long)): (usize, &(i64, u64))| {
        let start = Timestamp::from_millis(around.as_millis() + from * five);
        taken(u8::try_from(number).unwrap(), Span::new(start, start + minutes(5 * long)))
    };
    bookings.iter().enumerate().map(place).collect()
}
