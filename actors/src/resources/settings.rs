//! The `[resources]` section.

use serde::{Deserialize, Serialize};

/// How categories and resources are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResourceSettings {
    /// Days for which a deleted category or resource is kept, invisible; 0: for
    /// ever.
    pub keep_deleted_days: u32,
}

impl Default for ResourceSettings {
    fn default() -> Self {
        Self { keep_deleted_days: 90 }
    }
}
