//! Series: recurring requests, as they were made. Their bookings are rows of their
//! own and may have been moved or called off since.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::id::{ResourceId, SeriesId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table};
use crate::time::Timestamp;

/// What a recurring request was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Whose.
    pub tenant: TenantId,
    /// What is booked.
    pub resource: ResourceId,
    /// Who booked.
    pub user: UserId,
    /// The rule, as RFC 5545 writes it.
    pub rrule: String,
    /// The pattern it was asked for with, if it was: JSON, as text.
    pub pattern: Option<String>,
    /// The first start, local to the zone.
    pub start_local: DateTime,
    /// IANA name.
    pub zone: String,
    /// Bookings it began with.
    pub occurrences: u32,
    /// Who made it.
    pub by: Author,
    /// When.
    pub created_at: Timestamp,
}

/// Series by id.
#[derive(Debug)]
pub struct SeriesTable;

impl Table for SeriesTable {
    const NAME: &'static str = "series";
    const TAG: u16 = 0x0c21;
    const VERSION: u8 = 1;
    type Key = SeriesId;
    type Row = Series;
    const INDEXES: &'static [IndexDef<Self>] = &[IndexDef::of::<SeriesByTenant>()];
}

/// The series of a tenant.
#[derive(Debug)]
pub struct SeriesByTenant;

impl Lookup for SeriesByTenant {
    type Table = SeriesTable;
    const NAME: &'static str = "series by tenant";
    const TAG: u16 = 0x0c22;
    const UNIQUE: bool = false;
    type Key = TenantId;

    fn key(_: &SeriesId, series: &Series) -> Option<TenantId> {
        Some(series.tenant)
    }
}
