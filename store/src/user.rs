//! Users: the people of a tenant, and the history of their status.
//!
//! One record serves all concerns. What is planned for a user stands in the
//! record as well as in rows of its own (see [`plan`](crate::plan) and
//! [`leave`](crate::leave)), so that
//! one read of one row tells the status at any later moment. Every change of a
//! plan changes the record in the same write.

use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::fold::{fold, fold_address, fold_number};
use crate::id::{JobId, LeaveId, PlanId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table, Term};
use crate::leave::OpenLeave;
use crate::plan::PlanSort;
use crate::tenant::ServicePlan;
use crate::time::Timestamp;

/// Whether a user may use the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Not in use.
    Inactive,
    /// In good standing.
    Active,
    /// Kept out for a while.
    Suspended,
    /// Not let in yet.
    Pending,
    /// Thrown out.
    Banned,
}

impl Status {
    /// All of them, by code.
    pub const ALL: [Self; 5] =
        [Self::Inactive, Self::Active, Self::Suspended, Self::Pending, Self::Banned];

    /// Its number, 0 to 4.
    pub const fn code(self) -> u8 {
        match self {
            Self::Inactive => 0,
            Self::Active => 1,
            Self::Suspended => 2,
            Self::Pending => 3,
            Self::Banned => 4,
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inactive => "INACTIVE",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Pending => "PENDING",
            Self::Banned => "BANNED",
        }
    }

    /// The status of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// What a user is within the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserType {
    /// May do what the permissions say.
    #[default]
    User,
    /// May do everything within the tenant.
    Admin,
}

/// What a user may do; an admin may all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of the API")]
pub struct Permissions {
    /// Book for oneself.
    pub can_book: bool,
    /// See the bookings of others.
    pub can_view_all_bookings: bool,
    /// Change the bookings of others.
    pub can_manage_bookings: bool,
    /// Change categories and resources.
    pub can_manage_resources: bool,
    /// Change users.
    pub can_manage_users: bool,
}

impl Permissions {
    /// Everything.
    pub const ALL: Self = Self {
        can_book: true,
        can_view_all_bookings: true,
        can_manage_bookings: true,
        can_manage_resources: true,
        can_manage_users: true,
    };
}

impl Default for Permissions {
    fn default() -> Self {
        Self {
            can_book: true,
            can_view_all_bookings: false,
            can_manage_bookings: false,
            can_manage_resources: false,
            can_manage_users: false,
        }
    }
}

/// A plan that has not come to its end, as its user's record shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The plan's row.
    pub id: PlanId,
    /// What sort of plan.
    pub sort: PlanSort,
    /// The status it leads to.
    pub to: Status,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// When the plan was made: a ban that begins later was not known to its
    /// author.
    pub made_at: Timestamp,
    /// The job that makes it permanent.
    pub job: JobId,
}

/// A person of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Whose user.
    pub tenant: TenantId,
    /// What the person is called.
    pub name: String,
    /// No two living users of a tenant share one, whatever its case.
    pub email: Option<String>,
    /// User or admin.
    pub user_type: UserType,
    /// What a user may do; without meaning for an admin.
    pub permissions: Permissions,
    /// Anything the tenant's software keeps here: a JSON object, as text.
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
    /// The status that was made permanent last; see `planned` for what may be
    /// in force already.
    pub status: Status,
    /// Since when; never goes back.
    pub status_since: Timestamp,
    /// Why.
    pub status_reason: Option<String>,
    /// Rows of the user's status history so far.
    pub status_changes: u32,
    /// Plans that have not come to their end; at most one of each sort.
    pub planned: Vec<Planned>,
    /// Leaves that are planned or running; who has a running one is suspended.
    pub leaves: Vec<OpenLeave>,
    /// Raised with every change.
    pub version: u64,
    /// When the user was registered.
    pub created_at: Timestamp,
    /// When the record was changed last.
    pub updated_at: Timestamp,
    /// When the user was deleted, and is invisible since.
    pub deleted_at: Option<Timestamp>,
}

impl User {
    /// Whether anyone may still see the record.
    pub const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }
}

/// Users by id.
#[derive(Debug)]
pub struct Users;

impl Table for Users {
    const NAME: &'static str = "users";
    const TAG: u16 = 0x0601;
    const VERSION: u8 = 1;
    type Key = UserId;
    type Row = User;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<UsersByTenant>(),
        IndexDef::of::<UsersByStatus>(),
        IndexDef::of::<UsersByEmail>(),
        IndexDef::of::<UsersByName>(),
        IndexDef::of::<AdminsByTenant>(),
        IndexDef::of::<UsersByAddress>(),
        IndexDef::of::<UsersByWispro>(),
        IndexDef::of::<UsersByNumber>(),
    ];
}

/// All users of a tenant: the living under 0, the deleted under 1.
#[derive(Debug)]
pub struct UsersByTenant;

