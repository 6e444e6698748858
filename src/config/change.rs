//! What differs between two configurations, and what of it can take effect in
//! a running daemon. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Config;
use super::problem::dotted;

/// One key that changed; values as they are written in the file, secrets
/// masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The key, with dots.
    pub key: String,
    /// The value before; empty if the key was not there.
    pub old: String,
    /// The value now; empty if the key is gone.
    pub new: String,
}

/// What a new configuration changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The keys that take effect at once.
    pub applied: Vec<KeyChange>,
    /// The keys that changed but take effect at the next start.
    pub needs_restart: Vec<&'static str>,
}

impl Change {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.applied.is_empty() && self.needs_restart.is_empty()
    }
}

/// Declares, once, which keys need a restart, and how they are held back.
macro_rules! needs_restart {
    ($($key:literal => $($field:ident).+;)*) => {
        const NEEDS_RESTART: &[&str] = &[$($key),*];

        /// The new configuration as far as it can take effect in a daemon that
        /// was started with the old: everything that reads the result sees
        /// what is really in force.
        pub(super) fn in_force(old: &Config, new: Config) -> Config {
            let mut held = new;
            $(held.$($field).+ = old.$($field).+.clone();)*
            held
        }
    };
}

needs_restart! {
    "environment" => environment;
    "api.listen" => api.listen;
    "store.data_dir" => store.data_dir;
    "store.archive_dir" => store.archive_dir;
    "store.cache_mb" => store.cache_mb;
    "store.journal_segment_mb" => store.journal_segment_mb;
    "store.overlay_mb" => store.overlay_mb;
    "store.ballast_mb" => store.ballast_mb;
    "drive.api_key" => drive.api_key;
    "telemetry.file" => telemetry.file;
    "telemetry.file_keep" => telemetry.file_keep;
}

/// Compares two configurations.
pub fn change(old: &Config, new: &Config) -> Change {
    let (before, after) = (flat(old), flat(new));
    let mut change = Change::default();
    for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))) {
        let (old_value, new_value) = (before.get(key), after.get(key));
        if old_value == new_value && !secret_differs(key, old, new) {
            continue;
        }
        match NEEDS_RESTART.iter().find(|held| *held == key) {
            Some(held) => change.needs_restart.push(held),
            None => change.applied.push(KeyChange {
                key: key.clone(),
                old: old_value.cloned().unwrap_or_default(),
                new: new_value.cloned().unwrap_or_default(),
            }),
        }
    }
    change
}

/// Masked secrets look alike; they are compared themselves.
fn secret_differs(key: &str, old: &Config, new: &Config) -> bool {
    let of = |config: &Config| {
        config.secrets().into_iter().find(|(name, _)| *name == key).map(|(_, s)| s.clone())
    };
    let (before, after) = (of(old), of(new));
    before != after
}

/// Every key with its value as text.
fn flat(config: &Config) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    if let Ok(value) = serde_json::to_value(config) {
        flatten(&mut Vec::new(), &value, &mut keys);
    }
    keys
}

fn flatten(at: &mut Vec<String>, value: &Value, to: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(table) => {
            for (name, inner) in table {
                at.push(name.clone());
                flatten(at, inner, to);
                at.pop();
            }
        }
        plain => {
            to.insert(dotted(at), plain.to_string());
        }
    }
}
