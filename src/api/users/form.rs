//! Users as they are written and read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use zelador_actors::users::rules::shown;
use zelador_actors::users::{UserDraft, UserRecord};
use zelador_store::id::PlanId;
use zelador_store::plan::{Plan, PlanSort};
use zelador_store::user::{Permissions, Planned, Status, User, UserType};

use crate::api::language::Language;
use crate::api::problem::Problem;
use crate::api::tenants::PlanWord;
use crate::api::time::Utc;
use crate::api::users::cloud::account_word;

/// Whether a user may use the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::api) enum StatusWord {
    /// Not in use (0).
    Inactive,
    /// In good standing (1).
    Active,
    /// Kept out for a while (2).
    Suspended,
    /// Not let in yet (3).
    Pending,
    /// Thrown out (4).
    Banned,
}

impl From<Status> for StatusWord {
    fn from(status: Status) -> Self {
        match status {
            Status::Inactive => Self::Inactive,
            Status::Active => Self::Active,
            Status::Suspended => Self::Suspended,
            Status::Pending => Self::Pending,
            Status::Banned => Self::Banned,
        }
    }
}

impl From<StatusWord> for Status {
    fn from(word: StatusWord) -> Self {
        match word {
            StatusWord::Inactive => Self::Inactive,
            StatusWord::Active => Self::Active,
            StatusWord::Suspended => Self::Suspended,
            StatusWord::Pending => Self::Pending,
            StatusWord::Banned => Self::Banned,
        }
    }
}

/// A status for people.
pub(in crate::api) fn label(status: Status, language: Language) -> String {
    language.say(&format!("status-{}", status.word()), &[])
}

/// User or admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum UserTypeWord {
    /// May do what the permissions say.
    #[default]
    User,
    /// May do everything within the tenant.
    Admin,
}

/// What a user may do; an admin may all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of the API")]
struct PermissionForm {
    /// Book for oneself.
    #[schema(default = true)]
    can_book: bool,
    /// See the bookings of others.
    #[schema(default = false)]
    can_view_all_bookings: bool,
    /// Change the bookings of others.
    #[schema(default = false)]
    can_manage_bookings: bool,
    /// Change categories and resources.
    #[schema(default = false)]
    can_manage_resources: bool,
    /// Change users.
    #[schema(default = false)]
    can_manage_users: bool,
}

impl Default for PermissionForm {
    fn default() -> Self {
        Permissions::default().into()
    }
}

impl From<Permissions> for PermissionForm {
    fn from(may: Permissions) -> Self {
        Self {
            can_book: may.can_book,
            can_view_all_bookings: may.can_view_all_bookings,
            can_manage_bookings: may.can_manage_bookings,
            can_manage_resources: may.can_manage_resources,
            can_manage_users: may.can_manage_users,
        }
    }
}

impl From<PermissionForm> for Permissions {
    fn from(form: PermissionForm) -> Self {
        Self {
            can_book: form.can_book,
            can_view_all_bookings: form.can_view_all_bookings,
            can_manage_bookings: form.can_manage_bookings,
            can_manage_resources: form.can_manage_resources,
            can_manage_users: form.can_manage_users,
        }
    }
}

