//! The `[lifecycle]` section.

use serde::{Deserialize, Serialize};

use super::Transition;

/// Which actions follow from what happens to a user, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LifecycleSettings {
    /// When a user is registered.
    pub registered: Vec<String>,
    /// When the status becomes `BANNED`.
    pub banned: Vec<String>,
    /// When the status becomes `SUSPENDED`, for a leave too.
    pub suspended: Vec<String>,
    /// When the status becomes `ACTIVE` after `BANNED` or `SUSPENDED`.
    pub reinstated: Vec<String>,
    /// When a user is deleted.
    pub deleted: Vec<String>,
}

impl Default for LifecycleSettings {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let out = || {
            names(&["revoke_sessions", "cancel_bookings", "disable_nextcloud", "withdraw_share"])
        };
        Self {
            registered: names(&["provision_nextcloud", "create_drive_folder"]),
            banned: out(),
            suspended: names(&["revoke_sessions"]),
            reinstated: names(&["enable_nextcloud", "restore_share"]),
            deleted: out(),
        }
    }
}

impl LifecycleSettings {
    /// The actions of a transition.
    pub fn of(&self, transition: Transition) -> &[String] {
        match transition {
            Transition::Registered => &self.registered,
            Transition::Banned => &self.banned,
            Transition::Suspended => &self.suspended,
            Transition::Reinstated => &self.reinstated,
            Transition::Deleted => &self.deleted,
        }
    }
}
