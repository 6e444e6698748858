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
use super::hours::{self, Hours, Opened};
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

/// The slots of a local day, by start. `taken`, in any order, is at least
/// everything that occupies the resource somewhere in [`slots_reach`].
pub fn slots(terms: &Terms, now: Timestamp, date: Date, taken: &[Taken]) -> Vec<Slot> {
    let Some(stretch) = stretch(terms, date) else { return Vec::new() };
    let ground = Ground::new(terms, now, Booker { allowed: true }, stretch, taken);
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

/// Where whatever may stand in the way of a day's slots overlaps; `None`: the day
/// has no slots.
pub fn slots_reach(terms: &Terms, date: Date) -> Option<Span> {
    let (stretch, gap) = (stretch(terms, date)?, terms.gap());
    Some(Span::new(stretch.start - gap, stretch.end + gap))
}

/// From the first opening of a day to the end of the last slot there can be.
fn stretch(terms: &Terms, date: Date) -> Option<Span> {
    let hours = Hours::of(terms, date, date);
    let spans = hours.opened.iter().filter(|opened| opened.date == date).map(|opened| opened.span);
    let (first, last) = (spans.clone().map(|span| span.start).min()?, spans.map(|span| span.end));
    Some(Span::new(first, last.max()? + terms.step()))
}

/// The slots of a window.
fn offered(terms: &Terms, hours: &Hours, opened: &Opened) -> Vec<Span> {
    let step = terms.step();
    let jumps = jumps(terms, opened.span.and(step));
    let mut found: Vec<Span> = Vec::new();
    for start in opened.starts(&terms.zone, hours::step(terms), opened.span) {
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
fn jumps(terms: &Terms, span: Span) -> Vec<Timestamp> {
    let steady = zone::steady(&terms.zone, span);
    let changes = steady.iter().zip(steady.iter().skip(1));
    let forward = changes.filter(|(before, after)| before.offset < after.offset);
    forward.map(|(_, after)| after.span.start).collect()
}
