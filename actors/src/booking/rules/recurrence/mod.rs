//! Series: rules of recurrence, and the occurrences they make.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use zelador_store::Timestamp;

use super::span::Span;
use crate::moment::Spoken;

/// Occurrences of a series, at most.
pub const MOST: usize = 365;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Every so many days.
    Daily,
    /// Every so many weeks.
    Weekly,
    /// Every so many months.
    Monthly,
}

/// The `recurring_pattern` of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// How often.
    pub frequency: Frequency,
    /// Every so many of them, 1 to 52.
    pub interval: u32,
    /// The end, itself included.
    pub end_date: Option<Spoken>,
    /// Days of the week, 0 = Monday; empty: that of the start.
    pub days_of_week: Vec<u8>,
}

/// A rule of recurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {}

/// One of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// Its number, from 0.
    pub index: usize,
    /// Where the rule put it, local to the zone.
    pub original: DateTime,
    /// Its first instant.
    pub start: Timestamp,
    /// The instant at which it is over.
    pub end: Timestamp,
    /// The rule's local time does not exist, and it was moved past the gap.
    pub dst_adjusted: bool,
}

/// What is wrong with a rule of recurrence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceFlaw {
    /// The start is not one of the rule's.
    #[error("the start is not in the pattern")]
    StartNotInPattern,
}

impl RecurrenceFlaw {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::StartNotInPattern => "start_not_in_pattern",
        }
    }

    /// Values for the message.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

impl Recurrence {
    /// The rule of a request's pattern.
    pub fn from_pattern(_pattern: &Pattern) -> Result<Self, RecurrenceFlaw> {
        Ok(Self {})
    }

    /// The rule of a text: an `RRULE`'s value, or lines of `RRULE` and `EXDATE`.
    pub fn from_rrule(_text: &str) -> Result<Self, RecurrenceFlaw> {
        Ok(Self {})
    }

    /// Leaves occurrences out, beside those that the rule leaves out already.
    pub fn except(self, _left_out: &[Spoken]) -> Self {
        self
    }

    /// The rule as [`Self::from_rrule`] reads it.
    pub fn to_rrule(&self) -> String {
        String::new()
    }

    /// Whether it comes to an end by itself.
    pub const fn ends(&self) -> bool {
        false
    }
}

/// The occurrences of a rule, the first of which is `first`. A rule that does not
/// end by itself runs to `horizon`, which is the latest start.
pub fn expand(
    _rule: &Recurrence,
    _first: Span,
    _zone: &TimeZone,
    _horizon: Timestamp,
) -> Result<Vec<Occurrence>, RecurrenceFlaw> {
    Ok(Vec::new())
}
