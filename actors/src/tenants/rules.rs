//! What a tenant may be, and what becomes of it. Pure: no clock, no store.

pub(crate) mod limits;

use serde::Serialize;
use serde_json::{Value, json};
use zelador_store::Timestamp;
use zelador_store::fold::fold_address;
use zelador_store::id::TenantId;
use zelador_store::tenant::{Labels, ServicePlan, Settings, Tenant};

use self::limits::BookingRules;
use crate::checks::{Checks, is_domain, is_email, is_language};
use crate::error::Refusal;
use crate::moment;

/// Characters of a label.
const LABEL: usize = 60;

/// Everything of a tenant that its owner decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TenantDraft {
    /// What it is called.
    pub name: String,
    /// Its domain.
    pub domain: String,
    /// Where its logo is.
    pub logo_url: Option<String>,
    /// `#RRGGBB`.
    pub theme_primary_color: Option<String>,
    /// What it has booked of the service.
    pub plan: ServicePlan,
    /// The language of its people; `None`: the daemon's.
    pub locale: Option<String>,
    /// Whether it is in business.
    pub is_active: bool,
    /// Its rules.
    pub settings: Settings,
}

impl From<&Tenant> for TenantDraft {
    fn from(tenant: &Tenant) -> Self {
        Self {
            name: tenant.name.clone(),
            domain: tenant.domain.clone(),
            logo_url: tenant.logo_url.clone(),
            theme_primary_color: tenant.theme_primary_color.clone(),
            plan: tenant.plan,
            locale: tenant.locale.clone(),
            is_active: tenant.is_active,
            settings: tenant.settings.clone(),
        }
    }
}

/// The draft as it is kept, or everything that is wrong with it.
pub fn check(draft: TenantDraft) -> Result<TenantDraft, Refusal> {
    let domain = fold_address(draft.domain.trim_end_matches('.'));
    let mut checks = Checks::default();
    checks.name("name", &draft.name);
    checks.format("domain", "domain", is_domain(&domain));
    checks.format_if_any("logo_url", "web-address", draft.logo_url.as_deref(), is_web_address);
    let color = draft.theme_primary_color.as_deref();
    checks.format_if_any("theme_primary_color", "color", color, is_color);
    checks.format_if_any("locale", "language", draft.locale.as_deref(), is_language);
    let settings = check_settings(draft.settings, &mut checks);
    checks.done()?;
    Ok(TenantDraft { domain, settings, ..draft })
}

fn check_settings(mut settings: Settings, checks: &mut Checks) -> Settings {
    checks.text("settings.business_type", &settings.business_type, 1, 100);
    match moment::zone(&settings.timezone) {
        Some((_, name)) => settings.timezone = name,
        None => checks.format("settings.timezone", "timezone", false),
    }
    BookingRules::of_tenant(&settings).check(checks);
    for (field, label) in labels(&settings.custom_labels) {
        if let Some(label) = label {
            checks.text(&format!("settings.custom_labels.{field}"), label, 1, LABEL);
        }
    }
    let notices = &settings.notifications;
    if let Some(name) = &notices.sender_name {
        checks.text("settings.notifications.sender_name", name, 1, LABEL);
    }
    let reply_to = notices.reply_to.as_deref();
    checks.format_if_any("settings.notifications.reply_to", "email", reply_to, is_email);
    settings.working_days.sort_unstable();
    settings
}

fn labels(labels: &Labels) -> [(&'static str, Option<&String>); 4] {
    [
        ("resource_singular", labels.resource_singular.as_ref()),
        ("resource_plural", labels.resource_plural.as_ref()),
        ("booking_label", labels.booking_label.as_ref()),
        ("user_label", labels.user_label.as_ref()),
    ]
}

/// Whether the text is `#RRGGBB`.
pub fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether the text is an `http` or `https` address.
pub fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty()
            && text.len() <= 2048
            && text.chars().all(|c| !c.is_whitespace() && !c.is_control())
    })
}

/// The new tenant of a checked draft.
pub fn register(draft: TenantDraft, now: Timestamp) -> Tenant {
    Tenant {
        name: draft.name,
        domain: draft.domain,
        logo_url: draft.logo_url,
        theme_primary_color: draft.theme_primary_color,
        plan: draft.plan,
        locale: draft.locale,
        is_active: draft.is_active,
        settings: draft.settings,
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// The tenant as a checked draft wants it, and the names of the members that
/// change; `None`: it is so already.
pub fn revise(
    tenant: &Tenant,
    draft: TenantDraft,
    now: Timestamp,
) -> Option<(Tenant, Vec<String>)> {
    let before = TenantDraft::from(tenant);
    if before == draft {
        return None;
    }
    let changed = changed_members(&json!(before), &json!(draft));
    let revised = Tenant {
        version: tenant.version + 1,
        created_at: tenant.created_at,
        ..register(draft, now)
    };
    Some((revised, changed))
}

/// The tenant once it is deleted.
pub fn delete(tenant: &Tenant, now: Timestamp) -> Tenant {
    Tenant { version: tenant.version + 1, updated_at: now, deleted_at: Some(now), ..tenant.clone() }
}

/// Refuses what was meant for another version of the record.
pub fn expect_version(version: u64, wanted: Option<u64>) -> Result<(), Refusal> {
    if wanted.is_none_or(|wanted| wanted == version) { Ok(()) } else { Err(Refusal::Stale) }
}

/// The payload of `tenant.created` and `tenant.updated`.
pub fn payload(id: TenantId, tenant: &Tenant) -> Value {
    json!({
        "tenant_id": id, "name": tenant.name, "domain": tenant.domain,
        "plan": tenant.plan, "is_active": tenant.is_active, "version": tenant.version,
    })
}

/// The names of the members in which two objects differ; those of `settings`
/// by their own names.
pub fn changed_members(before: &Value, after: &Value) -> Vec<String> {
    let mut names = Vec::new();
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return names;
    };
    for (name, new) in after {
        match before.get(name) {
            Some(old) if old == new => {}
            Some(old) if name == "settings" => {
                names.extend(changed_members(old, new).iter().map(|n| format!("settings.{n}")));
            }
            _ => names.push(name.clone()),
        }
    }
    names
}

/// A tenant with its settings as members of their own: `settings.timezone`.
pub fn flat(tenant: &Tenant) -> Value {
    flattened(json!(TenantDraft::from(tenant)))
}

/// A draft with its settings as members of their own.
pub(crate) fn flattened(mut draft: Value) -> Value {
    if let Some(members) = draft.as_object_mut()
        && let Some(Value::Object(settings)) = members.remove("settings")
    {
        members.extend(settings.into_iter().map(|(name, rule)| (format!("settings.{name}"), rule)));
    }
    draft
}

/// The domain is somebody else's.
pub fn domain_taken() -> Refusal {
    Refusal::Conflict {
        code: "domain_taken",
        args: Vec::new(),
        details: json!({ "field": "domain" }),
    }
}