/// What makes a user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    /// Whose.
    #[schema(format = "uuid")]
    pub(super) tenant_id: String,
    /// What the person is called.
    #[schema(min_length = 1, max_length = 200, format = "name", example = "João Silva")]
    name: String,
    /// Unique in the tenant, whatever its case.
    #[schema(format = "email", max_length = 254, example = "joao.silva@academiafit.com")]
    #[serde(default)]
    email: Option<String>,
    /// User or admin.
    #[schema(default = "user")]
    #[serde(default)]
    user_type: UserTypeWord,
    /// What a user may do.
    #[serde(default)]
    permissions: PermissionForm,
    /// Anything else; at most 16 KiB.
    #[schema(value_type = Object, additional_properties = true)]
    #[serde(default)]
    profile: Map<String, Value>,
    /// Telephone number.
    #[schema(max_length = 100)]
    #[serde(default)]
    phone: Option<String>,
    /// Postal address.
    #[schema(max_length = 500)]
    #[serde(default)]
    address: Option<String>,
    /// Zone of service.
    #[schema(max_length = 500)]
    #[serde(default)]
    zone: Option<String>,
    /// The client's code.
    #[schema(max_length = 100)]
    #[serde(default)]
    code: Option<String>,
    /// Number of the identity card.
    #[schema(max_length = 100, example = "V-12345678")]
    #[serde(default)]
    id_number: Option<String>,
    /// Id in Wispro.
    #[schema(max_length = 100)]
    #[serde(default)]
    id_wispro: Option<String>,
    /// Number of the client's plan elsewhere.
    #[serde(default)]
    plan_id: Option<i64>,
    /// What this user has booked of the service; without it, what the tenant has.
    #[serde(default)]
    plan: Option<PlanWord>,
    /// Number of the client's role elsewhere.
    #[schema(default = 0)]
    #[serde(default)]
    role: i64,
    /// The status to begin with: `ACTIVE`, `PENDING` or `INACTIVE`. Changed by
    /// `PUT /users/{id}/status`, not here.
    #[schema(default = "ACTIVE")]
    #[serde(default = "active")]
    status: StatusWord,
    /// What the user signs in with; never shown.
    #[schema(write_only, min_length = 8, max_length = 1024, format = "password")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<String>,
    /// The same as the hash of another system: bcrypt or argon2.
    #[schema(write_only, max_length = 500)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) password_hash: Option<String>,
    /// Whoever signs in with it must choose another password first.
    #[schema(write_only)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) must_change_password: Option<bool>,
}

const fn active() -> StatusWord {
    StatusWord::Active
}

impl NewUser {
    /// The user's own members, as they would have been written: nothing
    /// inherited, nothing computed.
    pub(super) fn of(user: &User) -> Result<Self, Problem> {
        let profile = serde_json::from_str(&user.profile)
            .map_err(|source| Problem::fault("reading a profile", source))?;
        let user = user.clone();
        Ok(Self {
            tenant_id: user.tenant.to_string(),
            name: user.name,
            email: user.email,
            user_type: match user.user_type {
                UserType::User => UserTypeWord::User,
                UserType::Admin => UserTypeWord::Admin,
            },
            permissions: user.permissions.into(),
            profile,
            phone: user.phone,
            address: user.address,
            zone: user.zone,
            code: user.code,
            id_number: user.id_number,
            id_wispro: user.id_wispro,
            plan_id: user.plan_id,
            plan: user.plan.map(PlanWord::from),
            role: user.role,
            status: user.status.into(),
            password: None,
            password_hash: None,
            must_change_password: None,
        })
    }

    /// Whether it says what the user signs in with.
    pub(super) fn signs_in(&self) -> bool {
        self.password.is_some()
            || self.password_hash.is_some()
            || self.must_change_password == Some(true)
    }

    /// What the concern takes: the draft, and the status to begin with.
    pub(super) fn draft(self) -> (UserDraft, Status) {
        let draft = UserDraft {
            name: self.name,
            email: self.email,
            user_type: match self.user_type {
                UserTypeWord::User => UserType::User,
                UserTypeWord::Admin => UserType::Admin,
            },
            permissions: self.permissions.into(),
            profile: Value::Object(self.profile).to_string(),
            phone: self.phone,
            address: self.address,
            zone: self.zone,
            code: self.code,
            id_number: self.id_number,
            id_wispro: self.id_wispro,
            plan_id: self.plan_id,
            plan: self.plan.map(Into::into),
            role: self.role,
        };
        (draft, self.status.into())
    }
}

