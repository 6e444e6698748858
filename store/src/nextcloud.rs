//! Nextcloud: the instances of the pool, what is taken of each, and the account of
//! each user.
//!
//! ```text
//! pending ──▶ creating ──▶ active ⇄ disabled
//!    ▲            │
//!    └── retried ─┴──────▶ failed
//! ```
//! A user has one account. From `creating` on it has a place: the instance and the
//! id were recorded before the first call, so that an account found later is known
//! to be ours. A place is taken in [`Occupancy`] in the same write.

use serde::{Deserialize, Serialize};

use crate::id::{EventId, InstanceId, JobId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table, Term};
use crate::sealed::Sealed;
use crate::time::Timestamp;

/// How an instance is managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// `occ` over SSH.
    Ssh,
    /// The provisioning interface over HTTP.
    Api,
}

/// Whether an instance takes accounts, by its operator's will.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstanceStatus {
    /// It does.
    Active,
    /// Not for now.
    Maintenance,
    /// No more.
    Disabled,
}

/// A secret: sealed here, or where it is to be read each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Secret {
    /// Sealed under `secret.key`.
    Sealed(Sealed),
    /// The name of a systemd credential.
    Credential(String),
    /// The path of a file.
    File(String),
    /// The name of an environment variable.
    Env(String),
}

/// The way over SSH.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshWay {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// By this key.
    pub private_key: Option<Secret>,
    /// What the key is encrypted with.
    pub passphrase: Option<Secret>,
    /// By a password, where there is no key.
    pub password: Option<Secret>,
    /// The host's key, as an OpenSSH line.
    pub host_key: String,
    /// The path of `occ`.
    pub occ_path: String,
    /// The program that runs it.
    pub php: String,
    /// The unix user it runs as, by `sudo`; `None`: who logged in.
    pub run_as: Option<String>,
}

/// The way over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiWay {
    /// The admin's name.
    pub username: String,
    /// The admin's password, or an app password.
    pub password: Secret,
}

/// What is wrong, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ailment {
    /// The class, a word.
    pub class: String,
    /// What the server said, or what was noticed.
    pub message: String,
}

/// What the last look at an instance showed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    /// Whether it was well; `None`: nobody looked yet.
    pub healthy: Option<bool>,
    /// When it was looked at.
    pub checked_at: Option<Timestamp>,
    /// How long it took to answer, in milliseconds.
    pub latency_ms: Option<u32>,
    /// Such as `32.0.1`.
    pub version: Option<String>,
    /// Whether it was in maintenance mode.
    pub maintenance: bool,
    /// How many accounts it has by its own count.
    pub user_count: Option<u64>,
    /// What was wrong.
    pub error: Option<Ailment>,
    /// Looks in a row that found it unwell.
    pub failures: u32,
}

/// An instance is asked nothing but how it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// Since when.
    pub since: Timestamp,
    /// When it is tried again; `None`: when it was changed, or looked at by hand.
    pub until: Option<Timestamp>,
    /// Why.
    pub cause: Ailment,
}

/// What a server has beside what is known here, as it was compared last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// When it was compared.
    pub at: Timestamp,
    /// Accounts that the server lists.
    pub theirs: u64,
    /// Accounts that are to stand there.
    pub ours: u64,
    /// How many of ours the server does not list.
    pub missing: u64,
    /// Ids of some of those.
    pub missing_ids: Vec<String>,
    /// How many the server lists that are none of ours: its admin, for one.
    pub strangers: u64,
}

/// One Nextcloud server of the pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// What people call it; unique, whatever its letters' case.
    pub name: String,
    /// Its address.
    pub base_url: String,
    /// How it is managed.
    pub method: Method,
    /// Whether it takes accounts.
    pub status: InstanceStatus,
    /// How many accounts may be placed there.
    pub max_users: u32,
    /// Whose users may be placed there; empty: all.
    pub tenants: Vec<TenantId>,
    /// The way over SSH, where that is the method.
    pub ssh: Option<SshWay>,
    /// The way over HTTP, where that is the method.
    pub api: Option<ApiWay>,
    /// What the last look showed.
    pub health: Health,
    /// Why it is left alone, if it is.
    pub breaker: Option<Breaker>,
    /// How it differs from what is known here; `None`: never compared.
    pub drift: Option<Drift>,
    /// Whether it is a stand-in of the sandbox.
    pub sandbox: bool,
    /// Raised with every change by people.
    pub version: u64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Instances by id.
#[derive(Debug)]
pub struct Instances;

impl Table for Instances {
    const NAME: &'static str = "nextcloud instances";
    const TAG: u16 = 0x1001;
    const VERSION: u8 = 1;
    type Key = InstanceId;
    type Row = Instance;
    const INDEXES: &'static [IndexDef<Self>] = &[IndexDef::of::<InstancesByName>()];
}

/// The instance of a name.
#[derive(Debug)]
pub struct InstancesByName;

