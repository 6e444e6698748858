//! What a category may be, and what becomes of it.

use serde::Serialize;
use serde_json::{Value, json};
use zelador_store::Timestamp;
use zelador_store::category::{Category, CategoryType, Overrides};
use zelador_store::id::{CategoryId, TenantId};

use super::{ICON, changed, check_description, in_order};
use crate::checks::Checks;
use crate::error::Refusal;
use crate::tenants::rules::limits::BookingRules;
use crate::tenants::rules::{flattened, is_color};

/// Everything of a category that its owner decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CategoryDraft {
    /// What it is called.
    pub name: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// Things or people.
    #[serde(rename = "type")]
    pub category_type: CategoryType,
    /// The name of an icon.
    pub icon: Option<String>,
    /// `#RRGGBB`.
    pub color: Option<String>,
    /// Rules that differ from the tenant's.
    pub settings: Overrides,
}

impl From<&Category> for CategoryDraft {
    fn from(category: &Category) -> Self {
        let category = category.clone();
        Self {
            name: category.name,
            description: category.description,
            category_type: category.category_type,
            icon: category.icon,
            color: category.color,
            settings: category.settings,
        }
    }
}

/// The draft as it is kept, or everything that is wrong with it.
pub fn check(mut draft: CategoryDraft) -> Result<CategoryDraft, Refusal> {
    let mut checks = Checks::default();
    checks.name("name", &draft.name);
    check_description(draft.description.as_deref(), &mut checks);
    checks.text_if_any("icon", draft.icon.as_deref(), ICON);
    checks.format_if_any("color", "color", draft.color.as_deref(), is_color);
    BookingRules::of_heir(&draft.settings).check(&mut checks);
    checks.done()?;
    draft.settings.working_days = in_order(draft.settings.working_days);
    Ok(draft)
}

/// The new category of a checked draft.
pub fn register(tenant: TenantId, draft: CategoryDraft, now: Timestamp) -> Category {
    Category {
        tenant,
        name: draft.name,
        description: draft.description,
        category_type: draft.category_type,
        icon: draft.icon,
        color: draft.color,
        settings: draft.settings,
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// The category as a checked draft wants it, and the names of the members that
/// change; `None`: it is so already.
pub fn revise(
    category: &Category,
    draft: CategoryDraft,
    now: Timestamp,
) -> Option<(Category, Vec<String>)> {
    let names = changed(&json!(CategoryDraft::from(category)), &json!(draft))?;
    let revised = Category {
        version: category.version + 1,
        created_at: category.created_at,
        ..register(category.tenant, draft, now)
    };
    Some((revised, names))
}

/// The category once it is deleted.
pub fn delete(category: &Category, now: Timestamp) -> Category {
    let category = category.clone();
    Category { version: category.version + 1, updated_at: now, deleted_at: Some(now), ..category }
}

/// Resources are of it, so it stays.
pub fn in_use(resources: i64) -> Refusal {
    Refusal::Conflict {
        code: "category_in_use",
        args: vec![("count", resources.to_string())],
        details: json!({ "resources": resources }),
    }
}

/// The payload of its events: no names, for people may be what is booked.
pub fn payload(id: CategoryId, category: &Category) -> Value {
    json!({
        "category_id": id, "tenant_id": category.tenant, "type": category.category_type,
        "version": category.version,
    })
}

/// What the audit tells of it.
pub fn told(category: &Category) -> Value {
    flattened(json!(CategoryDraft::from(category)))
}
