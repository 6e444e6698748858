//! Which instance takes the next account.

use std::fmt;

use zelador_store::id::{InstanceId, TenantId};
use zelador_store::nextcloud::{Instance, InstanceStatus, Taken};

/// An instance as it is weighed.
#[derive(Debug, Clone, Copy)]
pub struct Weighed<'a> {
    /// Which.
    pub id: InstanceId,
    /// Its row.
    pub instance: &'a Instance,
    /// What is taken of it.
    pub taken: &'a Taken,
}

/// Why an instance takes no account of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Its operator says no.
    Status,
    /// It is for others.
    Tenant,
    /// It was unwell when it was looked at, or is left alone after trouble.
    Health,
    /// It has no room.
    Full,
}

/// Why an instance takes no account of a tenant, if so.
pub fn unfit(instance: &Instance, taken: &Taken, tenant: TenantId) -> Option<Unfit> {
    if instance.status != InstanceStatus::Active {
        return Some(Unfit::Status);
    }
    if !instance.tenants.is_empty() && !instance.tenants.contains(&tenant) {
        return Some(Unfit::Tenant);
    }
    if instance.breaker.is_some() || instance.health.healthy == Some(false) {
        return Some(Unfit::Health);
    }
    (taken.places >= instance.max_users).then_some(Unfit::Full)
}

/// No instance takes the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoRoom {
    /// Instances that are switched off, or in maintenance by their operator's word.
    pub off: usize,
    /// Instances for other tenants.
    pub foreign: usize,
    /// Instances that are unwell.
    pub unwell: usize,
    /// Instances without room.
    pub full: usize,
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.full, "full"),
            (self.unwell, "unwell"),
            (self.off, "switched off"),
            (self.foreign, "for other tenants"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<_> = parts.map(|(count, why)| format!("{count} {why}")).collect();
        if parts.is_empty() {
            return f.write_str("no Nextcloud instance is registered");
        }
        write!(f, "no Nextcloud instance takes the account: {}", parts.join(", "))
    }
}

/// The instance with the fewest places taken; among equals the one whose turn was
/// least often, so that they fill evenly.
pub fn choose(pool: &[Weighed<'_>], tenant: TenantId) -> Result<InstanceId, NoRoom> {
    let mut none = NoRoom::default();
    let mut fit = Vec::new();
    for weighed in pool {
        match unfit(weighed.instance, weighed.taken, tenant) {
            None => fit.push(weighed),
            Some(Unfit::Status) => none.off += 1,
            Some(Unfit::Tenant) => none.foreign += 1,
            Some(Unfit::Health) => none.unwell += 1,
            Some(Unfit::Full) => none.full += 1,
        }
    }
    let least = fit.iter().min_by_key(|one| (one.taken.places, one.taken.turns, one.id));
    least.map(|one| one.id).ok_or(none)
}
