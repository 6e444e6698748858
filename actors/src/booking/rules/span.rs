//! Stretches of time.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::id::BookingId;

/// Milliseconds of a minute.
pub(super) const MINUTE: i64 = 60_000;

/// `[start, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Its first instant.
    pub start: Timestamp,
    /// The instant at which it is over.
    pub end: Timestamp,
}

impl Span {
    /// From an instant to another.
    pub const fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end }
    }

    /// How long it takes; zero if it ends before it starts.
    pub fn length(self) -> Duration {
        self.end.since(self.start)
    }

    /// Whether they share an instant.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// What they share; empty if they share nothing.
    pub(super) fn within(self, other: Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }

    pub(super) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// With a gap kept free behind it.
    pub(super) fn and(self, gap: Duration) -> Self {
        Self { start: self.start, end: self.end + gap }
    }
}

/// What occupies a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Which booking.
    pub id: BookingId,
    /// Its first instant.
    pub start: Timestamp,
    /// The instant at which it is over.
    pub end: Timestamp,
}

impl Taken {
    /// When.
    pub const fn span(&self) -> Span {
        Span { start: self.start, end: self.end }
    }
}

/// Sorted, with those that overlap or touch made one.
pub(super) fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| !span.is_empty());
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// Whether one of the spans of a [`union`] holds the whole of `asked`.
pub(super) fn covers(union: &[Span], asked: Span) -> bool {
    let after = union.partition_point(|span| span.start <= asked.start);
    let holder = after.checked_sub(1).and_then(|at| union.get(at));
    holder.is_some_and(|span| asked.end <= span.end)
}
