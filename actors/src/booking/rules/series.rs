//! The judgement of a series.

use zelador_store::Timestamp;

use super::judge::Judgement;
use super::recurrence::Occurrence;
use super::span::Taken;
use super::terms::{Booker, Terms};

/// Judges every occurrence by its index, as if those before it that can be booked
/// had been booked. `taken`, in any order, is at least everything in the reach of
/// all of them.
pub fn judge_series(
    _terms: &Terms,
    _now: Timestamp,
    _booker: &Booker,
    _occurrences: &[Occurrence],
    _taken: &[Taken],
) -> Vec<(usize, Judgement)> {
    Vec::new()
}
