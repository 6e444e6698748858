//! How many seats are taken, at every instant of a stretch.
//!
//! A gap is kept free behind every booking, so each is taken to be longer by it,
//! at its end: those that are there and the one that is asked for. Two neighbours
//! are then as far apart as they should be, whichever comes first, and not twice
//! as far.

use std::time::Duration;

use zelador_store::Timestamp;

use super::span::{Span, Taken};

/// How many seats are taken from one instant to the next that is listed.
#[derive(Debug)]
pub(super) struct Load {
    steps: Vec<(Timestamp, u32)>,
    gap: Duration,
}

/// The fullest moment of a span.
pub(super) struct Peak {
    pub(super) taken: u32,
    /// The first instant at which so many are.
    pub(super) at: Timestamp,
}

impl Load {
    /// What those that meet `within` come to. One sort, one sweep.
    pub(super) fn new(taken: &[Taken], gap: Duration, within: Span) -> Self {
        let mut events = Vec::with_capacity(2 * taken.len());
        for taken in taken.iter().map(Taken::span).filter(|span| !span.is_empty()) {
            let span = taken.and(gap);
            if span.overlaps(within) {
                events.extend([(span.start, 1_i64), (span.end, -1)]);
            }
        }
        events.sort_unstable();
        let mut count = 0_i64;
        let mut steps: Vec<(Timestamp, u32)> = Vec::with_capacity(events.len());
        for (at, change) in events {
            count += change;
            let seats = u32::try_from(count).unwrap_or(0);
            match steps.last_mut() {
                Some(last) if last.0 == at => last.1 = seats,
                _ => steps.push((at, seats)),
            }
        }
        Self { steps, gap }
    }

    /// The fullest moment of a span and the gap behind it.
    pub(super) fn peak(&self, asked: Span) -> Peak {
        let mut peak = Peak { taken: 0, at: asked.start };
        for (span, taken) in self.during(asked) {
            if taken > peak.taken {
                peak = Peak { taken, at: span.start };
            }
        }
        peak
    }

    /// Which of `taken` share a moment with a span at which `seats` or more are
    /// taken, by their start.
    pub(super) fn in_the_way(&self, asked: Span, seats: u32, taken: &[Taken]) -> Vec<Taken> {
        let full = self.during(asked).filter(|(_, taken)| *taken >= seats);
        let full: Vec<Span> = full.map(|(span, _)| span).collect();
        let stands = |taken: &&Taken| {
            let span = taken.span().and(self.gap);
            !taken.span().is_empty() && full.iter().any(|full| full.overlaps(span))
        };
        let mut found: Vec<Taken> = taken.iter().filter(stands).copied().collect();
        found.sort_unstable_by_key(|taken| (taken.start, taken.end, taken.id));
        found
    }

    /// The steps of a span and the gap behind it, cut to it.
    fn during(&self, asked: Span) -> impl Iterator<Item = (Span, u32)> {
        let asked = asked.and(self.gap);
        let begun = self.steps.partition_point(|(at, _)| *at <= asked.start).saturating_sub(1);
        let steps = self.steps.iter().skip(begun).enumerate();
        let ends = move |at: usize| self.steps.get(begun + at + 1).map_or(Timestamp::MAX, |s| s.0);
        let spans = steps.map(move |(at, (start, taken))| (Span::new(*start, ends(at)), *taken));
        let met = spans.take_while(move |(span, _)| span.start < asked.end);
        met.map(move |(span, taken)| (span.within(asked), taken))
            .filter(|(span, _)| !span.is_empty())
    }
}
