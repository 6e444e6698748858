//! The nearest spans that can be booked.
//!
//! ```text
//!                     asked
//!         ◀── year ──◀── month ──◀ week ◀ day ▶ week ▶── month ──▶── year ──▶
//! ```
//! Rings around the start that was asked for, or around the nearest start that
//! notice and advance window allow; each ring asks for its part of the calendar
//! only if those inside it did not suffice. Of the starts on the grid those are
//! found that [`Ground`] lets book, by distance to the start that was asked for,
//! the earlier first. Nothing is looked at farther away than a year, nor more than
//! [`MOST_STARTS`] starts.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::booking::LONGEST;

use super::ground::Ground;
use super::judge::reach;
use super::span::{Span, Taken};
use super::terms::{Booker, Terms, horizon};

/// Starts that are tried, at most.
const MOST_STARTS: usize = 50_000;

/// Hours from the middle to the outside of each ring.
const RINGS: [u64; 4] = [24, 7 * 24, 31 * 24, 366 * 24];

/// A search that says which part of the calendar it needs next:
/// `while let Some(span) = search.needs() { search.feed(&taken_in(span)) }`.
#[derive(Debug)]
pub struct Search<'a> {
    terms: &'a Terms,
    now: Timestamp,
    booker: Booker,
    asked: Timestamp,
    middle: Timestamp,
    /// The starts that notice and advance window allow, the last one included.
    allowed: Span,
    length: Duration,
    wanted: usize,
    ring: usize,
    tried: usize,
    found: Vec<Span>,
}

impl<'a> Search<'a> {
    /// Looks for `wanted` spans of the length of `asked`, rounded up to the
    /// interval, around it. There are none for whoever may not book, nor on a
    /// resource that cannot be booked.
    pub fn new(
        terms: &'a Terms,
        now: Timestamp,
        booker: &Booker,
        asked: Span,
        wanted: usize,
    ) -> Self {
        let allowed = Span::new(terms.earliest(now), horizon(terms, now));
        let possible = terms.active && booker.allowed && allowed.start <= allowed.end;
        Self {
            terms,
            now,
            booker: *booker,
            asked: asked.start,
            middle: asked.start.min(allowed.end).max(allowed.start),
            allowed,
            length: rounded(terms, asked),
            wanted: if possible { wanted } else { 0 },
            ring: 0,
            tried: 0,
            found: Vec::new(),
        }
    }

    /// What it needs to know next: everything that occupies the resource
    /// somewhere in this span. `None`: it has finished.
    pub fn needs(&self) -> Option<Span> {
        (!self.finished()).then(|| reach_of(self.terms, self.stretch()))
    }

    /// Goes on with what it needed, in any order.
    pub fn feed(&mut self, taken: &[Taken]) {
        if self.finished() {
            return;
        }
        let ground = Ground::new(self.terms, self.now, self.booker, self.stretch(), taken);
        for start in self.starts(&ground) {
            if self.found.len() >= self.wanted || self.tried >= MOST_STARTS {
                break;
            }
            self.tried += 1;
            let span = Span::new(start, start + self.length);
            if ground.first_broken(span).is_none() {
                self.found.push(span);
            }
        }
        self.ring += 1;
    }

    /// What was found, the nearest first.
    pub fn found(self) -> Vec<Span> {
        self.found
    }

    fn finished(&self) -> bool {
        let inner = self.ring.checked_sub(1).map(|ring| self.reached(ring));
        self.found.len() >= self.wanted
            || self.tried >= MOST_STARTS
            || self.ring >= RINGS.len()
            || inner == Some(self.allowed)
    }

    /// The starts within a ring and those inside it, the last one included.
    fn reached(&self, ring: usize) -> Span {
        let hours = RINGS.get(ring).copied().unwrap_or(0);
        let radius = Duration::from_secs(3600 * hours);
        Span::new(self.middle - radius, self.middle + radius).within(self.allowed)
    }

    /// Where the spans of the ring lie.
    fn stretch(&self) -> Span {
        self.reached(self.ring).and(self.length)
    }

    /// The starts of the ring, the nearest to the one asked for first.
    fn starts(&self, ground: &Ground<'_>) -> Vec<Timestamp> {
        let ring = self.reached(self.ring);
        let inner = self.ring.checked_sub(1).map(|ring| self.reached(ring));
        let new = |at: &Timestamp| inner.is_none_or(|inner| *at < inner.start || inner.end < *at);
        let within = ring.and(Duration::from_millis(1));
        let opened = ground.hours.opened.iter().filter(|opened| opened.span.overlaps(within));
        let starts = opened.flat_map(|opened| ground.hours.starts(self.terms, opened, within));
        let mut starts: Vec<Timestamp> = starts.filter(new).collect();
        starts.sort_unstable_by_key(|at| (self.distance(*at), *at));
        starts.dedup();
        starts
    }

    fn distance(&self, at: Timestamp) -> u64 {
        at.as_millis().abs_diff(self.asked.as_millis())
    }
}

fn reach_of(terms: &Terms, stretch: Span) -> Span {
    let start = reach(terms, stretch).start;
    Span::new(start, stretch.end + terms.gap())
}

/// The least multiple of the interval that is no shorter, if there is one that a
/// booking may last; else the greatest there is.
fn rounded(terms: &Terms, asked: Span) -> Duration {
    let step = terms.step().as_millis().max(1);
    let most = LONGEST.as_millis() / step;
    let steps = asked.length().as_millis().div_ceil(step).clamp(1, most.max(1));
    Duration::from_millis(u64::try_from(steps * step).unwrap_or(u64::MAX))
}