/// A change of status that is to come.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(super) struct PlanView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// A ban, or any other change.
    #[schema(example = "ban")]
    sort: &'static str,
    /// The status it leads to.
    status: StatusWord,
    /// When.
    at: Utc,
    /// Why.
    reason: Option<String>,
    /// The job that will make it permanent.
    #[schema(format = "uuid")]
    job_id: String,
}

impl PlanView {
    /// A plan that its row tells of, whatever became of it.
    pub(super) fn past(id: PlanId, plan: &Plan) -> Self {
        Self {
            id: id.to_string(),
            sort: plan.sort.word(),
            status: plan.to.into(),
            at: plan.at.into(),
            reason: plan.reason.clone(),
            job_id: plan.job.to_string(),
        }
    }
}

impl From<&Planned> for PlanView {
    fn from(plan: &Planned) -> Self {
        Self {
            id: plan.id.to_string(),
            sort: plan.sort.word(),
            status: plan.to.into(),
            at: plan.at.into(),
            reason: plan.reason.clone(),
            job_id: plan.job.to_string(),
        }
    }
}

/// A user.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = User)]
pub(in crate::api) struct UserView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    #[serde(flatten)]
    made: NewUser,
    /// The status as a number, 0 to 4.
    #[schema(example = 1)]
    status_code: u8,
    /// The status for people.
    #[schema(example = "Ativo")]
    status_label: String,
    /// Since when it is so.
    status_since: Utc,
    /// Why.
    status_reason: Option<String>,
    /// The status that the earliest plan, or leave, leads to.
    next_status: Option<StatusWord>,
    /// When.
    scheduled_status_change_at: Option<Utc>,
    /// Why, if it is a ban.
    scheduled_ban_reason: Option<String>,
    /// Everything that is planned, the earliest first.
    plans: Vec<PlanView>,
    /// `none`, `pending`, `creating`, `active` or `failed`.
    nextcloud_status: &'static str,
    /// Where the account is.
    #[schema(format = "uuid")]
    nextcloud_instance_id: Option<String>,
    /// When it was made.
    nextcloud_created_at: Option<Utc>,
    /// What went wrong with it.
    nextcloud_error: Option<String>,
    /// Where the Drive folders stand: `none`, `pending`, `creating`, `ready` or `failed`.
    #[schema(example = "none")]
    folder_status: &'static str,
    /// Raised with every change.
    version: u64,
    /// When the user was registered.
    created_at: Utc,
    /// When the record was changed last.
    updated_at: Utc,
}

impl UserView {
    /// The user for people who read this language.
    pub(in crate::api) fn new(record: &UserRecord, language: Language) -> Result<Self, Problem> {
        let user = &record.user;
        let mut made = NewUser::of(user)?;
        made.permissions = shown::permissions(user).into();
        made.plan = Some(shown::service_plan(user, &record.tenant).into());
        let next = shown::next(user);
        let cloud = record.cloud.as_ref();
        let mut planned: Vec<&Planned> = user.planned.iter().collect();
        planned.sort_by_key(|plan| (plan.at, plan.sort != PlanSort::Ban));
        Ok(Self {
            id: record.id.to_string(),
            made,
            status_code: user.status.code(),
            status_label: label(user.status, language),
            status_since: user.status_since.into(),
            status_reason: user.status_reason.clone(),
            next_status: next.map(|next| next.to.into()),
            scheduled_status_change_at: next.map(|next| next.at.into()),
            scheduled_ban_reason: next.and_then(|next| next.ban_reason()).map(str::to_owned),
            plans: planned.into_iter().map(PlanView::from).collect(),
            nextcloud_status: cloud.map_or("none", |cloud| account_word(cloud.state)),
            nextcloud_instance_id: cloud.and_then(|cloud| Some(cloud.instance?.to_string())),
            nextcloud_created_at: cloud.and_then(|cloud| cloud.created_at).map(Utc),
            nextcloud_error: cloud.and_then(|cloud| cloud.error.clone()),
            folder_status: record.folder_status(),
            version: user.version,
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        })
    }
}
