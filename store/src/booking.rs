//! Bookings: half-open intervals `[start, end)` on resources.
//!
//! ```text
//! reservado ──▶ pendente ──▶ confirmado ──▶ concluido
//!     │  └─────────│────────────▶ │ └─────▶ nao_compareceu
//!     ▼            ▼              ▼
//!  expirado   rejeitado │ cancelado
//! ```
//! The first three occupy the resource. Whatever makes a booking occupy, or moves
//! one that does, raises the revision of the resource's calendar in the same
//! write, expecting it as it was read: so no two writers place a booking on what
//! they believe to be the same calendar.

use std::time::Duration;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::id::{BookingId, JobId, ResourceId, SeriesId, TenantId, UserId, WaitlistId};
use crate::kv::{IndexDef, Lookup, Table};
use crate::time::Timestamp;

/// No booking is longer, so that what overlaps an instant is found near it.
pub const LONGEST: Duration = Duration::from_hours(31 * 24);

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// Held for a while.
    Reservado,
    /// Waits for confirmation.
    Pendente,
    /// It stands.
    Confirmado,
    /// The hold ran out.
    Expirado,
    /// It was not confirmed.
    Rejeitado,
    /// It was called off.
    Cancelado,
    /// It took place.
    Concluido,
    /// Nobody came.
    NaoCompareceu,
}

impl BookingStatus {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Reservado,
        Self::Pendente,
        Self::Confirmado,
        Self::Expirado,
        Self::Rejeitado,
        Self::Cancelado,
        Self::Concluido,
        Self::NaoCompareceu,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reservado => "reservado",
            Self::Pendente => "pendente",
            Self::Confirmado => "confirmado",
            Self::Expirado => "expirado",
            Self::Rejeitado => "rejeitado",
            Self::Cancelado => "cancelado",
            Self::Concluido => "concluido",
            Self::NaoCompareceu => "nao_compareceu",
        }
    }

    /// The English word for it, which is accepted as well.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Reservado => "held",
            Self::Pendente => "pending",
            Self::Confirmado => "confirmed",
            Self::Expirado => "expired",
            Self::Rejeitado => "rejected",
            Self::Cancelado => "cancelled",
            Self::Concluido => "completed",
            Self::NaoCompareceu => "no_show",
        }
    }

    /// The status of a word of either language.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word || status.english() == word)
    }

    /// Whether a booking in this status takes a seat.
    pub const fn occupies(self) -> bool {
        matches!(self, Self::Reservado | Self::Pendente | Self::Confirmado)
    }
}

/// A booking's place in its series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The series.
    pub series: SeriesId,
    /// Its number within it, from 0.
    pub index: u32,
    /// Where the rule put it, local to the zone: its identity within the series,
    /// wherever it was moved since (RFC 5545, section 3.8.4.4).
    pub original: DateTime,
    /// The rule's local time did not exist, and it was moved past the gap.
    pub dst_adjusted: bool,
}

/// How long a booking is held, and by what it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Until when.
    pub until: Timestamp,
    /// The job that lets it expire.
    pub job: JobId,
    /// The place in the waitlist that it was offered to.
    pub waitlist: Option<WaitlistId>,
}

/// How a booking was called off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Author,
    /// Why.
    pub reason: Option<String>,
}

/// An interval on a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Whose.
    pub tenant: TenantId,
    /// What is booked.
    pub resource: ResourceId,
    /// Who booked.
    pub user: UserId,
    /// For whom.
    pub client: UserId,
    /// Its first instant.
    pub start: Timestamp,
    /// The instant at which it is over; after `start`.
    pub end: Timestamp,
    /// The wall-clock start that was asked for, and the zone it is in: were the
    /// zone's rules to change, this is what was meant.
    pub start_local: DateTime,
    /// IANA name.
    pub zone: String,
    /// Anything that was noted.
    pub notes: Option<String>,
    /// Where it stands.
    pub status: BookingStatus,
    /// While it is held.
    pub hold: Option<Hold>,
    /// Its place in a series.
    pub occurrence: Option<Occurrence>,
    /// How it was called off.
    pub cancellation: Option<Cancellation>,
    /// Changes that calendars must hear of (RFC 5545, section 3.8.7.4).
    pub sequence: u32,
    /// Who made it.
    pub by: Author,
    /// Raised with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl Booking {
    /// Whether it takes a seat at some moment of `[from, to)`.
    pub fn occupies(&self, from: Timestamp, to: Timestamp) -> bool {
        self.status.occupies() && self.start < to && from < self.end
    }
}

/// Bookings by id.
#[derive(Debug)]
pub struct Bookings;

impl Table for Bookings {
    const NAME: &'static str = "bookings";
    const TAG: u16 = 0x0c01;
    const VERSION: u8 = 1;
    type Key = BookingId;
    type Row = Booking;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<BookingsByStart>(),
        IndexDef::of::<BookingsByTenant>(),
        IndexDef::of::<BookingsByUser>(),
        IndexDef::of::<BookingsByClient>(),
        IndexDef::of::<BookingsBySeries>(),
        IndexDef::of::<Occupied>(),
        IndexDef::of::<Unoccupied>(),
    ];
}

