//! The slots of a day: every start on the grid of its windows, one interval long.
//!
//! - A slot belongs to the local day on which its window begins, past midnight
//!   too. One that begins in a window may end in the next, if they touch.
//! - One that a forward change of the clock falls inside is not offered, nor one
//!   that begins, after a backward change, before the last one offered in its
//!   window has ended. In a repeated hour both passes are offered.
//! - Closed days have their slots, refused as `closed`.

use jiff::civil::Date;
use zelador_store::Timestamp;

use super::ground::Ground;
use super::hours::{Hours, Opened};
use super::rule::Rule;
use super::span::{Span, Taken};
use super::terms::{Booker, Terms};
use super::zone;

/// A span of one interval that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Its first instant.
    pub start: Timestamp,
    /// The instant at which it is over.
    pub end: Timestamp,
    /// The first rule that is broken, the booker's left out; `None`: it is free.
    pub refused: Option<Rule>,
}

/// Some days in a row, whose slots are asked for.
#[derive(Debug)]
pub struct Days<'a> {
    terms: &'a Terms,
    dates: Vec<Date>,
    hours: Hours,
    /// From the first opening to the end of the last slot there can be.
    stretch: Option<Span>,
}

impl<'a> Days<'a> {
    /// These local days, in order and without a gap.
    pub fn new(terms: &'a Terms, dates: Vec<Date>) -> Self {
        let Some((first, last)) = dates.first().copied().zip(dates.last().copied()) else {
            return Self { terms, hours: Hours::default(), stretch: None, dates };
        };
        let mut hours = Hours::of(terms, first, last);
        let stretch = stretch(terms, &hours, first, last);
        if let Some(stretch) = stretch {
            let date = |at| zone::date(&terms.zone, at);
            let (from, to) = (date(stretch.start).min(first), date(stretch.end).max(last));
            if (from, to) != (first, last) {
                // The last slot may end in the hours of the day after.
                hours = Hours::of(terms, from, to);
            }
        }
        Self { terms, dates, hours, stretch }
    }

    /// Where whatever may stand in the way of their slots overlaps; `None`: they have
    /// none.
    pub fn reach(&self) -> Option<Span> {
        let (stretch, gap) = (self.stretch?, self.terms.gap());
        Some(Span::new(stretch.start - gap, stretch.end + gap))
    }

    /// The slots of each, by start. `taken`, in any order, is at least everything that
    /// occupies the resource somewhere in their [reach](Self::reach).
    pub fn slots(self, now: Timestamp, taken: &[Taken]) -> Vec<(Date, Vec<Slot>)> {
        let Self { terms, dates, hours, stretch } = self;
        let Some(stretch) = stretch else {
            return dates.into_iter().map(|date| (date, Vec::new())).collect();
        };
        let booker = Booker { allowed: true };
        let ground = Ground::with(terms, (now, booker), hours, stretch, taken);
        dates.into_iter().map(|date| (date, of_day(terms, &ground, date))).collect()
    }
}

/// The slots of a local day, by start. `taken`, in any order, is at least
/// everything that occupies the resource somewhere in the [reach](Days::reach).
pub fn slots(terms: &Terms, now: Timestamp, date: Date, taken: &[Taken]) -> Vec<Slot> {
    let days = Days::new(terms, vec![date]).slots(now, taken);
    days.into_iter().flat_map(|(_, slots)| slots).collect()
}

fn of_day(terms: &Terms, ground: &Ground<'_>, date: Date) -> Vec<Slot> {
    let today = ground.hours.opened.iter().filter(|opened| opened.date == date);
    let mut spans: Vec<Span> =
        today.flat_map(|opened| offered(terms, &ground.hours, opened)).collect();
    spans.sort_unstable_by_key(|span| span.start);
    spans.dedup();
    let slot = |span: Span| {
        let refused = ground.first_broken(span);
        Slot { start: span.start, end: span.end, refused }
    };
    spans.into_iter().map(slot).collect()
}

/// From the first opening of these days to the end of the last slot there can be.
fn stretch(terms: &Terms, hours: &Hours, first: Date, last: Date) -> Option<Span> {
    let asked = |opened: &&Opened| first <= opened.date && opened.date <= last;
    let spans = hours.opened.iter().filter(asked).map(|opened| opened.span);
    let (start, end) = (spans.clone().map(|span| span.start).min()?, spans.map(|span| span.end));
    Some(Span::new(start, end.max()? + terms.step()))
}

/// The slots of a window.
fn offered(terms: &Terms, hours: &Hours, opened: &Opened) -> Vec<Span> {
    let step = terms.step();
    let jumps = jumps(terms, hours, opened.span.and(step));
    let mut found: Vec<Span> = Vec::new();
    for start in hours.starts(terms, opened, opened.span) {
        let slot = Span::new(start, start + step);
        let free = found.last().is_none_or(|last| last.end <= slot.start);
        let whole = !jumps.iter().any(|jump| slot.start < *jump && *jump < slot.end);
        if free && whole && hours.hold(slot) {
            found.push(slot);
        }
    }
    found
}

/// Where the clock is put forward.
fn jumps(terms: &Terms, hours: &Hours, span: Span) -> Vec<Timestamp> {
    let steady = hours.steady(&terms.zone, span);
    let changes = steady.iter().zip(steady.iter().skip(1));
    let forward = changes.filter(|(before, after)| before.offset < after.offset);
    forward.map(|(_, after)| after.span.start).collect()
}
