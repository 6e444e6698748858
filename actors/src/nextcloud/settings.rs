//! `[nextcloud]`: which servers, what an account is to be, how gently they are asked.

use serde::{Deserialize, Serialize};
use zelador_store::tenant::ServicePlan;

pub use crate::mode::Mode;

/// How the first password of an account reaches its owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandOver {
    /// By a link that shows it once.
    #[default]
    Link,
    /// Not at all: the server's own mail lets the owner choose one.
    WelcomeMail,
}

impl HandOver {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::WelcomeMail => "welcome_mail",
        }
    }
}

/// How much an account may store, by plan: `5 GB`, `500 MB`, `none`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quotas {
    /// On trial.
    pub trial: String,
    /// Básico.
    pub basico: String,
    /// Profissional.
    pub profissional: String,
    /// Empresarial.
    pub empresarial: String,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            trial: "5 GB".to_owned(),
            basico: "10 GB".to_owned(),
            profissional: "50 GB".to_owned(),
            empresarial: "200 GB".to_owned(),
        }
    }
}

impl Quotas {
    /// What a plan grants.
    pub fn of(&self, plan: ServicePlan) -> &str {
        match plan {
            ServicePlan::Trial => &self.trial,
            ServicePlan::Basico => &self.basico,
            ServicePlan::Profissional => &self.profissional,
            ServicePlan::Empresarial => &self.empresarial,
        }
    }
}

/// `[nextcloud]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NextcloudSettings {
    /// Which servers are talked to.
    pub mode: Mode,
    /// What account ids are made of: `{local}`, `{domain}`, `{email}`, `{name}`,
    /// `{code}`, `{id}`.
    pub user_id: String,
    /// Groups of every new account; `{tenant}` is the tenant's domain, `{plan}` the
    /// plan's word.
    pub groups: Vec<String>,
    /// The language of new accounts, such as `pt_BR`; empty: the tenant's.
    pub language: String,
    /// How a first password reaches its owner.
    pub hand_over: HandOver,
    /// Hours that a link to a first password is good for.
    pub link_hours: u32,
    /// Calls that one instance is asked at once.
    pub per_instance: u32,
    /// Seconds that making an account may take.
    pub create_timeout_seconds: u32,
    /// Seconds that any other call may take.
    pub request_timeout_seconds: u32,
    /// Seconds between two looks at a healthy instance.
    pub health_seconds: u32,
    /// Seconds between two looks at an unwell one.
    pub unwell_seconds: u32,
    /// Outages in a row after which an instance is left alone.
    pub breaker_failures: u32,
    /// Hours between two comparisons with an instance's own list; 0: never.
    pub reconcile_hours: u32,
    /// How much an account may store.
    pub quotas: Quotas,
}

impl Default for NextcloudSettings {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            user_id: "{local}".to_owned(),
            groups: Vec::new(),
            language: String::new(),
            hand_over: HandOver::default(),
            link_hours: 168,
            per_instance: 4,
            create_timeout_seconds: 75,
            request_timeout_seconds: 45,
            health_seconds: 300,
            unwell_seconds: 30,
            breaker_failures: 5,
            reconcile_hours: 24,
            quotas: Quotas::default(),
        }
    }
}
