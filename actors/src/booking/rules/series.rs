//! The judgement of a series: its occurrences must not get in each other's way
//! either.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::id::BookingId;

use super::judge::{Judgement, judge, reach};
use super::recurrence::Occurrence;
use super::span::{Span, Taken};
use super::terms::{Booker, Terms};

/// Judges every occurrence, by its index, as if those before it that can be booked
/// had been booked. `taken`, in any order, is at least everything in the reach of
/// all of them.
pub fn judge_series(
    terms: &Terms,
    now: Timestamp,
    booker: &Booker,
    occurrences: &[Occurrence],
    taken: &[Taken],
) -> Vec<(usize, Judgement)> {
    let calendar = Sorted::new(taken);
    let mut booked: Vec<(usize, Taken)> = Vec::new();
    let mut judgements = Vec::with_capacity(occurrences.len());
    for occurrence in occurrences {
        let asked = Span::new(occurrence.start, occurrence.end);
        let mut near = calendar.overlapping(reach(terms, asked));
        near.extend(booked.iter().map(|(_, taken)| *taken));
        let mut judgement = judge(terms, now, booker, asked, &near);
        part(&mut judgement, &booked);
        if judgement.bookable() {
            let Occurrence { index, start, end, .. } = *occurrence;
            booked.push((index, Taken { id: stand_in(index), start, end }));
        }
        judgements.push((occurrence.index, judgement));
    }
    judgements
}

/// Tells occurrences of the series from bookings that are there.
fn part(judgement: &mut Judgement, booked: &[(usize, Taken)]) {
    let sibling = |taken: &Taken| booked.iter().find(|(_, booked)| booked == taken);
    judgement.siblings = judgement.conflicts.iter().filter_map(|c| Some(sibling(c)?.0)).collect();
    judgement.conflicts.retain(|taken| sibling(taken).is_none());
}

/// An id that no booking has: it would have been made in 1970.
fn stand_in(index: usize) -> BookingId {
    let mut bytes = [0; 10];
    for (byte, place) in bytes.iter_mut().zip(index.to_be_bytes()) {
        *byte = place;
    }
    BookingId::new(Timestamp::EPOCH, bytes)
}

/// A calendar in which what overlaps a span is found without a look at the rest.
struct Sorted {
    taken: Vec<Taken>,
    longest: Duration,
}

impl Sorted {
    fn new(taken: &[Taken]) -> Self {
        let mut taken = taken.to_vec();
        taken.sort_unstable_by_key(|taken| (taken.start, taken.end, taken.id));
        let longest = taken.iter().map(|taken| taken.span().length()).max().unwrap_or_default();
        Self { taken, longest }
    }

    fn overlapping(&self, span: Span) -> Vec<Taken> {
        let from = span.start - self.longest;
        let skipped = self.taken.partition_point(|taken| taken.start < from);
        let begun = self.taken.iter().skip(skipped).take_while(|taken| taken.start < span.end);
        begun.filter(|taken| taken.span().overlaps(span)).copied().collect()
    }
}