impl Lookup for InstancesByName {
    type Table = Instances;
    const NAME: &'static str = "nextcloud instances by name";
    const TAG: u16 = 0x1002;
    const UNIQUE: bool = true;
    type Key = Term;

    fn key(_: &InstanceId, instance: &Instance) -> Option<Term> {
        Some(Term::new(&instance.name.to_lowercase()))
    }
}

/// How much of an instance is taken. A row of its own: it changes with every
/// account, the instance's row does not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Taken {
    /// Accounts that were placed there and not given up, made or not.
    pub places: u32,
    /// Raised whenever one is taken: ties are spread by it.
    pub turns: u64,
}

/// What is taken, by instance.
#[derive(Debug)]
pub struct Occupancy;

impl Table for Occupancy {
    const NAME: &'static str = "nextcloud occupancy";
    const TAG: u16 = 0x1003;
    const VERSION: u8 = 1;
    type Key = InstanceId;
    type Row = Taken;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountState {
    /// It has no place yet.
    Pending,
    /// It has a place; whether it stands there is to be looked at.
    Creating,
    /// It stands, as it should be.
    Active,
    /// Its making was given up.
    Failed,
    /// It stands, and its owner is kept out.
    Disabled,
}

impl AccountState {
    /// All of them, by code.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Creating, Self::Active, Self::Failed, Self::Disabled];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Creating => "creating",
            Self::Active => "active",
            Self::Failed => "failed",
            Self::Disabled => "disabled",
        }
    }

    /// Its number, in indexes.
    pub const fn code(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Creating => 1,
            Self::Active => 2,
            Self::Failed => 3,
            Self::Disabled => 4,
        }
    }
}

/// Where an account is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The instance.
    pub instance: InstanceId,
    /// The id there; unique there, whatever its letters' case.
    pub remote_id: String,
    /// How many ids were found taken before this one.
    pub go: u32,
    /// When the place was taken.
    pub taken_at: Timestamp,
    /// Whether the server was asked, or is about to be asked, to make the account:
    /// before that, one that is found there is somebody else's.
    pub called: bool,
    /// Whether the account was seen there, or its making was answered with success.
    pub made: bool,
}

/// A move to another instance, while it is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moving {
    /// Where the account is until the new one stands.
    pub from: Place,
    /// Where it is to be.
    pub to: InstanceId,
    /// The first password that is good there until then, if it was not handed over.
    pub password: Option<Sealed>,
}

/// The account of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whose user.
    pub tenant: TenantId,
    /// Where it stands.
    pub state: AccountState,
    /// Where it is; `None`: no place was found yet.
    pub place: Option<Place>,
    /// Bytes that it may store; `None`: as many as there are.
    pub quota: Option<u64>,
    /// Groups that it is in.
    pub groups: Vec<String>,
    /// The language it is spoken to in.
    pub language: Option<String>,
    /// The first password, until it was handed over.
    pub password: Option<Sealed>,
    /// What went wrong last.
    pub error: Option<Ailment>,
    /// Tries that making it has cost.
    pub tries: u32,
    /// The job that makes it, while there is one.
    pub job: Option<JobId>,
    /// Where it comes from, while it is being moved.
    pub moving: Option<Moving>,
    /// Whether its owner is to be kept out.
    pub locked_out: bool,
    /// The latest event by which that was said, or the opposite: an older one has no
    /// say.
    pub switched_by: Option<EventId>,
    /// When it became active.
    pub created_at: Option<Timestamp>,
    /// Raised with every change.
    pub version: u64,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Accounts by user.
#[derive(Debug)]
pub struct Accounts;

impl Table for Accounts {
    const NAME: &'static str = "nextcloud accounts";
    const TAG: u16 = 0x1004;
    const VERSION: u8 = 1;
    type Key = UserId;
    type Row = Account;
    const INDEXES: &'static [IndexDef<Self>] =
        &[IndexDef::of::<AccountsByPlace>(), IndexDef::of::<AccountsByState>()];
}

/// The account of an id on an instance.
#[derive(Debug)]
pub struct AccountsByPlace;

impl Lookup for AccountsByPlace {
    type Table = Accounts;
    const NAME: &'static str = "nextcloud accounts by place";
    const TAG: u16 = 0x1005;
    const UNIQUE: bool = true;
    type Key = (InstanceId, Term);

    fn key(_: &UserId, account: &Account) -> Option<Self::Key> {
        let place = account.place.as_ref()?;
        Some((place.instance, Term::new(&place.remote_id.to_lowercase())))
    }
}

/// The accounts in each state, by [`AccountState::code`], and of each tenant.
#[derive(Debug)]
pub struct AccountsByState;

impl Lookup for AccountsByState {
    type Table = Accounts;
    const NAME: &'static str = "nextcloud accounts by state";
    const TAG: u16 = 0x1006;
    const UNIQUE: bool = false;
    type Key = (u8, TenantId);

    fn key(_: &UserId, account: &Account) -> Option<Self::Key> {
        Some((account.state.code(), account.tenant))
    }
}
