//! Resources: what is booked, such as a room, a machine or a professional.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::category::{CategoryCounts, Overrides};
use crate::id::{CategoryId, ResourceId, TenantId};
use crate::kv::{IndexDef, Lookup, Stored, Table, Term, Write};
use crate::time::Timestamp;

/// Hours of a day in which a resource can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it begins, local time of day.
    pub start: Time,
    /// When it ends; not after `start`: on the next day.
    pub end: Time,
}

/// The hours of each day of the week; a day without windows is a day off.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WeeklySchedule {
    /// Windows that begin on a Monday, in order.
    pub monday: Vec<Window>,
    /// On a Tuesday.
    pub tuesday: Vec<Window>,
    /// On a Wednesday.
    pub wednesday: Vec<Window>,
    /// On a Thursday.
    pub thursday: Vec<Window>,
    /// On a Friday.
    pub friday: Vec<Window>,
    /// On a Saturday.
    pub saturday: Vec<Window>,
    /// On a Sunday.
    pub sunday: Vec<Window>,
}

impl WeeklySchedule {
    /// The days with their names, Monday first.
    pub fn days(&self) -> [(&'static str, &[Window]); 7] {
        [
            ("monday", &self.monday),
            ("tuesday", &self.tuesday),
            ("wednesday", &self.wednesday),
            ("thursday", &self.thursday),
            ("friday", &self.friday),
            ("saturday", &self.saturday),
            ("sunday", &self.sunday),
        ]
    }

    /// The windows that begin on a day of the week, 0 = Monday.
    pub fn day(&self, weekday: u8) -> &[Window] {
        self.days().get(usize::from(weekday)).map_or(&[], |(_, windows)| windows)
    }
}

/// Something that can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Whose.
    pub tenant: TenantId,
    /// Its sort.
    pub category: Option<CategoryId>,
    /// What it is called.
    pub name: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// How many people it holds: for people, no rule looks at it.
    pub capacity: Option<u32>,
    /// Where it is, for people.
    pub location: Option<String>,
    /// Anything the tenant's software keeps here: a JSON object, as text.
    pub attributes: String,
    /// Whether it can be booked at all.
    pub is_active: bool,
    /// How many bookings may occupy it at the same moment; at least 1.
    pub concurrent_bookings: u32,
    /// Its hours; `None`: those of its category or its tenant.
    pub availability_schedule: Option<WeeklySchedule>,
    /// Rules that differ from the category's and the tenant's.
    pub settings: Overrides,
    /// SHA-256 of the token of its calendar feed, if it has one.
    pub calendar_token: Option<[u8; 32]>,
    /// Raised with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was deleted, and is invisible since.
    pub deleted_at: Option<Timestamp>,
}

impl Resource {
    /// Whether anyone may still see the record.
    pub const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// The category that counts it: deleted resources are in none.
    pub fn counted_in(&self) -> Option<CategoryId> {
        self.category.filter(|_| self.is_live())
    }
}

/// Resources are written with the count of their category.
impl Write {
    /// Stages a new resource.
    pub fn insert_resource(&mut self, id: &ResourceId, resource: &Resource) -> &mut Self {
        self.count_resource(None, resource.counted_in());
        self.insert::<Resources>(id, resource)
    }

    /// Stages a new content for a resource.
    pub fn update_resource(&mut self, old: &Stored<Resources>, new: &Resource) -> &mut Self {
        self.count_resource(old.row.counted_in(), new.counted_in());
        self.update::<Resources>(old, new)
    }

    /// Stages the removal of a resource.
    pub fn remove_resource(&mut self, old: &Stored<Resources>) -> &mut Self {
        self.count_resource(old.row.counted_in(), None);
        self.remove::<Resources>(old)
    }

    fn count_resource(&mut self, from: Option<CategoryId>, to: Option<CategoryId>) {
        if from == to {
            return;
        }
        for (category, delta) in [(from, -1), (to, 1)] {
            if let Some(category) = category {
                self.add::<CategoryCounts>(&category, delta);
            }
        }
    }
}

/// Resources by id.
#[derive(Debug)]
pub struct Resources;

impl Table for Resources {
    const NAME: &'static str = "resources";
    const TAG: u16 = 0x0a11;
    const VERSION: u8 = 1;
    type Key = ResourceId;
    type Row = Resource;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<ResourcesByTenant>(),
        IndexDef::of::<ResourcesByCategory>(),
        IndexDef::of::<ResourcesByName>(),
        IndexDef::of::<ResourcesByCalendarToken>(),
        IndexDef::of::<ResourcesByEnd>(),
    ];
}

/// All resources of a tenant: the living under 0, the deleted under 1.
#[derive(Debug)]
pub struct ResourcesByTenant;

impl Lookup for ResourcesByTenant {
    type Table = Resources;
    const NAME: &'static str = "resources by tenant";
    const TAG: u16 = 0x0a12;
    const UNIQUE: bool = false;
    type Key = (TenantId, u8);

    fn key(_: &ResourceId, resource: &Resource) -> Option<Self::Key> {
        Some((resource.tenant, u8::from(!resource.is_live())))
    }
}

/// The living resources of a category.
#[derive(Debug)]
pub struct ResourcesByCategory;

impl Lookup for ResourcesByCategory {
    type Table = Resources;
    const NAME: &'static str = "resources by category";
    const TAG: u16 = 0x0a13;
    const UNIQUE: bool = false;
    type Key = CategoryId;

    fn key(_: &ResourceId, resource: &Resource) -> Option<CategoryId> {
        resource.counted_in()
    }
}

/// The living resources of a tenant by name, without case and accents.
#[derive(Debug)]
pub struct ResourcesByName;

impl Lookup for ResourcesByName {
    type Table = Resources;
    const NAME: &'static str = "resources by name";
    const TAG: u16 = 0x0a14;
    const UNIQUE: bool = false;
    type Key = (TenantId, Term);

    fn key(_: &ResourceId, resource: &Resource) -> Option<Self::Key> {
        resource.is_live().then(|| (resource.tenant, Term::new(&crate::fold::fold(&resource.name))))
    }
}

/// The living resource of a calendar token's hash.
#[derive(Debug)]
pub struct ResourcesByCalendarToken;

impl Lookup for ResourcesByCalendarToken {
    type Table = Resources;
    const NAME: &'static str = "resources by calendar token";
    const TAG: u16 = 0x0a15;
    const UNIQUE: bool = true;
    type Key = [u8; 32];

    fn key(_: &ResourceId, resource: &Resource) -> Option<Self::Key> {
        resource.calendar_token.filter(|_| resource.is_live())
    }
}

/// The deleted resources, by when they were deleted.
#[derive(Debug)]
pub struct ResourcesByEnd;

impl Lookup for ResourcesByEnd {
    type Table = Resources;
    const NAME: &'static str = "resources by end";
    const TAG: u16 = 0x0a16;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(_: &ResourceId, resource: &Resource) -> Option<Timestamp> {
        resource.deleted_at
    }
}
