//! Tenants: white-label organisations and their rules.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::id::TenantId;
use crate::kv::{IndexDef, Lookup, Table, Term};
use crate::time::Timestamp;

/// What a tenant, or a single user, has booked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServicePlan {
    /// The first weeks.
    #[default]
    Trial,
    /// The small one.
    Basico,
    /// The middle one.
    Profissional,
    /// The large one.
    Empresarial,
}

impl ServicePlan {
    /// All of them, the smallest first.
    pub const ALL: [Self; 4] = [Self::Trial, Self::Basico, Self::Profissional, Self::Empresarial];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Basico => "basico",
            Self::Profissional => "profissional",
            Self::Empresarial => "empresarial",
        }
    }

    /// The plan of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.word() == word)
    }
}

/// Days on which nothing can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// The first day, local to the tenant.
    pub from: Date,
    /// The last day, itself included.
    pub to: Date,
    /// Why, for people.
    pub reason: Option<String>,
}

/// What a tenant calls things, in messages for people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Labels {
    /// One resource: `Sala`.
    pub resource_singular: Option<String>,
    /// Several: `Salas`.
    pub resource_plural: Option<String>,
    /// A booking: `Aula`.
    pub booking_label: Option<String>,
    /// Who books: `Aluno`.
    pub user_label: Option<String>,
}

/// How the people of a tenant are told things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantNotices {
    /// By mail.
    pub email: bool,
    /// By the operator's gateway, to their telephones.
    pub gateway: bool,
    /// Who mails say they are from; `None`: the tenant's name.
    pub sender_name: Option<String>,
    /// The address that answers to mails go to; `None`: where they came from.
    pub reply_to: Option<String>,
}

impl Default for TenantNotices {
    fn default() -> Self {
        Self { email: true, gateway: false, sender_name: None, reply_to: None }
    }
}

/// The rules of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Free text, such as `fitness`.
    pub business_type: String,
    /// IANA name of the time zone that its local times are in.
    pub timezone: String,
    /// Opening, local time of day.
    pub working_hours_start: Time,
    /// Closing, local time of day.
    pub working_hours_end: Time,
    /// Days of the week with opening hours, 0 = Monday, ascending.
    pub working_days: Vec<u8>,
    /// Days without opening hours.
    pub closures: Vec<Closure>,
    /// Minutes; slots align to it from the opening hour.
    pub booking_interval: u32,
    /// Days; how far ahead a booking may start.
    pub advance_booking_days: u32,
    /// Minutes; how soon at the earliest.
    pub min_notice_minutes: u32,
    /// Hours; how late a user may cancel.
    pub cancellation_hours: u32,
    /// Minutes; the least gap between two neighbouring bookings.
    pub buffer_minutes: u32,
    /// New bookings are confirmed at once.
    pub auto_confirm: bool,
    /// New users get a Nextcloud account.
    pub provision_nextcloud: bool,
    /// New users get a Drive folder.
    pub create_drive_folder: bool,
    /// What things are called.
    pub custom_labels: Labels,
    /// How its people are told things.
    pub notifications: TenantNotices,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            business_type: "general".into(),
            timezone: "America/Sao_Paulo".into(),
            working_hours_start: Time::constant(8, 0, 0, 0),
            working_hours_end: Time::constant(18, 0, 0, 0),
            working_days: (0..7).collect(),
            closures: Vec::new(),
            booking_interval: 30,
            advance_booking_days: 30,
            min_notice_minutes: 0,
            cancellation_hours: 24,
            buffer_minutes: 0,
            auto_confirm: false,
            provision_nextcloud: false,
            create_drive_folder: false,
            custom_labels: Labels::default(),
            notifications: TenantNotices::default(),
        }
    }
}

/// A white-label organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// What it is called.
    pub name: String,
    /// Its domain, in lower case; no two tenants share one.
    pub domain: String,
    /// Where its logo is.
    pub logo_url: Option<String>,
    /// `#RRGGBB`.
    pub theme_primary_color: Option<String>,
    /// What it has booked of the service.
    pub plan: ServicePlan,
    /// The language of its people, such as `pt-BR`; `None`: the daemon's.
    pub locale: Option<String>,
    /// Whether it is in business.
    pub is_active: bool,
    /// Its rules.
    pub settings: Settings,
    /// Raised with every change.
    pub version: u64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was deleted; it is invisible since, and its rows are being
    /// removed.
    pub deleted_at: Option<Timestamp>,
}

impl Tenant {
    /// Whether anyone may still see it.
    pub const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }
}

/// Tenants by id.
#[derive(Debug)]
pub struct Tenants;

impl Table for Tenants {
    const NAME: &'static str = "tenants";
    const TAG: u16 = 0x0501;
    const VERSION: u8 = 1;
    type Key = TenantId;
    type Row = Tenant;
    const INDEXES: &'static [IndexDef<Self>] = &[IndexDef::of::<TenantsByDomain>()];
}

/// The living tenant of a domain.
#[derive(Debug)]
pub struct TenantsByDomain;

impl Lookup for TenantsByDomain {
    type Table = Tenants;
    const NAME: &'static str = "tenants by domain";
    const TAG: u16 = 0x0502;
    const UNIQUE: bool = true;
    type Key = Term;

    fn key(_: &TenantId, tenant: &Tenant) -> Option<Term> {
        tenant.is_live().then(|| Term::new(&tenant.domain))
    }
}
