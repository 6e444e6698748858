//! What looks and calls make of an instance: its health, and its breaker.
//!
//! ```text
//!            refused login, wrong host key, …: at once
//! closed ──  locked out for bad logins: at once          ──▶ open
//!   ▲        so many outages in a row                         │
//!   └── a good look ── by hand, or when its time is over ─────┘
//! ```
//! A breaker without an end waits for somebody: with a wrong password every further
//! look would be one step towards being locked out.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::nextcloud::{Ailment, Breaker, Health, Instance};

use super::super::settings::NextcloudSettings;
use super::budget::WINDOW;
use super::trouble::{Class, Trouble};

/// The longest that an instance is left alone for outages.
const LONGEST: Duration = Duration::from_secs(600);

/// What is borne of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Outages in a row after which it is left alone.
    pub failures: u32,
    /// How long it is left alone then, at first.
    pub wait: Duration,
}

impl From<&NextcloudSettings> for Patience {
    fn from(settings: &NextcloudSettings) -> Self {
        let wait = Duration::from_secs(2 * u64::from(settings.unwell_seconds));
        Self { failures: settings.breaker_failures, wait }
    }
}

/// What a look showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// How long the server took to tell how it is, in milliseconds.
    pub latency_ms: Option<u32>,
    /// Such as `32.0.1`.
    pub version: Option<String>,
    /// It is in maintenance mode, or waits for an upgrade.
    pub maintenance: bool,
    /// How many accounts it has; `None`: it was not asked.
    pub user_count: Option<u64>,
    /// What was wrong.
    pub trouble: Option<Trouble>,
}

impl Look {
    /// Whether all is well.
    pub const fn is_good(&self) -> bool {
        self.trouble.is_none() && !self.maintenance
    }
}

/// Trouble as it is shown.
pub fn ailment(trouble: &Trouble) -> Ailment {
    Ailment { class: trouble.class.word().to_owned(), message: trouble.words.clone() }
}

/// An instance's health in a word.
pub const fn word(health: &Health) -> &'static str {
    match health.healthy {
        Some(true) => "healthy",
        Some(false) => "unhealthy",
        None => "unknown",
    }
}

/// What opens the breaker, if anything does.
fn opened(failures: u32, trouble: &Trouble, patience: Patience, now: Timestamp) -> Option<Breaker> {
    let cause = ailment(trouble);
    if trouble.class.opens_breaker() {
        return Some(Breaker { since: now, until: None, cause });
    }
    // Too many edits are no such thing: accounts can be made all the same.
    if trouble.class == Class::Throttled {
        let after = trouble.after.filter(|after| *after > WINDOW)?;
        return Some(Breaker { since: now, until: Some(now + after), cause });
    }
    let outage = matches!(trouble.class, Class::Unreachable | Class::Failed);
    if !outage || failures < patience.failures {
        return None;
    }
    let times = failures.saturating_sub(patience.failures).min(10);
    let wait = (patience.wait * (times + 1)).min(LONGEST);
    Some(Breaker { since: now, until: Some(now + wait), cause })
}

/// The instance after a call that met trouble; `None`: nothing is to be noted.
pub fn after_trouble(
    instance: &Instance,
    trouble: &Trouble,
    patience: Patience,
    now: Timestamp,
) -> Option<Instance> {
    if trouble.class == Class::Maintenance {
        return (!instance.health.maintenance).then(|| Instance {
            health: Health {
                healthy: Some(false),
                maintenance: true,
                error: Some(ailment(trouble)),
                ..instance.health.clone()
            },
            ..instance.clone()
        });
    }
    let outage = matches!(trouble.class, Class::Unreachable | Class::Failed);
    let failures = instance.health.failures.saturating_add(u32::from(outage));
    let breaker = opened(failures, trouble, patience, now);
    if !outage && breaker.is_none() {
        return None;
    }
    let well = if breaker.is_some() { Some(false) } else { instance.health.healthy };
    Some(Instance {
        health: Health {
            healthy: well,
            failures,
            error: Some(ailment(trouble)),
            ..instance.health.clone()
        },
        breaker: breaker.or_else(|| instance.breaker.clone()),
        ..instance.clone()
    })
}

/// The instance after a look.
pub fn after_look(
    instance: &Instance,
    look: &Look,
    patience: Patience,
    now: Timestamp,
) -> Instance {
    let maintenance =
        || Trouble::new(Class::Maintenance, "maintenance mode, or an upgrade is to be made");
    let trouble = look.trouble.clone().or_else(|| look.maintenance.then(maintenance));
    let failures = if look.is_good() { 0 } else { instance.health.failures.saturating_add(1) };
    let health = Health {
        healthy: Some(look.is_good()),
        checked_at: Some(now),
        latency_ms: look.latency_ms,
        version: look.version.clone().or_else(|| instance.health.version.clone()),
        maintenance: look.maintenance,
        user_count: look.user_count.or(instance.health.user_count),
        error: trouble.as_ref().map(ailment),
        failures,
    };
    let breaker = match &trouble {
        None => None,
        // Maintenance ends by itself, and says so.
        Some(trouble) => {
            opened(failures, trouble, patience, now).or_else(|| instance.breaker.clone())
        }
    };
    Instance { health, breaker, ..instance.clone() }
}

/// The instance after a call that went well; `None`: it is known to be well.
pub fn after_success(instance: &Instance) -> Option<Instance> {
    if instance.health.failures == 0 || instance.breaker.is_some() {
        return None;
    }
    let error =
        if instance.health.healthy == Some(false) { instance.health.error.clone() } else { None };
    let health = Health { failures: 0, error, ..instance.health.clone() };
    Some(Instance { health, ..instance.clone() })
}

/// When an instance is looked at next; `None`: not before somebody says so.
pub fn due(instance: &Instance, every: Duration, unwell: Duration) -> Option<Timestamp> {
    let last = instance.health.checked_at.unwrap_or(Timestamp::EPOCH);
    match &instance.breaker {
        Some(Breaker { until: None, .. }) => None,
        Some(Breaker { until: Some(until), .. }) => Some((*until).max(last + unwell)),
        None if instance.health.healthy == Some(true) => Some(last + every),
        None => Some(last + unwell),
    }
}

/// Whether accounts that wait may find a place, or a way, that they did not before.
pub fn is_better(before: &Instance, after: &Instance) -> bool {
    let open =
        |instance: &Instance| instance.breaker.is_none() && instance.health.healthy != Some(false);
    open(after) && (!open(before) || after.version != before.version)
}

/// Whether people are to be told that the instance does otherwise than before.
pub fn is_news(before: &Instance, after: &Instance) -> bool {
    before.health.healthy != after.health.healthy
        || before.breaker.is_some() != after.breaker.is_some()
}
