//! What is wrong with a rule of recurrence.

use super::{FARTHEST, MOST};

/// What is wrong with a rule of recurrence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceFlaw {
    /// The interval is out of range.
    #[error("the interval is not between 1 and {most}")]
    Interval {
        /// The greatest there may be.
        most: u32,
    },
    /// A day of the week is not between 0 and 6.
    #[error("days of the week are 0 to 6, 0 being Monday")]
    Weekday,
    /// Days of the week with a monthly pattern, which keeps the day of the month.
    #[error("a monthly pattern keeps the day of the month")]
    WeekdaysMonthly,
    /// A part of RFC 5545 that is not understood here.
    #[error("{what} is not supported")]
    Unsupported {
        /// The part.
        what: String,
    },
    /// The text is no rule.
    #[error("{what} is malformed")]
    Malformed {
        /// The part.
        what: String,
    },
    /// Both a count and an end, of which a rule has one.
    #[error("COUNT and UNTIL exclude each other")]
    CountAndUntil,
    /// The rule makes, or leaves out, more than there may be.
    #[error("a series has no more than {MOST} occurrences")]
    TooMany,
    /// The rule ends farther ahead than anything can be booked.
    #[error("a series reaches no more than {FARTHEST} days ahead")]
    TooFar,
    /// The start is not one of the rule's.
    #[error("the start is not in the pattern")]
    StartNotInPattern,
    /// The rule ends before it starts.
    #[error("the end is before the start")]
    EndBeforeStart,
    /// Everything that the rule makes is left out.
    #[error("no occurrence is left")]
    NothingLeft,
}

impl RecurrenceFlaw {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Interval { .. } => "out_of_range",
            Self::Weekday => "unknown_weekday",
            Self::WeekdaysMonthly => "weekdays_with_monthly",
            Self::Unsupported { .. } => "unsupported_rrule",
            Self::Malformed { .. } => "malformed_rrule",
            Self::CountAndUntil => "count_and_until",
            Self::TooMany => "too_many_occurrences",
            Self::TooFar => "series_too_far",
            Self::StartNotInPattern => "start_not_in_pattern",
            Self::EndBeforeStart => "end_before_start",
            Self::NothingLeft => "no_occurrences",
        }
    }

    /// The member of a `recurring_pattern` that is to blame; `None`: the whole, or
    /// the start.
    pub const fn member(&self) -> Option<&'static str> {
        match self {
            Self::Interval { .. } => Some("interval"),
            Self::Weekday | Self::WeekdaysMonthly => Some("days_of_week"),
            Self::TooMany | Self::TooFar | Self::EndBeforeStart => Some("end_date"),
            _ => None,
        }
    }

    /// Values for the message.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Interval { most } => vec![("least", "1".into()), ("most", most.to_string())],
            Self::Unsupported { what } | Self::Malformed { what } => vec![("part", what.clone())],
            Self::TooMany => vec![("most", MOST.to_string())],
            Self::TooFar => vec![("days", FARTHEST.to_string())],
            _ => Vec::new(),
        }
    }
}
