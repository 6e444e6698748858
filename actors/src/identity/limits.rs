//! How often somebody may try to sign in: by account and by address.
//!
//! Attempts are counted before a password is looked at, and for accounts that
//! are not there as well: the limit tells nothing about them. Nothing is
//! remembered beyond the process; a restart forgives.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use zelador_store::fold::fold_address;

use super::settings::IdentitySettings;
use crate::error::Error;

/// From so many callers on, those who have been quiet are forgotten.
const MANY: usize = 10_000;

type Buckets<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// What has been tried.
pub(super) struct Limits {
    settings: IdentitySettings,
    accounts: Buckets<String>,
    addresses: Buckets<IpAddr>,
}

impl Limits {
    /// With nothing tried yet.
    pub(super) fn new(settings: &IdentitySettings) -> Self {
        let quota =
            |per_minute| Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        Self {
            settings: settings.clone(),
            accounts: RateLimiter::dashmap(quota(settings.account_per_minute)),
            addresses: RateLimiter::dashmap(quota(settings.address_per_minute)),
        }
    }

    /// Whether these are the limits of `settings`.
    pub(super) fn are(&self, settings: &IdentitySettings) -> bool {
        self.settings.account_per_minute == settings.account_per_minute
            && self.settings.address_per_minute == settings.address_per_minute
    }

    /// Counts an attempt from an address to sign in to an account; `Err`: too many.
    pub(super) fn count(&self, email: Option<&str>, address: IpAddr) -> Result<(), Error> {
        take(&self.addresses, &address)?;
        match email {
            Some(email) => take(&self.accounts, &fold_address(email)),
            None => Ok(()),
        }
    }
}

fn take<K: std::hash::Hash + Eq + Clone>(buckets: &Buckets<K>, key: &K) -> Result<(), Error> {
    if buckets.len() > MANY {
        buckets.retain_recent();
    }
    buckets.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        Error::TooMany { retry_after: wait.max(Duration::from_secs(1)) }
    })
}