/// All bookings there are, by their start and end; the first part is 0.
#[derive(Debug)]
pub struct BookingsByStart;

impl Lookup for BookingsByStart {
    type Table = Bookings;
    const NAME: &'static str = "bookings by start";
    const TAG: u16 = 0x0c08;
    const UNIQUE: bool = false;
    type Key = (u8, Timestamp, Timestamp);

    fn key(_: &BookingId, booking: &Booking) -> Option<Self::Key> {
        Some((0, booking.start, booking.end))
    }
}

/// All bookings of a tenant, by their start and end.
#[derive(Debug)]
pub struct BookingsByTenant;

impl Lookup for BookingsByTenant {
    type Table = Bookings;
    const NAME: &'static str = "bookings by tenant";
    const TAG: u16 = 0x0c02;
    const UNIQUE: bool = false;
    type Key = (TenantId, Timestamp, Timestamp);

    fn key(_: &BookingId, booking: &Booking) -> Option<Self::Key> {
        Some((booking.tenant, booking.start, booking.end))
    }
}

/// The bookings that a user made for somebody else, by their start and end: their
/// own are [`BookingsByClient`].
#[derive(Debug)]
pub struct BookingsByUser;

impl Lookup for BookingsByUser {
    type Table = Bookings;
    const NAME: &'static str = "bookings by user";
    const TAG: u16 = 0x0c04;
    const UNIQUE: bool = false;
    type Key = (UserId, Timestamp, Timestamp);

    fn key(_: &BookingId, booking: &Booking) -> Option<Self::Key> {
        let other = booking.user != booking.client;
        other.then_some((booking.user, booking.start, booking.end))
    }
}

/// All bookings for a client, by their start and end.
#[derive(Debug)]
pub struct BookingsByClient;

impl Lookup for BookingsByClient {
    type Table = Bookings;
    const NAME: &'static str = "bookings by client";
    const TAG: u16 = 0x0c05;
    const UNIQUE: bool = false;
    type Key = (UserId, Timestamp, Timestamp);

    fn key(_: &BookingId, booking: &Booking) -> Option<Self::Key> {
        Some((booking.client, booking.start, booking.end))
    }
}

/// The bookings of a series, by their start and end.
#[derive(Debug)]
pub struct BookingsBySeries;

impl Lookup for BookingsBySeries {
    type Table = Bookings;
    const NAME: &'static str = "bookings by series";
    const TAG: u16 = 0x0c06;
    const UNIQUE: bool = false;
    type Key = (SeriesId, Timestamp, Timestamp);

    fn key(_: &BookingId, booking: &Booking) -> Option<Self::Key> {
        let place = booking.occurrence.as_ref()?;
        Some((place.series, booking.start, booking.end))
    }
}

/// What occupies a resource, by start and end: its calendar, readable without a
/// look at the rows.
#[derive(Debug)]
pub struct Occupied;

impl Lookup for Occupied {
    type Table = Bookings;
    const NAME: &'static str = "occupied";
    const TAG: u16 = 0x0c07;
    const UNIQUE: bool = false;
    type Key = (ResourceId, Timestamp, Timestamp);

    fn key(_: &BookingId, booking: &Booking) -> Option<Self::Key> {
        booking.status.occupies().then_some((booking.resource, booking.start, booking.end))
    }
}

/// The bookings of a resource that do not occupy it, or no longer, by start and end.
/// A booking has one entry, here or in [`Occupied`].
#[derive(Debug)]
pub struct Unoccupied;

impl Lookup for Unoccupied {
    type Table = Bookings;
    const NAME: &'static str = "unoccupied";
    const TAG: u16 = 0x0c03;
    const UNIQUE: bool = false;
    type Key = (ResourceId, Timestamp, Timestamp);

    fn key(_: &BookingId, booking: &Booking) -> Option<Self::Key> {
        let place = (booking.resource, booking.start, booking.end);
        (!booking.status.occupies()).then_some(place)
    }
}

/// The state of a resource's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Calendar {
    /// Raised by every write that occupies a place.
    pub revision: u64,
    /// Milliseconds of the longest booking that ever occupied it: what overlaps
    /// an instant began no longer ago than that.
    pub longest_ms: u64,
}

impl Calendar {
    /// How far before an instant a booking that overlaps it may begin.
    pub const fn longest(&self) -> Duration {
        Duration::from_millis(self.longest_ms)
    }

    /// The calendar once a booking of this length has been placed.
    pub fn raised(self, length: Duration) -> Self {
        let length = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        Self { revision: self.revision + 1, longest_ms: self.longest_ms.max(length) }
    }
}

/// The calendars of resources on which something was ever booked.
#[derive(Debug)]
pub struct Calendars;

impl Table for Calendars {
    const NAME: &'static str = "calendars";
    const TAG: u16 = 0x0c11;
    const VERSION: u8 = 1;
    type Key = ResourceId;
    type Row = Calendar;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}
