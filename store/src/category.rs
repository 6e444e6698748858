//! Categories: sorts of resources, with rules of their own.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::id::{CategoryId, TenantId};
use crate::kv::{IndexDef, Lookup, Table, Tally, Term};
use crate::tenant::Closure;
use crate::time::Timestamp;

/// What is booked: a thing or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CategoryType {
    /// Rooms and machines.
    #[default]
    Fisico,
    /// Professionals.
    Humano,
}

impl CategoryType {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fisico => "fisico",
            Self::Humano => "humano",
        }
    }
}

/// Booking rules that differ from those of whoever stands above: a resource
/// inherits from its category, a category from its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// Opening, local time of day.
    pub working_hours_start: Option<Time>,
    /// Closing, local time of day.
    pub working_hours_end: Option<Time>,
    /// Days of the week with opening hours, 0 = Monday, ascending.
    pub working_days: Option<Vec<u8>>,
    /// Days without opening hours, beside those that are inherited.
    pub closures: Vec<Closure>,
    /// Minutes; slots align to it.
    pub booking_interval: Option<u32>,
    /// Days; how far ahead a booking may start.
    pub advance_booking_days: Option<u32>,
    /// Minutes; how soon at the earliest.
    pub min_notice_minutes: Option<u32>,
    /// Hours; how late a user may cancel.
    pub cancellation_hours: Option<u32>,
    /// Minutes; the least gap between two neighbouring bookings.
    pub buffer_minutes: Option<u32>,
    /// New bookings are confirmed at once.
    pub auto_confirm: Option<bool>,
}

/// A sort of resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Whose.
    pub tenant: TenantId,
    /// What it is called.
    pub name: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// Things or people.
    pub category_type: CategoryType,
    /// The name of an icon in the tenant's software.
    pub icon: Option<String>,
    /// `#RRGGBB`.
    pub color: Option<String>,
    /// Rules that differ from the tenant's.
    pub settings: Overrides,
    /// Raised with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was deleted, and is invisible since.
    pub deleted_at: Option<Timestamp>,
}

impl Category {
    /// Whether anyone may still see the record.
    pub const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }
}

/// Categories by id.
#[derive(Debug)]
pub struct Categories;

impl Table for Categories {
    const NAME: &'static str = "categories";
    const TAG: u16 = 0x0a01;
    const VERSION: u8 = 1;
    type Key = CategoryId;
    type Row = Category;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<CategoriesByTenant>(),
        IndexDef::of::<CategoriesByName>(),
        IndexDef::of::<CategoriesByEnd>(),
    ];
}

/// All categories of a tenant: the living under 0, the deleted under 1.
#[derive(Debug)]
pub struct CategoriesByTenant;

impl Lookup for CategoriesByTenant {
    type Table = Categories;
    const NAME: &'static str = "categories by tenant";
    const TAG: u16 = 0x0a02;
    const UNIQUE: bool = false;
    type Key = (TenantId, u8);

    fn key(_: &CategoryId, category: &Category) -> Option<Self::Key> {
        Some((category.tenant, u8::from(!category.is_live())))
    }
}

/// The living categories of a tenant by name, without case and accents.
#[derive(Debug)]
pub struct CategoriesByName;

impl Lookup for CategoriesByName {
    type Table = Categories;
    const NAME: &'static str = "categories by name";
    const TAG: u16 = 0x0a03;
    const UNIQUE: bool = false;
    type Key = (TenantId, Term);

    fn key(_: &CategoryId, category: &Category) -> Option<Self::Key> {
        category.is_live().then(|| (category.tenant, Term::new(&crate::fold::fold(&category.name))))
    }
}

/// The deleted categories, by when they were deleted.
#[derive(Debug)]
pub struct CategoriesByEnd;

impl Lookup for CategoriesByEnd {
    type Table = Categories;
    const NAME: &'static str = "categories by end";
    const TAG: u16 = 0x0a04;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(_: &CategoryId, category: &Category) -> Option<Timestamp> {
        category.deleted_at
    }
}

/// How many living resources a category has. Whoever deletes a category expects
/// 0, and whoever puts a resource into it expects its row unchanged: so neither
/// slips past the other, and no two who add resources are in each other's way.
#[derive(Debug)]
pub struct CategoryCounts;

impl Tally for CategoryCounts {
    const NAME: &'static str = "category counts";
    const TAG: u16 = 0x0a05;
    type Key = CategoryId;
}
