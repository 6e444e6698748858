//! `[booking]`.

use serde::{Deserialize, Serialize};

/// Settings of the booking concern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BookingSettings {
    /// Seconds without a request after which the actor of a resource rests.
    pub idle_seconds: u32,
    /// Seconds that a place is held for the next in line.
    pub waitlist_offer_seconds: u32,
}

impl Default for BookingSettings {
    fn default() -> Self {
        Self { idle_seconds: 60, waitlist_offer_seconds: 900 }
    }
}