impl Lookup for UsersByTenant {
    type Table = Users;
    const NAME: &'static str = "users by tenant";
    const TAG: u16 = 0x0602;
    const UNIQUE: bool = false;
    type Key = (TenantId, u8);

    fn key(_: &UserId, user: &User) -> Option<Self::Key> {
        Some((user.tenant, u8::from(!user.is_live())))
    }
}

/// The living users of a tenant by the status that was made permanent.
#[derive(Debug)]
pub struct UsersByStatus;

impl Lookup for UsersByStatus {
    type Table = Users;
    const NAME: &'static str = "users by status";
    const TAG: u16 = 0x0603;
    const UNIQUE: bool = false;
    type Key = (TenantId, u8);

    fn key(_: &UserId, user: &User) -> Option<Self::Key> {
        user.is_live().then(|| (user.tenant, user.status.code()))
    }
}

/// The living user of an address.
#[derive(Debug)]
pub struct UsersByEmail;

impl Lookup for UsersByEmail {
    type Table = Users;
    const NAME: &'static str = "users by email";
    const TAG: u16 = 0x0604;
    const UNIQUE: bool = true;
    type Key = (TenantId, Term);

    fn key(_: &UserId, user: &User) -> Option<Self::Key> {
        let email = user.email.as_deref().filter(|_| user.is_live())?;
        Some((user.tenant, Term::new(&fold_address(email))))
    }
}

/// The living users of a tenant by name, without case and accents.
#[derive(Debug)]
pub struct UsersByName;

impl Lookup for UsersByName {
    type Table = Users;
    const NAME: &'static str = "users by name";
    const TAG: u16 = 0x0605;
    const UNIQUE: bool = false;
    type Key = (TenantId, Term);

    fn key(_: &UserId, user: &User) -> Option<Self::Key> {
        user.is_live().then(|| (user.tenant, Term::new(&fold(&user.name))))
    }
}

/// The living admins of a tenant, whatever their status.
#[derive(Debug)]
pub struct AdminsByTenant;

impl Lookup for AdminsByTenant {
    type Table = Users;
    const NAME: &'static str = "admins by tenant";
    const TAG: u16 = 0x0607;
    const UNIQUE: bool = false;
    type Key = TenantId;

    fn key(_: &UserId, user: &User) -> Option<TenantId> {
        (user.is_live() && user.user_type == UserType::Admin).then_some(user.tenant)
    }
}

/// The living users of an address, in whatever tenant.
#[derive(Debug)]
pub struct UsersByAddress;

impl Lookup for UsersByAddress {
    type Table = Users;
    const NAME: &'static str = "users by address";
    const TAG: u16 = 0x0608;
    const UNIQUE: bool = false;
    type Key = Term;

    fn key(_: &UserId, user: &User) -> Option<Term> {
        let email = user.email.as_deref().filter(|_| user.is_live())?;
        Some(Term::new(&fold_address(email)))
    }
}

/// The living user of a client of Wispro's.
#[derive(Debug)]
pub struct UsersByWispro;

impl Lookup for UsersByWispro {
    type Table = Users;
    const NAME: &'static str = "users by wispro id";
    const TAG: u16 = 0x0609;
    const UNIQUE: bool = true;
    type Key = (TenantId, Term);

    fn key(_: &UserId, user: &User) -> Option<Self::Key> {
        let id = user.id_wispro.as_deref().filter(|id| user.is_live() && !id.is_empty())?;
        Some((user.tenant, Term::new(id)))
    }
}

/// The living users of a tenant by the digits of their identity card; who looks
/// up tells apart what [`fold_number`] does not.
#[derive(Debug)]
pub struct UsersByNumber;

impl Lookup for UsersByNumber {
    type Table = Users;
    const NAME: &'static str = "users by number";
    const TAG: u16 = 0x060a;
    const UNIQUE: bool = false;
    type Key = (TenantId, Term);

    fn key(_: &UserId, user: &User) -> Option<Self::Key> {
        let number = user.id_number.as_deref().filter(|_| user.is_live())?;
        Some((user.tenant, Term::new(&fold_number(number))))
    }
}

/// One change of a user's status, as the history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// The status before; `None`: the user was new.
    pub from: Option<Status>,
    /// The status after.
    pub to: Status,
    /// Why.
    pub reason: Option<String>,
    /// The plan that led to it.
    pub plan: Option<PlanId>,
    /// The leave that began or ended with it.
    pub leave: Option<LeaveId>,
    /// Who wanted it.
    pub by: Option<Author>,
    /// When it was written down; a plan may have been in force since earlier.
    pub noted_at: Timestamp,
}

/// The history of everyone's status: by user, from when on, which one.
#[derive(Debug)]
pub struct StatusHistory;

impl Table for StatusHistory {
    const NAME: &'static str = "status history";
    const TAG: u16 = 0x0606;
    const VERSION: u8 = 1;
    type Key = (UserId, Timestamp, u32);
    type Row = StatusChange;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}
