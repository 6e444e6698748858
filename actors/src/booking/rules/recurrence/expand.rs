//! From a rule to its occurrences.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use zelador_store::Timestamp;

use super::{End, MOST, Point, Recurrence, RecurrenceFlaw, days};
use crate::booking::rules::span::Span;
use crate::booking::rules::zone;

/// One of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// Its number, from 0.
    pub index: usize,
    /// Where the rule put it, local to the zone.
    pub original: DateTime,
    /// Its first instant.
    pub start: Timestamp,
    /// The instant at which it is over.
    pub end: Timestamp,
    /// The rule's local time does not exist, and it was moved past the gap.
    pub dst_adjusted: bool,
}

/// The occurrences of a rule, the first of which is `first`. A rule that does not
/// end by itself runs to `horizon`, the latest start, or to [`MOST`] occurrences;
/// it has its first one in any case.
pub fn expand(
    rule: &Recurrence,
    first: Span,
    zone: &TimeZone,
    horizon: Timestamp,
) -> Result<Vec<Occurrence>, RecurrenceFlaw> {
    let local = zone.to_datetime(first.start.to_jiff());
    check(rule, local, first.start, zone)?;
    let mut made = make(rule, first, zone, horizon)?;
    // Where a whole day was left out, the next one may come twice.
    made.dedup_by_key(|occurrence| occurrence.start);
    made.retain(|occurrence| !rule.leaves_out(occurrence));
    for (index, occurrence) in made.iter_mut().enumerate() {
        occurrence.index = index;
    }
    if made.is_empty() { Err(RecurrenceFlaw::NothingLeft) } else { Ok(made) }
}

fn check(
    rule: &Recurrence,
    local: DateTime,
    start: Timestamp,
    zone: &TimeZone,
) -> Result<(), RecurrenceFlaw> {
    let date = local.date();
    if !rule.picks(date, date) {
        return Err(RecurrenceFlaw::StartNotInPattern);
    }
    if rule.is_over(local, start) {
        return Err(RecurrenceFlaw::EndBeforeStart);
    }
    match rule.end {
        End::Until(until) if until.day(zone) > days::last(date) => Err(RecurrenceFlaw::TooFar),
        _ => Ok(()),
    }
}

fn make(
    rule: &Recurrence,
    first: Span,
    zone: &TimeZone,
    horizon: Timestamp,
) -> Result<Vec<Occurrence>, RecurrenceFlaw> {
    let local = zone.to_datetime(first.start.to_jiff());
    let mut made: Vec<Occurrence> = Vec::new();
    for day in rule.days(local.date()) {
        let original = day.to_datetime(local.time());
        let Some(occurrence) = place(original, first, zone, made.len()) else { break };
        let start = occurrence.start;
        let over = rule.is_over(original, start) || (!rule.ends() && start > horizon);
        if over && !made.is_empty() {
            return Ok(made);
        }
        if made.len() == MOST {
            return if rule.ends() { Err(RecurrenceFlaw::TooMany) } else { Ok(made) };
        }
        made.push(occurrence);
        if rule.end == End::After(made.len()) {
            return Ok(made);
        }
    }
    if matches!(rule.end, End::After(_)) { Err(RecurrenceFlaw::TooFar) } else { Ok(made) }
}

/// The first one stands where it was asked for, be it the later of two that the
/// wall shows alike.
fn place(original: DateTime, first: Span, zone: &TimeZone, index: usize) -> Option<Occurrence> {
    let meant = zone::meant(zone, original)?;
    let (start, dst_adjusted) =
        if index == 0 { (first.start, false) } else { (meant.start, meant.moved) };
    Some(Occurrence { index, original, start, end: start + first.length(), dst_adjusted })
}

impl Recurrence {
    /// Whether an occurrence would come after the end.
    fn is_over(&self, original: DateTime, start: Timestamp) -> bool {
        let End::Until(until) = self.end else { return false };
        match until {
            Point::Day(day) => original.date() > day,
            Point::Local(local) => original > local,
            Point::At(at) => start > at,
        }
    }

    fn leaves_out(&self, occurrence: &Occurrence) -> bool {
        let original = occurrence.original;
        self.except.iter().any(|point| match point {
            Point::Day(day) => original.date() == *day,
            Point::Local(local) => original == *local,
            Point::At(at) => occurrence.start == *at,
        })
    }
}

impl Point {
    fn day(self, zone: &TimeZone) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Local(local) => local.date(),
            Self::At(at) => zone::date(zone, at),
        }
    }
}
