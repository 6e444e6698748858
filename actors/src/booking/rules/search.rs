//! The nearest spans that can be booked.

use zelador_store::Timestamp;

use super::span::{Span, Taken};
use super::terms::{Booker, Terms};

/// A search that says which part of the calendar it needs next:
/// `while let Some(span) = search.needs() { search.feed(&taken_in(span)) }`.
#[derive(Debug)]
pub struct Search<'a> {
    _terms: &'a Terms,
}

impl<'a> Search<'a> {
    /// Looks for `wanted` spans of the length of `asked`, rounded up to the
    /// interval, around it.
    pub fn new(
        terms: &'a Terms,
        _now: Timestamp,
        _booker: &Booker,
        _asked: Span,
        _wanted: usize,
    ) -> Self {
        Self { _terms: terms }
    }

    /// What it needs to know next: everything that occupies the resource
    /// somewhere in this span. `None`: it has finished.
    pub fn needs(&self) -> Option<Span> {
        None
    }

    /// Goes on with what it needed, in any order.
    pub fn feed(&mut self, _taken: &[Taken]) {}

    /// What was found, the nearest first.
    pub fn found(self) -> Vec<Span> {
        Vec::new()
    }
}
