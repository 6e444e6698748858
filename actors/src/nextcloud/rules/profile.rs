//! What the account of a user is to be, from the settings, the plan and the tenant.

use super::super::settings::NextcloudSettings;
use super::quota::{NotAQuota, Quota};
use zelador_store::tenant::{ServicePlan, Tenant};
use zelador_store::user::{Status, User};

/// What an account is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Bytes that it may store; `None`: as many as there are.
    pub quota: Option<u64>,
    /// Groups that it is in.
    pub groups: Vec<String>,
    /// The language it is spoken to in.
    pub language: Option<String>,
    /// Whether its owner is kept out.
    pub locked_out: bool,
}

/// The plan of a user: their own, else the tenant's.
pub fn plan(user: &User, tenant: &Tenant) -> ServicePlan {
    user.plan.unwrap_or(tenant.plan)
}

/// Bytes that a plan grants.
pub fn quota(settings: &NextcloudSettings, plan: ServicePlan) -> Result<Option<u64>, NotAQuota> {
    Ok(match Quota::parse(settings.quotas.of(plan))? {
        Quota::Unlimited => None,
        Quota::Limit(bytes) => Some(bytes),
    })
}

/// What the account of a user is to be.
pub fn profile(
    settings: &NextcloudSettings,
    user: &User,
    tenant: &Tenant,
) -> Result<Profile, NotAQuota> {
    let plan = plan(user, tenant);
    let fill =
        |group: &String| group.replace("{tenant}", &tenant.domain).replace("{plan}", plan.word());
    let language = Some(settings.language.clone()).filter(|language| !language.is_empty());
    let spoken = || tenant.locale.as_deref().map(|locale| locale.replace('-', "_"));
    Ok(Profile {
        quota: quota(settings, plan)?,
        groups: settings.groups.iter().map(fill).collect(),
        language: language.or_else(spoken),
        locked_out: user.status == Status::Banned,
    })
}

/// Whether a group's template names nothing but what there is.
pub fn is_group(template: &str) -> bool {
    let bare = template.replace("{tenant}", "t").replace("{plan}", "p");
    let plain = !bare.contains(['{', '}', '[', ']']) && !bare.chars().any(char::is_control);
    plain && !bare.trim().is_empty() && bare.trim() == bare && bare.len() <= 64
}
