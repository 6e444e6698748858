//! The `[webhooks]` section.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// `[webhooks]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// How many webhooks a tenant may have; at least 1.
    pub per_tenant: u32,
    /// Ports that a URL may name.
    pub allowed_ports: Vec<u16>,
    /// Seconds for a whole try, from the look-up of the name to the end of the
    /// answer; at least 1.
    pub timeout_seconds: u32,
    /// Seconds of wait after the first, the second … failed try; one try more than
    /// there are waits.
    pub backoff_seconds: Vec<u32>,
    /// Hours of nothing but failures after which a webhook is switched off.
    pub disable_after_hours: u32,
    /// How many tries run at once.
    pub concurrency: u32,
    /// How many of them may be one tenant's.
    pub tenant_concurrency: u32,
    /// How many of them may be one webhook's.
    pub webhook_concurrency: u32,
    /// Days for which deliveries that arrived are kept; at least 1.
    pub keep_deliveries_days: u32,
    /// Days for which failed ones are kept; at least 1.
    pub keep_failed_days: u32,
    /// Whether `http` to this very machine is permitted: in development. It is
    /// not in the file; [`WebhookSettings::in_force`] says it.
    #[serde(skip)]
    pub localhost: bool,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            per_tenant: 20,
            allowed_ports: vec![443, 8443],
            timeout_seconds: 10,
            backoff_seconds: vec![10, 60, 300, 1800, 7200, 21_600, 43_200],
            disable_after_hours: 120,
            concurrency: 64,
            tenant_concurrency: 32,
            webhook_concurrency: 16,
            keep_deliveries_days: 30,
            keep_failed_days: 90,
            localhost: false,
        }
    }
}

impl WebhookSettings {
    /// What holds in this environment.
    pub fn in_force(&self, production: bool) -> Self {
        Self { localhost: !production, ..self.clone() }
    }

    /// How long a try may take.
    pub fn time_limit(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.max(1).into())
    }

    /// How long nothing but failures is borne.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(u64::from(self.disable_after_hours) * 3600)
    }

    /// How often a delivery is tried in all.
    pub fn tries(&self) -> u16 {
        u16::try_from(self.backoff_seconds.len()).unwrap_or(u16::MAX).saturating_add(1)
    }
}
