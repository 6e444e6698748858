//! Environment variables: `ZELADOR__SECTION__KEY`, and the names that the
//! original systems used.
//!
//! The parts of a name are the parts of the key, in any letter case; `_`
//! stands for `-` and `.` too (`ZELADOR__QUEUES__USER_STATUS__CONCURRENCY`).

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::problem::Place;
use super::tree::{Key, Tree, read_value};

/// What the name of every variable that sets a key starts with.
const PREFIX: &str = "ZELADOR__";

/// The variables of the process, read once: a reload sees the same.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

/// Names alone: any value may be a secret.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Variables {
    /// Those of this process; one that is not UTF-8 is none of ours.
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// The value of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Variables {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// What a name of the original systems means here.
enum Meaning {
    /// It sets this key.
    Sets(&'static str),
    /// It has no effect, for this reason.
    Ignored(&'static str),
}

const FRESH: &str = "answers are computed from committed data, nothing is cached";

/// The names of the original systems.
const ORIGINAL_NAMES: &[(&str, Meaning)] = &[
    ("ENVIRONMENT", Meaning::Sets("environment")),
    ("CORS_ORIGINS", Meaning::Sets("api.cors.origins")),
    ("CORS_ALLOW_CREDENTIALS", Meaning::Sets("api.cors.allow_credentials")),
    ("CORS_MAX_AGE", Meaning::Sets("api.cors.max_age_seconds")),
    ("SECRET_KEY", Meaning::Sets("auth.secret_key")),
    ("CACHE_TTL_SETTINGS", Meaning::Ignored(FRESH)),
    ("CACHE_TTL_AVAILABILITY", Meaning::Ignored(FRESH)),
    ("ACCESS_TOKEN_EXPIRE_HOURS", Meaning::Sets("auth.access_token_hours")),
    ("JWT_ALGORITHM", Meaning::Sets("auth.jwt_algorithm")),
    ("REDIS_URL", Meaning::Sets("redis.url")),
    ("WISPRO_TOKEN", Meaning::Sets("wispro.token")),
    ("VM_API_KEY", Meaning::Sets("drive.api_key")),
    ("VM_API_URL", Meaning::Sets("drive.callback.own_url")),
    ("BACKEND_URL", Meaning::Sets("drive.callback.url")),
    ("BACKEND_API_KEY", Meaning::Sets("drive.callback.api_key")),
    ("GOOGLE_APPLICATION_CREDENTIALS", Meaning::Sets("drive.credentials")),
];

/// Lays the variables over a tree; the notices say which had no effect.
/// `ZELADOR__` names win over the original ones.
pub(super) fn lay(tree: &mut Tree, variables: &Variables) -> Vec<String> {
    let mut notices = Vec::new();
    for (name, meaning) in ORIGINAL_NAMES {
        match (variables.get(name), meaning) {
            (None, _) => {}
            (Some(text), Meaning::Sets(key)) => {
                // The originals' compose files pass unset variables as empty
                // ones; only for CORS did empty mean something: nobody.
                if !text.trim().is_empty() || *name == "CORS_ORIGINS" {
                    let key = key.split('.').map(str::to_owned).collect();
                    set(tree, key, name, text);
                }
            }
            (Some(_), Meaning::Ignored(why)) => {
                notices.push(format!("{name} is set but has no effect: {why}"));
            }
        }
    }
    for (name, text) in &variables.0 {
        if let Some(parts) = name.strip_prefix(PREFIX) {
            set(tree, key_of(tree, parts), name, text);
        }
    }
    notices
}

/// The variable that sets a key: the opposite of [`key_of`].
pub(super) fn variable_of(key: &[String]) -> String {
    let parts = key.iter().map(|part| simple(part).to_uppercase()).collect::<Vec<_>>();
    format!("{PREFIX}{}", parts.join("__"))
}

fn key_of(tree: &Tree, parts: &str) -> Key {
    let mut key = Key::new();
    for part in parts.split("__") {
        let wanted = part.to_lowercase();
        let known = tree_table(tree, &key)
            .and_then(|keys| keys.into_iter().find(|known| simple(known) == wanted));
        key.push(known.unwrap_or(wanted));
    }
    key
}

fn tree_table(tree: &Tree, key: &[String]) -> Option<Vec<String>> {
    let names = |value: &Value| Some(value.as_object()?.keys().cloned().collect());
    if key.is_empty() { names(&tree.value()) } else { names(tree.get(key)?) }
}

fn simple(part: &str) -> String {
    part.to_lowercase().replace(['-', '.'], "_")
}

/// The text is read as what stands there already: text stays text, a list may
/// be written with commas, everything else is a TOML value if it is one.
fn set(tree: &mut Tree, key: Key, name: &str, text: &str) {
    let as_text = || Value::from(text);
    let value = match tree.get(&key) {
        Some(Value::String(_)) => as_text(),
        // A reference to a secret, replaced by the secret.
        Some(Value::Object(table)) if is_reference(table) => as_text(),
        Some(Value::Array(_)) => {
            read_value(text).filter(Value::is_array).unwrap_or_else(|| split(text))
        }
        _ => read_value(text).unwrap_or_else(as_text),
    };
    tree.set(key, value, Place::Variable(name.to_owned()));
}

fn is_reference(table: &serde_json::Map<String, Value>) -> bool {
    ["file", "env", "credential"].iter().any(|way| table.get(*way).is_some_and(Value::is_string))
}

fn split(text: &str) -> Value {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| read_value(item).unwrap_or_else(|| Value::from(item))).collect()
}
