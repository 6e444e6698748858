//! What the booking concern can be asked to do. `Ok` means that it is on disk.

use std::sync::Arc;
use std::time::Duration;

use zelador_store::Stored;
use zelador_store::author::Author;
use zelador_store::booking::{Booking, BookingStatus};
use zelador_store::id::{BookingId, ResourceId, TenantId, UserId};
use zelador_store::tenant::Tenants;

use super::rules::{Judgement, Occurrence, Recurrence, Span, Terms};
use crate::answer::Keep;
use crate::moment::Spoken;

/// A booking, with what it takes to show it.
#[derive(Debug, Clone, PartialEq)]
pub struct BookingRecord {
    /// Its id.
    pub id: BookingId,
    /// Its row.
    pub booking: Booking,
    /// Whether a user may still call it off.
    pub can_cancel: bool,
    /// The recurring request it came from.
    pub pattern: Option<Arc<Pattern>>,
    /// The row of its tenant.
    pub tenant: Arc<Stored<Tenants>>,
}

/// A recurring request, as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The pattern of the API: JSON, as text.
    pub pattern: Option<String>,
    /// The rule, as RFC 5545 writes it.
    pub rrule: String,
}

/// What the caller may do with the bookings of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// The person who calls, if it is one.
    pub person: Option<UserId>,
    /// May change the bookings of others, and their status.
    pub manages: bool,
    /// May call off whenever it is.
    pub spared: bool,
}

impl Rights {
    /// Whether the caller may change this booking at all.
    pub fn over(&self, booking: &Booking) -> bool {
        self.manages || self.person.is_some_and(|id| id == booking.user || id == booking.client)
    }
}

/// Makes a booking, a hold or a series.
#[derive(Debug)]
pub struct Book {
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub resource: ResourceId,
    /// Who books.
    pub user: UserId,
    /// For whom; `None`: for the user.
    pub client: Option<UserId>,
    /// From when.
    pub start: Spoken,
    /// Until when.
    pub end: Spoken,
    /// Anything to note.
    pub notes: Option<String>,
    /// Only hold it, for this long.
    pub hold: Option<Duration>,
    /// Again and again.
    pub recurring: Option<Recurring>,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<Booked>>,
}

/// How a booking recurs.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurring {
    /// The rule.
    pub rule: Recurrence,
    /// The pattern it was asked for with: JSON, as text.
    pub pattern: Option<String>,
    /// Leave out what cannot be booked, instead of refusing all of it.
    pub skip: bool,
}

/// What was booked.
#[derive(Debug, Clone, PartialEq)]
pub struct Booked {
    /// The booking, or the first of the series.
    pub first: BookingRecord,
    /// All of the series, the first among them; empty: it is none.
    pub occurrences: Vec<BookingRecord>,
    /// What was left out of the series.
    pub skipped: Vec<Failing>,
}

/// Changes a booking, or more of its series.
#[derive(Debug)]
pub struct Command {
    /// Which.
    pub id: BookingId,
    /// Bookings of any other tenant are invisible to the caller; `None`: none are.
    pub within: Option<TenantId>,
    /// The version that was meant; another one is refused.
    pub if_version: Option<u64>,
    /// What to do.
    pub what: What,
    /// With how much of its series.
    pub scope: Scope,
    /// What the caller may do.
    pub rights: Rights,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<Changed>>,
}

/// How much of a series is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// This booking.
    #[default]
    This,
    /// This one and those after it.
    Following,
    /// All of it that is to come.
    All,
}

/// What to do with a booking.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Make it what the draft says; what moves is judged again.
    Revise(Revision),
    /// Move it to another status.
    Move(BookingStatus),
    /// Call it off.
    Cancel {
        /// Why.
        reason: Option<String>,
    },
}

/// What a booking shall be; `None`: as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Revision {
    /// On what.
    pub resource: Option<ResourceId>,
    /// For whom.
    pub client: Option<UserId>,
    /// From when.
    pub start: Option<Spoken>,
    /// Until when.
    pub end: Option<Spoken>,
    /// What is noted; the inner `None`: nothing.
    pub notes: Option<Option<String>>,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The booking that was named.
    pub record: BookingRecord,
    /// All that were changed, that one among them if it was.
    pub all: Vec<BookingRecord>,
}

/// Why something cannot be booked.
#[derive(Debug, Clone)]
pub struct Unbookable {
    /// Whose rules they are.
    pub tenant: Arc<Stored<Tenants>>,
    /// The rules.
    pub terms: Arc<Terms>,
    /// What was asked for; of a series, the first that fails.
    pub judgement: Judgement,
    /// The nearest that could be booked instead.
    pub nearest: Vec<Span>,
    /// Every occurrence of a series that fails; empty: it is none.
    pub failing: Vec<Failing>,
}

/// An occurrence that cannot be booked.
#[derive(Debug, Clone, PartialEq)]
pub struct Failing {
    /// Which.
    pub occurrence: Occurrence,
    /// Why.
    pub judgement: Judgement,
}

/// The rules decided: it was done, or this is why not.
pub type Decided<T> = Result<T, Box<Unbookable>>;
