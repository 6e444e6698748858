//! What a user may be, and what becomes of the record.

use serde::Serialize;
use serde_json::{Value, json};
use zelador_store::Timestamp;
use zelador_store::id::{TenantId, UserId};
use zelador_store::tenant::ServicePlan;
use zelador_store::user::{Permissions, Status, User, UserType};

use crate::checks::{Checks, is_email};
use crate::error::Refusal;

/// Bytes of a profile: free objects are bounded, as rows are.
const PROFILE_BYTES: usize = 16 * 1024;
/// Characters of a line of text, such as an address.
const LINE: usize = 500;
/// Characters of a code or a number.
const CODE: usize = 100;
/// Characters of a reason.
pub const REASON: usize = 500;

/// Everything of a user that an administrator decides, but the status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserDraft {
    /// What the person is called.
    pub name: String,
    /// Address; unique in the tenant, whatever its case.
    pub email: Option<String>,
    /// User or admin.
    pub user_type: UserType,
    /// What a user may do; ignored for an admin, who may all of it.
    pub permissions: Permissions,
    /// A free JSON object, as text.
    pub profile: String,
    /// Telephone number.
    pub phone: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Zone of service.
    pub zone: Option<String>,
    /// The client's code.
    pub code: Option<String>,
    /// Number of the identity card.
    pub id_number: Option<String>,
    /// Id in Wispro.
    pub id_wispro: Option<String>,
    /// Number of the client's plan elsewhere.
    pub plan_id: Option<i64>,
    /// What this user has booked of the service; `None`: what the tenant has.
    pub plan: Option<ServicePlan>,
    /// Number of the client's role elsewhere.
    pub role: i64,
}

impl Default for UserDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            email: None,
            user_type: UserType::User,
            permissions: Permissions::default(),
            profile: "{}".into(),
            phone: None,
            address: None,
            zone: None,
            code: None,
            id_number: None,
            id_wispro: None,
            plan_id: None,
            plan: None,
            role: 0,
        }
    }
}

impl From<&User> for UserDraft {
    fn from(user: &User) -> Self {
        let user = user.clone();
        Self {
            name: user.name,
            email: user.email,
            user_type: user.user_type,
            permissions: user.permissions,
            profile: user.profile,
            phone: user.phone,
            address: user.address,
            zone: user.zone,
            code: user.code,
            id_number: user.id_number,
            id_wispro: user.id_wispro,
            plan_id: user.plan_id,
            plan: user.plan,
            role: user.role,
        }
    }
}

/// Everything that is wrong with a draft.
pub fn check(draft: &UserDraft) -> Result<(), Refusal> {
    let mut checks = Checks::default();
    checks.name("name", &draft.name);
    checks.format_if_any("email", "email", draft.email.as_deref(), is_email);
    checks.text_if_any("phone", draft.phone.as_deref(), CODE);
    checks.text_if_any("address", draft.address.as_deref(), LINE);
    checks.text_if_any("zone", draft.zone.as_deref(), LINE);
    checks.text_if_any("code", draft.code.as_deref(), CODE);
    checks.text_if_any("id_number", draft.id_number.as_deref(), CODE);
    checks.text_if_any("id_wispro", draft.id_wispro.as_deref(), CODE);
    checks.bytes("profile", draft.profile.len(), PROFILE_BYTES);
    checks.done()
}

/// Whether a new user may begin with this status: one enters by being let in,
/// not by being thrown out.
pub fn check_first_status(status: Status) -> Result<(), Refusal> {
    match status {
        Status::Active | Status::Pending | Status::Inactive => Ok(()),
        Status::Suspended | Status::Banned => {
            let mut checks = Checks::default();
            let options = vec![("options", "ACTIVE, PENDING, INACTIVE".to_owned())];
            checks.flaw_with("status", "enum", options);
            checks.done()
        }
    }
}

/// Whether a reason is one: at most [`REASON`] characters on any number of lines.
pub fn check_reason(reason: Option<&str>) -> Result<(), Refusal> {
    let mut checks = Checks::default();
    if let Some(reason) = reason {
        let one_line = reason.replace(['\n', '\r', '\t'], " ");
        checks.text("reason", &one_line, 0, REASON);
    }
    checks.done()
}

/// The new user of a checked draft.
pub fn register(tenant: TenantId, draft: UserDraft, status: Status, now: Timestamp) -> User {
    let admin = draft.user_type == UserType::Admin;
    User {
        tenant,
        name: draft.name,
        email: draft.email,
        user_type: draft.user_type,
        permissions: if admin { Permissions::default() } else { draft.permissions },
        profile: draft.profile,
        phone: draft.phone,
        address: draft.address,
        zone: draft.zone,
        code: draft.code,
        id_number: draft.id_number,
        id_wispro: draft.id_wispro,
        plan_id: draft.plan_id,
        plan: draft.plan,
        role: draft.role,
        status,
        status_since: now,
        status_reason: None,
        status_changes: 1,
        planned: Vec::new(),
        leaves: Vec::new(),
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// The user as a checked draft wants it, and the names of the members that
/// change; `None`: it is so already.
///
/// What an admin might do as a plain user is kept as it is: an admin may
/// everything, and is shown so.
pub fn revise(user: &User, mut draft: UserDraft, now: Timestamp) -> Option<(User, Vec<String>)> {
    if draft.user_type == UserType::Admin {
        draft.permissions = user.permissions;
    }
    let before = UserDraft::from(user);
    if before == draft {
        return None;
    }
    let changed = crate::tenants::rules::changed_members(&json!(before), &json!(draft));
    Some((rewritten(user, draft, now), changed))
}

/// The next version of a user, filled in like this; what came of the user stays.
pub(in crate::users) fn rewritten(user: &User, draft: UserDraft, now: Timestamp) -> User {
    User {
        permissions: draft.permissions,
        status: user.status,
        status_since: user.status_since,
        status_reason: user.status_reason.clone(),
        status_changes: user.status_changes,
        planned: user.planned.clone(),
        leaves: user.leaves.clone(),
        version: user.version + 1,
        created_at: user.created_at,
        updated_at: user.updated_at.max(now),
        deleted_at: user.deleted_at,
        ..register(user.tenant, draft, user.status, now)
    }
}

/// The payload of `user.created` and `user.updated`: no personal data, which
/// the log would keep after an erasure.
pub fn payload(id: UserId, user: &User) -> Value {
    json!({
        "user_id": id, "tenant_id": user.tenant, "user_type": user.user_type,
        "status": user.status, "version": user.version,
    })
}

/// The address is somebody else's.
pub fn email_taken() -> Refusal {
    Refusal::Conflict {
        code: "email_taken",
        args: Vec::new(),
        details: json!({ "field": "email" }),
    }
}

/// The client of Wispro's is somebody else already.
pub fn id_wispro_taken() -> Refusal {
    Refusal::Conflict {
        code: "id_wispro_taken",
        args: Vec::new(),
        details: json!({ "field": "id_wispro" }),
    }
}
