//! Resources as they are written and read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use zelador_actors::resources::{ResourceDraft, ResourceRecord, in_force};

use super::schedule::WeekForm;
use crate::api::overrides::{EffectiveSettings, OverridesForm};
use crate::api::problem::Problem;
use crate::api::time::Utc;

/// What makes a resource.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewResource {
    /// Whose.
    #[schema(format = "uuid")]
    pub(super) tenant_id: String,
    /// Its sort: a category of the same tenant.
    #[schema(format = "uuid")]
    #[serde(default)]
    category_id: Option<String>,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, format = "name", example = "Sala 1 - Spinning")]
    name: String,
    /// What it is, for people.
    #[schema(max_length = 2000, format = "text")]
    #[serde(default)]
    description: Option<String>,
    /// How many people it holds; no rule looks at it.
    #[schema(minimum = 0, maximum = 1_000_000, example = 20)]
    #[serde(default)]
    capacity: Option<u32>,
    /// Where it is.
    #[schema(max_length = 500, format = "line", example = "Andar 2")]
    #[serde(default)]
    location: Option<String>,
    /// Anything else; at most 16 KiB.
    #[schema(value_type = Object, additional_properties = true)]
    #[serde(default)]
    attributes: Map<String, Value>,
    /// Whether it can be booked at all.
    #[schema(default = true)]
    #[serde(default = "yes")]
    is_active: bool,
    /// How many bookings may occupy it at the same moment.
    #[schema(minimum = 1, maximum = 10_000, default = 1)]
    #[serde(default = "one")]
    concurrent_bookings: u32,
    /// Its hours; null: the working hours in force.
    #[serde(default)]
    availability_schedule: Option<WeekForm>,
    /// Rules that differ from the category's and the tenant's.
    #[serde(default)]
    settings: OverridesForm,
}

const fn yes() -> bool {
    true
}

const fn one() -> u32 {
    1
}

impl NewResource {
    pub(super) fn draft(self) -> Result<ResourceDraft, Problem> {
        let category = match self.category_id {
            Some(text) => Some(text.parse().map_err(|_| Problem::absent("category"))?),
            None => None,
        };
        Ok(ResourceDraft {
            category,
            name: self.name,
            description: self.description,
            capacity: self.capacity,
            location: self.location,
            attributes: Value::Object(self.attributes).to_string(),
            is_active: self.is_active,
            concurrent_bookings: self.concurrent_bookings,
            availability_schedule: self.availability_schedule.map(WeekForm::parse).transpose()?,
            settings: self.settings.parse()?,
        })
    }
}

/// A resource.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Resource)]
pub(super) struct ResourceView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    #[serde(flatten)]
    made: NewResource,
    /// The rules in force.
    effective_settings: EffectiveSettings,
    /// Raised with every change.
    version: u64,
    /// When it was made.
    created_at: Utc,
    /// When it was changed last.
    updated_at: Utc,
}

impl ResourceView {
    pub(super) fn new(record: &ResourceRecord) -> Result<Self, Problem> {
        let resource = record.resource.clone();
        let attributes = serde_json::from_str(&resource.attributes)
            .map_err(|source| Problem::fault("reading attributes", source))?;
        let category = record.category.as_ref().map(|category| &category.settings);
        let rules = in_force(&record.tenant.settings, category, &resource.settings);
        let schedule = resource.availability_schedule.as_ref();
        Ok(Self {
            id: record.id.to_string(),
            made: NewResource {
                tenant_id: resource.tenant.to_string(),
                category_id: resource.category.map(|id| id.to_string()),
                name: resource.name,
                description: resource.description,
                capacity: resource.capacity,
                location: resource.location,
                attributes,
                is_active: resource.is_active,
                concurrent_bookings: resource.concurrent_bookings,
                availability_schedule: schedule.map(WeekForm::from),
                settings: OverridesForm::from(&resource.settings),
            },
            effective_settings: rules.into(),
            version: resource.version,
            created_at: resource.created_at.into(),
            updated_at: resource.updated_at.into(),
        })
    }
}
