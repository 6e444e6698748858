//! The waitlist: who would take a place that is taken, were it to become free.
//!
//! ```text
//! waiting ──▶ offered ──▶ taken        the hold was turned into a booking
//!    ▲           ├──────▶ missed       the hold ran out; the next one's turn
//!    │           └──────▶ withdrawn    the offer was given back
//!    ├─ (the hold could not be placed after all)
//!    ├──▶ withdrawn                    taken off the list
//!    └──▶ over                         the interval began
//! ```

use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::id::{BookingId, ResourceId, TenantId, UserId, WaitlistId};
use crate::kv::{IndexDef, Lookup, Table};
use crate::time::Timestamp;

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaitlistState {
    /// It waits for its turn.
    Waiting,
    /// The place is held for it.
    Offered,
    /// The offer was taken.
    Taken,
    /// The offer ran out.
    Missed,
    /// It was taken off the list.
    Withdrawn,
    /// The time came, and nothing had become free.
    Over,
}

impl WaitlistState {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Taken => "taken",
            Self::Missed => "missed",
            Self::Withdrawn => "withdrawn",
            Self::Over => "over",
        }
    }
}

/// Somebody who waits for a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistEntry {
    /// Whose.
    pub tenant: TenantId,
    /// For what.
    pub resource: ResourceId,
    /// Who.
    pub user: UserId,
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// Where it stands.
    pub state: WaitlistState,
    /// The hold that was offered last.
    pub booking: Option<BookingId>,
    /// Who put it on the list.
    pub by: Author,
    /// Raised with every change.
    pub version: u64,
    /// When it was put on the list: those before come first.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Entries by id, and so by age.
#[derive(Debug)]
pub struct Waitlist;

impl Table for Waitlist {
    const NAME: &'static str = "waitlist";
    const TAG: u16 = 0x0c31;
    const VERSION: u8 = 1;
    type Key = WaitlistId;
    type Row = WaitlistEntry;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<WaitlistByResource>(),
        IndexDef::of::<WaitlistByUser>(),
        IndexDef::of::<WaitingByResource>(),
        IndexDef::of::<WaitlistByTenant>(),
    ];
}

/// All entries of a resource, the oldest first.
#[derive(Debug)]
pub struct WaitlistByResource;

impl Lookup for WaitlistByResource {
    type Table = Waitlist;
    const NAME: &'static str = "waitlist by resource";
    const TAG: u16 = 0x0c32;
    const UNIQUE: bool = false;
    type Key = ResourceId;

    fn key(_: &WaitlistId, entry: &WaitlistEntry) -> Option<ResourceId> {
        Some(entry.resource)
    }
}

/// All entries of a user, the oldest first.
#[derive(Debug)]
pub struct WaitlistByUser;

impl Lookup for WaitlistByUser {
    type Table = Waitlist;
    const NAME: &'static str = "waitlist by user";
    const TAG: u16 = 0x0c33;
    const UNIQUE: bool = false;
    type Key = UserId;

    fn key(_: &WaitlistId, entry: &WaitlistEntry) -> Option<UserId> {
        Some(entry.user)
    }
}

/// The entries of a resource that wait for their turn, the oldest first.
#[derive(Debug)]
pub struct WaitingByResource;

impl Lookup for WaitingByResource {
    type Table = Waitlist;
    const NAME: &'static str = "waiting by resource";
    const TAG: u16 = 0x0c34;
    const UNIQUE: bool = false;
    type Key = ResourceId;

    fn key(_: &WaitlistId, entry: &WaitlistEntry) -> Option<ResourceId> {
        (entry.state == WaitlistState::Waiting).then_some(entry.resource)
    }
}

/// All entries of a tenant.
#[derive(Debug)]
pub struct WaitlistByTenant;

impl Lookup for WaitlistByTenant {
    type Table = Waitlist;
    const NAME: &'static str = "waitlist by tenant";
    const TAG: u16 = 0x0c35;
    const UNIQUE: bool = false;
    type Key = TenantId;

    fn key(_: &WaitlistId, entry: &WaitlistEntry) -> Option<TenantId> {
        Some(entry.tenant)
    }
}
