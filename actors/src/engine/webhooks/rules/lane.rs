//! Who may have the next place: fair shares for tenants and webhooks.
//!
//! A lane is a webhook's share of the places. One whose last word was bad, or took
//! long, is *slow*: all slow ones together have half of the places at most, so
//! that receivers that answer are never kept waiting by those that do not. One that
//! has failed [`STEADY`] times in a row, without one success in between, is tried
//! once at a time, at growing distances, until something arrives again.

use std::time::Duration;

use zelador_store::Timestamp;

use crate::engine::webhooks::settings::WebhookSettings;

/// Failures in a row, over all of a webhook's deliveries, that are no accident.
pub const STEADY: u32 = 20;

/// The longest distance between two tries of a receiver that is not there.
pub const LONGEST_PACE: Duration = Duration::from_secs(30);

/// A try that took longer was slow.
pub const SLOW: Duration = Duration::from_secs(1);

/// What is known of a webhook's share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lane {
    /// Tries under way.
    pub running: u32,
    /// Failures since something arrived last.
    pub failures: u32,
    /// The last try took long.
    pub lagging: bool,
    /// Not before.
    pub not_before: Option<Timestamp>,
}

/// How the places are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// By all.
    pub all: u32,
    /// By slow ones.
    pub slow: u32,
    /// By this tenant.
    pub tenant: u32,
}

impl Lane {
    /// Whether it shares half of the places with its like.
    pub fn is_slow(&self) -> bool {
        self.failures > 0 || self.lagging
    }

    /// How many more tries it may begin.
    pub fn room(&self, taken: Taken, settings: &WebhookSettings, now: Timestamp) -> u32 {
        if self.not_before.is_some_and(|at| now < at) {
            return 0;
        }
        let left = |limit: u32, taken: u32| limit.max(1).saturating_sub(taken);
        let mut room = left(settings.concurrency, taken.all)
            .min(left(settings.tenant_concurrency, taken.tenant))
            .min(left(settings.webhook_concurrency, self.running));
        if self.is_slow() {
            room = room.min(left(settings.concurrency / 2, taken.slow));
        }
        if self.failures >= STEADY {
            room = room.min(left(1, self.running));
        }
        room
    }

    /// After a try.
    pub fn note(&mut self, success: bool, took: Duration, now: Timestamp) {
        self.lagging = took > SLOW;
        if success {
            (self.failures, self.not_before) = (0, None);
            return;
        }
        // Those that were under way when it was found to be gone say nothing new.
        if self.not_before.is_some_and(|at| now < at + took) {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.not_before = self
            .failures
            .checked_sub(STEADY)
            .map(|over| now + Duration::from_secs(1_u64 << over.min(5)).min(LONGEST_PACE));
    }
}
