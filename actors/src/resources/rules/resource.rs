//! What a resource may be, and what becomes of it.

use serde::Serialize;
use serde_json::{Value, json};
use zelador_store::Timestamp;
use zelador_store::category::Overrides;
use zelador_store::id::{CategoryId, ResourceId, TenantId};
use zelador_store::resource::{Resource, WeeklySchedule};

use super::{LINE, changed, check_description, in_order, schedule};
use crate::checks::Checks;
use crate::error::Refusal;
use crate::tenants::rules::flattened;
use crate::tenants::rules::limits::BookingRules;

/// Bytes of the attributes: free objects are bounded, as rows are.
const ATTRIBUTE_BYTES: usize = 16 * 1024;
/// How many people a resource may hold.
const CAPACITY: u32 = 1_000_000;
/// How many bookings may occupy a resource at the same moment.
pub const SEATS: u32 = 10_000;

/// Everything of a resource that its owner decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceDraft {
    /// Its sort.
    #[serde(rename = "category_id")]
    pub category: Option<CategoryId>,
    /// What it is called.
    pub name: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// How many people it holds.
    pub capacity: Option<u32>,
    /// Where it is.
    pub location: Option<String>,
    /// A free JSON object, as text.
    pub attributes: String,
    /// Whether it can be booked at all.
    pub is_active: bool,
    /// How many bookings may occupy it at the same moment.
    pub concurrent_bookings: u32,
    /// Its hours; `None`: the inherited ones.
    pub availability_schedule: Option<WeeklySchedule>,
    /// Rules that differ from the inherited ones.
    pub settings: Overrides,
}

impl Default for ResourceDraft {
    fn default() -> Self {
        Self {
            category: None,
            name: String::new(),
            description: None,
            capacity: None,
            location: None,
            attributes: "{}".into(),
            is_active: true,
            concurrent_bookings: 1,
            availability_schedule: None,
            settings: Overrides::default(),
        }
    }
}

impl From<&Resource> for ResourceDraft {
    fn from(resource: &Resource) -> Self {
        let resource = resource.clone();
        Self {
            category: resource.category,
            name: resource.name,
            description: resource.description,
            capacity: resource.capacity,
            location: resource.location,
            attributes: resource.attributes,
            is_active: resource.is_active,
            concurrent_bookings: resource.concurrent_bookings,
            availability_schedule: resource.availability_schedule,
            settings: resource.settings,
        }
    }
}

/// The draft as it is kept, or everything that is wrong with it.
pub fn check(mut draft: ResourceDraft) -> Result<ResourceDraft, Refusal> {
    let mut checks = Checks::default();
    checks.name("name", &draft.name);
    check_description(draft.description.as_deref(), &mut checks);
    let capacity = draft.capacity.unwrap_or_default();
    checks.range("capacity", capacity.into(), 0, CAPACITY.into());
    checks.text_if_any("location", draft.location.as_deref(), LINE);
    checks.bytes("attributes", draft.attributes.len(), ATTRIBUTE_BYTES);
    checks.range("concurrent_bookings", draft.concurrent_bookings.into(), 1, SEATS.into());
    if let Some(week) = &draft.availability_schedule {
        schedule::check(week, &mut checks);
    }
    BookingRules::of_heir(&draft.settings).check(&mut checks);
    checks.done()?;
    draft.availability_schedule = draft.availability_schedule.map(schedule::in_order);
    draft.settings.working_days = in_order(draft.settings.working_days);
    Ok(draft)
}

/// The new resource of a checked draft.
pub fn register(tenant: TenantId, draft: ResourceDraft, now: Timestamp) -> Resource {
    Resource {
        tenant,
        category: draft.category,
        name: draft.name,
        description: draft.description,
        capacity: draft.capacity,
        location: draft.location,
        attributes: draft.attributes,
        is_active: draft.is_active,
        concurrent_bookings: draft.concurrent_bookings,
        availability_schedule: draft.availability_schedule,
        settings: draft.settings,
        calendar_token: None,
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// The resource as a checked draft wants it, and the names of the members that
/// change; `None`: it is so already.
pub fn revise(
    resource: &Resource,
    draft: ResourceDraft,
    now: Timestamp,
) -> Option<(Resource, Vec<String>)> {
    let names = changed(&json!(ResourceDraft::from(resource)), &json!(draft))?;
    let revised = Resource {
        calendar_token: resource.calendar_token,
        version: resource.version + 1,
        created_at: resource.created_at,
        ..register(resource.tenant, draft, now)
    };
    Some((revised, names))
}

/// The resource once it is deleted; its calendar is not shown any more.
pub fn delete(resource: &Resource, now: Timestamp) -> Resource {
    Resource {
        calendar_token: None,
        version: resource.version + 1,
        updated_at: now,
        deleted_at: Some(now),
        ..resource.clone()
    }
}

/// The payload of its events: no name, for it may be a person's.
pub fn payload(id: ResourceId, resource: &Resource) -> Value {
    json!({
        "resource_id": id, "tenant_id": resource.tenant, "category_id": resource.category,
        "is_active": resource.is_active, "version": resource.version,
    })
}

/// What the audit tells of it; of the attributes, each that is no secret.
pub fn told(resource: &Resource) -> Value {
    let mut told = flattened(json!(ResourceDraft::from(resource)));
    if let Some(members) = told.as_object_mut() {
        let attributes = serde_json::from_str(&resource.attributes).unwrap_or_default();
        members.insert("attributes".into(), attributes);
    }
    told
}
