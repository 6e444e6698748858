//! One account.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::quota;

/// An account as the server holds it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// In the letters of its creation.
    pub(crate) id: String,
    pub(crate) password: String,
    pub(crate) enabled: bool,
    pub(crate) groups: BTreeSet<String>,
    /// Values by application and key, as `user:setting` shows them. The email is
    /// `settings/email`, the quota `files/quota`, the language `core/lang`.
    pub(crate) values: BTreeMap<(String, String), String>,
}

impl Account {
    pub(crate) fn new(id: &str, password: &str) -> Self {
        Self {
            id: id.to_owned(),
            password: password.to_owned(),
            enabled: true,
            groups: BTreeSet::new(),
            values: BTreeMap::new(),
        }
    }

    pub(crate) fn value(&self, app: &str, key: &str) -> Option<&str> {
        self.values.get(&(app.to_owned(), key.to_owned())).map(String::as_str)
    }

    pub(crate) fn set(&mut self, app: &str, key: &str, value: &str) {
        self.values.insert((app.to_owned(), key.to_owned()), value.to_owned());
    }

    pub(crate) fn unset(&mut self, app: &str, key: &str) {
        self.values.remove(&(app.to_owned(), key.to_owned()));
    }

    /// What it is shown as: its id where it has no other name.
    pub(crate) fn display_name(&self) -> &str {
        match self.value("settings", "display_name") {
            Some(name) if !name.is_empty() => name,
            _ => &self.id,
        }
    }

    pub(crate) fn email(&self) -> Option<&str> {
        self.value("settings", "email")
    }

    pub(crate) fn quota(&self) -> &str {
        self.value("files", "quota").unwrap_or(quota::UNLIMITED)
    }

    pub(crate) fn language(&self) -> &str {
        self.value("core", "lang").unwrap_or("en")
    }

    /// As `GET /cloud/users/{id}` shows it.
    pub(crate) fn shown(&self) -> Value {
        let quota = quota::shown(self.quota());
        let limited = quota > 0.0;
        json!({
            "enabled": self.enabled,
            "storageLocation": format!("/var/www/nextcloud/data/{}", self.id),
            "id": self.id,
            "firstLoginTimestamp": -1,
            "lastLoginTimestamp": 0,
            "lastLogin": 0,
            "backend": "Database",
            "subadmin": [],
            "quota": {
                "free": number(if limited { quota } else { quota::NO_LIMIT }),
                "used": 0,
                "total": number(if limited { quota } else { quota::NO_LIMIT }),
                "relative": 0,
                "quota": number(quota),
            },
            "manager": self.value("settings", "manager").unwrap_or_default(),
            "email": self.email(),
            "additional_mail": [],
            "displayname": self.display_name(),
            "display-name": self.display_name(),
            "phone": self.value("settings", "phone").unwrap_or_default(),
            "groups": self.groups,
            "language": self.language(),
            "locale": self.value("core", "locale").unwrap_or_default(),
            "timezone": self.value("core", "timezone").unwrap_or_default(),
            "notify_email": null,
            "backendCapabilities": {"setDisplayName": true, "setPassword": true},
        })
    }

    /// As `occ user:info --output=json` shows it: the quota is the stored text.
    pub(crate) fn listed(&self) -> Value {
        json!({
            "user_id": self.id,
            "display_name": self.display_name(),
            "email": self.email().unwrap_or_default(),
            "cloud_id": format!("{}@localhost", self.id),
            "enabled": self.enabled,
            "groups": self.groups,
            "quota": self.quota(),
            "storage": [],
            "first_seen": "never",
            "last_seen": "never",
            "user_directory": format!("/var/www/nextcloud/data/{}", self.id),
            "backend": "Database",
        })
    }
}

/// Whole numbers as such; what is too large for one comes as a fraction, as PHP
/// writes it.
fn number(value: f64) -> Value {
    const WHOLE: f64 = 9.0e18;
    if value.abs() < WHOLE {
        #[expect(clippy::cast_possible_truncation, reason = "the bound was checked")]
        return json!(value as i64);
    }
    json!(value)
}
