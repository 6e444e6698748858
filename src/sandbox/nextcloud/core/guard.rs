//! The two brakes: bad logins by address, and edits by admin.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use zelador_store::Timestamp;

/// How long a bad login counts.
const LOGIN_WINDOW: Duration = Duration::from_secs(30 * 60);
/// So many bad logins are answered as such; whatever comes then is not looked at.
const BAD_LOGINS: usize = 11;
/// The longest delay that is reported, in milliseconds.
const MOST_DELAY: u64 = 25_000;
const EDIT_WINDOW: Duration = Duration::from_secs(600);
const EDITS: usize = 50;

/// Counts what happened lately, by key.
#[derive(Debug, Default)]
struct Lately(BTreeMap<String, VecDeque<Timestamp>>);

impl Lately {
    fn count(&mut self, key: &str, now: Timestamp, window: Duration) -> usize {
        let Some(times) = self.0.get_mut(key) else { return 0 };
        while times.front().is_some_and(|at| *at + window <= now) {
            times.pop_front();
        }
        times.len()
    }

    fn note(&mut self, key: &str, now: Timestamp) {
        self.0.entry(key.to_owned()).or_default().push_back(now);
    }
}

/// Both brakes.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    logins: Lately,
    edits: Lately,
    /// Addresses that are never locked out.
    pub(crate) allowed: Vec<String>,
}

impl Guard {
    /// Whether an address is answered at all.
    pub(crate) fn is_locked(&mut self, address: &str, now: Timestamp) -> bool {
        !self.is_allowed(address) && self.logins.count(address, now, LOGIN_WINDOW) >= BAD_LOGINS
    }

    pub(crate) fn is_allowed(&self, address: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == address)
    }

    /// A bad login from an address.
    pub(crate) fn bad_login(&mut self, address: &str, now: Timestamp) {
        self.logins.note(address, now);
    }

    /// Milliseconds that the server says it would make an address wait.
    pub(crate) fn delay(&mut self, address: &str, now: Timestamp) -> u64 {
        match self.logins.count(address, now, LOGIN_WINDOW) {
            0 => 0,
            bad => 100_u64.saturating_mul(1 << bad.min(16)).min(MOST_DELAY),
        }
    }

    /// Forgets the bad logins of an address.
    pub(crate) fn reset(&mut self, address: &str) {
        self.logins.0.remove(address);
    }

    /// Takes one edit of an admin's allowance, if there is one left. Edits that
    /// fail were taken too.
    pub(crate) fn may_edit(&mut self, admin: &str, now: Timestamp) -> bool {
        let admin = admin.to_lowercase();
        if self.edits.count(&admin, now, EDIT_WINDOW) >= EDITS {
            return false;
        }
        self.edits.note(&admin, now);
        true
    }
}
