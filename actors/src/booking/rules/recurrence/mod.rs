//! Series: rules of recurrence, and the occurrences they make.
//!
//! A rule comes from a request's pattern or from a text in the RFC 5545 subset
//! that `text.rs` draws; both are the same rule afterwards.
//! - A rule speaks of local days; all occurrences begin at the time of day at
//!   which the first one does, and last as long in elapsed time. A local
//!   time that a change of the clock leaves out is moved past it and marked; of
//!   one that comes twice the earlier is meant.
//! - Weeks begin on Monday. Months that lack a day are skipped, and not counted.
//! - The end is inclusive; an end that is a day is the end of that local day.
//! - Nothing expands to more than [`MOST`] occurrences, nor farther than
//!   [`FARTHEST`] days. A rule with an end of its own that goes beyond either is
//!   refused: every occurrence up to its end is meant.
//!
//! The expansion is written here, for three frequencies, rather than taken from the
//! `rrule` crate (0.14 was tried). That brings a second calendar and a second
//! database of zones, which could disagree with the one that judges what it made;
//! it loses days of a monthly list such as `WE,4TH`, and refuses `-5MO`. On twenty
//! thousand rules made at random the two agree but for those.

mod days;
mod expand;
mod flaw;
mod pattern;
mod text;

use jiff::civil::{Date, DateTime};
use zelador_store::Timestamp;

pub use expand::{Occurrence, expand};
pub use flaw::RecurrenceFlaw;
pub use pattern::Pattern;

/// Occurrences of a series, at most.
pub const MOST: usize = 365;
/// Days that a series may reach ahead of its start: as far as any advance window.
pub const FARTHEST: i32 = 3660;

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

impl Frequency {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Daily, Self::Weekly, Self::Monthly];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// The frequency of a word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|frequency| frequency.word().eq_ignore_ascii_case(word))
    }
}

/// A rule of recurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    frequency: Frequency,
    /// At least 1.
    interval: u32,
    /// Ascending; empty: as the start.
    by_day: Vec<ByDay>,
    /// From 1, or from -1 backwards; ascending.
    by_month_day: Vec<i8>,
    end: End,
    /// What is left out, ascending.
    except: Vec<Point>,
}

/// A day of the week, or of those of a month the nth, from the end if negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ByDay {
    /// 0 = Monday.
    weekday: u8,
    nth: Option<i8>,
}

/// Where a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    After(usize),
    Until(Point),
}

/// A time that a rule names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Point {
    Day(Date),
    Local(DateTime),
    At(Timestamp),
}

impl Recurrence {
    /// Whether it comes to an end by itself.
    pub const fn ends(&self) -> bool {
        !matches!(self.end, End::Open)
    }

    fn of(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            end: End::Open,
            except: Vec::new(),
        }
    }

    /// In the order in which rules that are the same are equal.
    fn in_order(mut self) -> Self {
        self.by_day.sort_unstable();
        self.by_day.dedup();
        self.by_month_day.sort_unstable();
        self.by_month_day.dedup();
        self.except.sort_unstable();
        self.except.dedup();
        self
    }
}
