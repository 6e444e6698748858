//! Every decision about bookings. Pure: no clock, no store, no log.
//!
//! ```text
//! tenant, category, resource ──▶ Terms ─┐
//! what occupies the resource ──▶ Load ──┼──▶ Ground::holds(rule, span)
//! the days around            ──▶ Hours ─┘      ▲     ▲     ▲      ▲
//!                                           judge slots Search judge_series
//! ```
//! Invariants:
//! - There is one evaluator, `ground`: whoever asks whether a span can be
//!   booked asks it, be it to book, to explain, to list or to search.
//! - Intervals are half-open: those that touch do not overlap.
//! - Nothing here adds a day as 24 hours: days belong to the zone's calendar.
//! - Nothing here loops without a bound that is named beside it.

mod detail;
mod ground;
mod hours;
mod judge;
mod load;
pub mod recurrence;
mod rule;
mod search;
mod series;
mod slots;
mod span;
pub mod status;
mod terms;
mod zone;

#[cfg(test)]
mod tests;

pub use detail::{Detail, Fact};
pub use judge::{Judgement, Verdict, judge, reach};
pub use recurrence::{Frequency, Occurrence, Pattern, Recurrence, RecurrenceFlaw, expand};
pub use rule::Rule;
pub use search::Search;
pub use series::judge_series;
pub use slots::{Days, Slot, slots};
pub use span::{Span, Taken};
pub use terms::{Booker, Terms, horizon, may_cancel};
pub use zone::day_span;
