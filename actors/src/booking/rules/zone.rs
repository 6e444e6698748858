//! Local times and the instants they stand for.
//!
//! Where a change of the clock leaves a local time out, or repeats it:
//!
//! | | left out | comes twice |
//! |---|---|---|
//! | an occurrence | later by what was left out (RFC 5545, 3.3.5) | the earlier |
//! | an opening | the first instant after | the earlier |
//! | a closing | the first instant after | the later; midnight, as the end of the day before, the earlier |
//! | a day's begin | its first instant; a day left out has none | the earlier |
//!
//! So hours never end before they begin, and hours that lie in what is left out
//! are empty.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, AmbiguousTimestamp, Offset, TimeZone};
use jiff::{SignedDuration, ToSpan};
use zelador_store::Timestamp;

use super::span::Span;
use crate::moment::Spoken;

/// Changes of the clock that are looked through for the one that is meant.
const NEARBY: usize = 8;

/// An instant, and whether the local time had to be moved to get there.
pub(super) struct Meant {
    pub(super) start: Timestamp,
    pub(super) moved: bool,
}

/// What the local time of an occurrence means; `None`: no instant that there is.
pub(super) fn meant(zone: &TimeZone, local: DateTime) -> Option<Meant> {
    let found = zone.to_ambiguous_timestamp(local);
    let moved = matches!(found.offset(), AmbiguousOffset::Gap { .. });
    Some(Meant { start: found.compatible().ok()?.into(), moved })
}

/// When hours that open at this local time do, and whether it was left out.
pub(super) fn opening(zone: &TimeZone, local: DateTime) -> Option<Meant> {
    let found = zone.to_ambiguous_timestamp(local);
    if let AmbiguousOffset::Gap { after, .. } = found.offset() {
        return Some(Meant { start: gap_end(zone, found, after)?, moved: true });
    }
    Some(Meant { start: found.earlier().ok()?.into(), moved: false })
}

/// When hours that close at this local time do.
pub(super) fn closing(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    let found = zone.to_ambiguous_timestamp(local);
    let closing = match found.offset() {
        AmbiguousOffset::Gap { after, .. } => return gap_end(zone, found, after),
        _ if local.time() == Time::midnight() => found.earlier(),
        _ => found.later(),
    };
    Some(closing.ok()?.into())
}

fn gap_end(zone: &TimeZone, found: AmbiguousTimestamp, after: Offset) -> Option<Timestamp> {
    // With the offset from before the change, the time lies at it or past it.
    let past = found.later().ok()?.checked_add(SignedDuration::from_nanos(1)).ok()?;
    let change = zone.preceding(past).take(NEARBY).find(|change| change.offset() == after)?;
    Some(change.timestamp().into())
}

/// From the first instant of a local day to that of the next; `None`: the zone
/// left the day out.
pub fn day_span(zone: &TimeZone, date: Date) -> Option<Span> {
    let first = |date: Date| Spoken::Day(date).resolve(zone).ok();
    let start = first(date)?;
    let next = [1, 2].into_iter().find_map(|days| first(date.checked_add(days.days()).ok()?));
    Some(Span::new(start, next.unwrap_or(Timestamp::MAX)))
}

/// The local day of an instant.
pub(super) fn date(zone: &TimeZone, at: Timestamp) -> Date {
    zone.to_datetime(at.to_jiff()).date()
}

/// What a clock on the wall shows, in milliseconds, as if it were UTC.
pub(super) fn wall(zone: &TimeZone, at: Timestamp) -> i64 {
    at.as_millis() + offset(zone, at)
}

/// The same of a local time, whether it exists or not.
pub(super) fn wall_of(local: DateTime) -> i64 {
    let at = Offset::UTC.to_timestamp(local);
    at.unwrap_or(jiff::Timestamp::MAX).as_millisecond()
}

fn offset(zone: &TimeZone, at: Timestamp) -> i64 {
    i64::from(zone.to_offset(at.to_jiff()).seconds()) * 1000
}

/// A stretch within which the clock is not changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steady {
    pub(super) span: Span,
    /// Milliseconds from UTC to the wall.
    pub(super) offset: i64,
}

/// A span, cut at every change of the clock inside it.
pub(super) fn steady(zone: &TimeZone, span: Span) -> Vec<Steady> {
    let mut rest = span;
    let mut found = Vec::with_capacity(1);
    let mut offset = offset(zone, span.start);
    for change in zone.following(span.start.to_jiff()) {
        let (at, next) = (Timestamp::from(change.timestamp()), change.offset().seconds());
        if at >= span.end {
            break;
        }
        let next = i64::from(next) * 1000;
        if next != offset {
            found.push(Steady { span: Span::new(rest.start, at), offset });
            (rest.start, offset) = (at, next);
        }
    }
    if !rest.is_empty() {
        found.push(Steady { span: rest, offset });
    }
    found
}
