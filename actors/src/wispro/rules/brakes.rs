//! When a run stops before it changes anything, and asks.

use zelador_store::wispro::Brake;

/// What the comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// Clients met, each once.
    pub met: u64,
    /// Clients that the upstream says there are; `None`: it did not say, or not
    /// all were asked for.
    pub promised: Option<u64>,
    /// Users to be made.
    pub create: u64,
    /// Users to be changed.
    pub change: u64,
    /// Clients whose users are as they should be.
    pub unchanged: u64,
    /// No run of this tenant has come to its end before.
    pub first: bool,
}

/// How much goes without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The share of known clients that may change, in percent.
    pub changed_percent: u32,
    /// The share of known clients that as many new ones may come with, in percent.
    pub created_percent: u32,
    /// So many of either go always.
    pub least: u32,
}

/// The brake that holds, if one does.
pub fn check(found: &Found, limits: &Limits) -> Option<Brake> {
    let brake = |rule: &str, found, limit| Some(Brake { rule: rule.to_owned(), found, limit });
    if let Some(promised) = found.promised.filter(|promised| found.met < *promised) {
        return brake("fewer_than_promised", found.met, promised);
    }
    let known = found.change + found.unchanged;
    let share = |percent: u32| (known * u64::from(percent) / 100).max(u64::from(limits.least));
    let most = share(limits.changed_percent);
    if !found.first && found.change > most {
        return brake("too_many_changed", found.change, most);
    }
    let most = share(limits.created_percent);
    if !found.first && found.create > most {
        return brake("too_many_created", found.create, most);
    }
    None
}
