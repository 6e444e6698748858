//! The slots of a day.

use jiff::civil::Date;
use zelador_store::Timestamp;

use super::rule::Rule;
use super::span::{Span, Taken};
use super::terms::Terms;

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
pub fn slots(_terms: &Terms, _now: Timestamp, _date: Date, _taken: &[Taken]) -> Vec<Slot> {
    Vec::new()
}

/// Where whatever may stand in the way of a day's slots overlaps; `None`: the
/// zone leaves the day out.
pub fn slots_reach(_terms: &Terms, _date: Date) -> Option<Span> {
    None
}
