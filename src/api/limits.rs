//! How much one caller may ask for: by address, by token, by tenant.
//!
//! Each is a leaky bucket (GCRA). The operator is exempt, and so are health checks
//! from this machine. Nothing is remembered about callers who are within bounds
//! for long: the tables are swept when they grow.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;
use warp::http::StatusCode;
use zelador_store::id::TenantId;

use super::auth::Who;
use super::problem::Problem;
use crate::config::LimitSettings;

/// Tokens that are not good, from one address, before it is told to wait.
const BAD_TOKENS: u32 = 10;
/// How long until one more is forgiven.
const BAD_TOKEN_FORGIVEN: Duration = Duration::from_secs(6);
/// After so many questions a table forgets who has been quiet.
const SWEEP_AFTER: u32 = 4096;

struct Buckets<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn new(quota: Quota) -> Self {
        Self { limiter: RateLimiter::dashmap(quota), asked: AtomicU32::new(0) }
    }

    /// How long to wait, if it is too much.
    fn take(&self, key: &K) -> Result<(), Duration> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP_AFTER == SWEEP_AFTER - 1 {
            self.limiter.retain_recent();
        }
        let clock = DefaultClock::default();
        self.limiter.check_key(key).map_err(|until| until.wait_time_from(clock.now()))
    }
}

/// The limits in force. Made anew, and so forgotten, when the configuration changes
/// them.
pub struct Limits {
    settings: LimitSettings,
    addresses: Buckets<IpAddr>,
    bearers: Buckets<Uuid>,
    tenants: Buckets<TenantId>,
    bad_tokens: Buckets<IpAddr>,
}

impl Limits {
    /// With nothing asked yet.
    pub fn new(settings: &LimitSettings) -> Self {
        let bad = Quota::with_period(BAD_TOKEN_FORGIVEN).unwrap_or(quota(1, 1));
        Self {
            settings: settings.clone(),
            addresses: Buckets::new(quota(settings.address_per_second, settings.address_burst)),
            bearers: Buckets::new(quota(settings.token_per_second, settings.token_burst)),
            tenants: Buckets::new(quota(settings.tenant_per_second, settings.tenant_burst)),
            bad_tokens: Buckets::new(bad.allow_burst(at_least_one(BAD_TOKENS))),
        }
    }

    /// Whether these are the limits of `settings`.
    pub fn are(&self, settings: &LimitSettings) -> bool {
        self.settings == *settings
    }

    /// Counts a call; 429 if it is too much.
    pub fn count(&self, who: &Who, address: IpAddr) -> Result<(), Problem> {
        if who.is_operator() {
            return Ok(());
        }
        self.addresses.take(&address).map_err(too_many)?;
        if let Some(bearer) = who.bearer() {
            self.bearers.take(&bearer).map_err(too_many)?;
        }
        if let Some(tenant) = who.tenant() {
            self.tenants.take(&tenant).map_err(too_many)?;
        }
        Ok(())
    }

    /// Counts a token that is not good; 429 after `BAD_TOKENS` of them.
    pub fn count_bad_token(&self, address: IpAddr) -> Result<(), Problem> {
        self.bad_tokens.take(&address).map_err(too_many)
    }
}

fn too_many(wait: Duration) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests").retry_after(wait)
}

fn quota(per_second: u32, burst: u32) -> Quota {
    Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst))
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}
