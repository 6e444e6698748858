//! The `[users]` section.

use serde::{Deserialize, Serialize};

/// How the users concern behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserSettings {
    /// In development, a planned ban is put this many seconds ahead instead of
    /// at the date asked for, so that a ban can be tried in a minute. 0: off.
    /// Has no effect in production.
    pub test_ban_delay_seconds: u32,
}

impl UserSettings {
    /// What has an effect: in production, bans are not tried.
    pub fn in_force(&self, production: bool) -> Self {
        Self { test_ban_delay_seconds: if production { 0 } else { self.test_ban_delay_seconds } }
    }
}
