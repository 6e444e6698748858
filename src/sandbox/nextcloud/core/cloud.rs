//! The whole of one Nextcloud.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use zelador_store::Timestamp;

use super::account::Account;
use super::guard::Guard;

/// The group whose members may do everything.
pub(crate) const ADMINS: &str = "admin";

/// Who is asking, or why nobody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nothing was shown.
    Nobody,
    /// What was shown is wrong.
    Wrong,
    /// Too many wrong ones came from the address.
    Locked,
    /// An account, by its id.
    Known(String),
}

/// What a caller shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing, or a cookie, which is nothing to this interface.
    Nothing,
    /// A name and a password or an app password.
    Basic(String, String),
    /// An app password.
    Bearer(String),
}

/// One Nextcloud.
#[derive(Debug)]
pub(crate) struct Cloud {
    /// By id in small letters: ids exist once, whatever their letters.
    pub(crate) users: BTreeMap<String, Account>,
    pub(crate) groups: BTreeSet<String>,
    /// Data folders without a user, in small letters: an id of such a name is refused.
    pub(crate) folders: BTreeSet<String>,
    /// The user of an app password.
    pub(crate) app_passwords: BTreeMap<String, String>,
    pub(crate) guard: Guard,
    pub(crate) maintenance: bool,
    pub(crate) needs_upgrade: bool,
    pub(crate) version: String,
    /// Names under which the server answers, beside loopback's.
    pub(crate) trusted_hosts: Vec<String>,
    /// Welcome mails that were sent.
    pub(crate) mails: Vec<String>,
}

impl Cloud {
    /// A fresh server with one admin.
    pub(crate) fn new(admin: &str, password: &str, app_password: &str) -> Self {
        let mut account = Account::new(admin, password);
        account.groups.insert(ADMINS.to_owned());
        Self {
            users: BTreeMap::from([(admin.to_lowercase(), account)]),
            groups: BTreeSet::from([ADMINS.to_owned()]),
            folders: ["files_external", "__groupfolders"].map(str::to_owned).into(),
            app_passwords: BTreeMap::from([(app_password.to_owned(), admin.to_lowercase())]),
            guard: Guard::default(),
            maintenance: false,
            needs_upgrade: false,
            version: "32.0.1.2".to_owned(),
            trusted_hosts: Vec::new(),
            mails: Vec::new(),
        }
    }

    pub(crate) fn user(&self, id: &str) -> Option<&Account> {
        self.users.get(&id.to_lowercase())
    }

    pub(crate) fn user_mut(&mut self, id: &str) -> Option<&mut Account> {
        self.users.get_mut(&id.to_lowercase())
    }

    pub(crate) fn is_admin(&self, id: &str) -> bool {
        self.user(id).is_some_and(|user| user.groups.contains(ADMINS))
    }

    /// Who stands behind what was shown; a wrong one is counted.
    pub(crate) fn caller(&mut self, shown: &Shown, address: &str, now: Timestamp) -> Caller {
        if *shown == Shown::Nothing {
            return Caller::Nobody;
        }
        if self.guard.is_locked(address, now) {
            return Caller::Locked;
        }
        let known = match shown {
            Shown::Nothing => None,
            Shown::Basic(name, secret) => self.by_password(name, secret),
            Shown::Bearer(token) => self.by_app_password(token),
        };
        if let Some(user) = known.filter(|user| user.enabled) {
            return Caller::Known(user.id.clone());
        }
        self.guard.bad_login(address, now);
        Caller::Wrong
    }

    fn by_password(&self, name: &str, secret: &str) -> Option<&Account> {
        let user = self.user(name)?;
        let by_app = self.app_passwords.get(secret).is_some_and(|of| *of == user.id.to_lowercase());
        (user.password == secret || by_app).then_some(user)
    }

    fn by_app_password(&self, token: &str) -> Option<&Account> {
        self.user(self.app_passwords.get(token)?)
    }

    /// `/status.php`, and `occ status`.
    pub(crate) fn status(&self) -> Value {
        let string =
            self.version.rsplit_once('.').map_or(self.version.as_str(), |(short, _)| short);
        json!({
            "installed": true,
            "maintenance": self.maintenance,
            "needsDbUpgrade": self.needs_upgrade,
            "version": self.version,
            "versionstring": string,
            "edition": "",
            "productname": "Nextcloud",
            "extendedSupport": false,
        })
    }

    /// The ids whose id or name holds a text, sorted.
    pub(crate) fn search(&self, text: &str) -> Vec<&Account> {
        let text = text.to_lowercase();
        let holds = |user: &&Account| {
            user.id.to_lowercase().contains(&text)
                || user.display_name().to_lowercase().contains(&text)
        };
        self.users.values().filter(holds).collect()
    }

    /// Deletes an account with its folder; whether there was one.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        self.app_passwords.retain(|_, user| *user != id.to_lowercase());
        self.users.remove(&id.to_lowercase()).is_some()
    }

    /// Deletes an account and leaves its data folder behind.
    pub(crate) fn lose(&mut self, id: &str) {
        self.delete(id);
        self.folders.insert(id.to_lowercase());
    }
}
