//! A server made up in memory, that does what it is told.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use zelador_store::id::InstanceId;
use zelador_store::nextcloud::Instance;

use crate::nextcloud::lines::{Line, Lines};
use crate::nextcloud::port::Port;
use crate::nextcloud::rules::quota::Quota;
use crate::nextcloud::rules::repair::after;
use crate::nextcloud::rules::{
    AccountId, Class, Edit, Seen, SeenQuota, ServerStatus, Trouble, Wanted,
};

/// The server.
#[derive(Default)]
pub(super) struct Made {
    pub(super) accounts: Mutex<BTreeMap<String, Seen>>,
    pub(super) passwords: Mutex<BTreeMap<String, String>>,
    /// What every call meets.
    pub(super) trouble: Mutex<Option<Trouble>>,
    /// The next creation is done, and answered with doubt.
    pub(super) loses_answers: Mutex<u32>,
    /// The next creation breaks off, and is done when it [lands](Made::lands).
    pub(super) breaks_off: Mutex<bool>,
    under_way: Mutex<Option<(String, Seen)>>,
    pub(super) scarce: Mutex<bool>,
    pub(super) calls: Mutex<Vec<String>>,
}

impl Made {
    fn met(&self, call: &str) -> Result<(), Trouble> {
        self.calls.lock().push(call.to_owned());
        self.trouble.lock().clone().map_or(Ok(()), Err)
    }

    pub(super) fn fails(&self, trouble: Option<Trouble>) {
        *self.trouble.lock() = trouble;
    }

    /// What was under way when a creation broke off is done now.
    pub(super) fn lands(&self) {
        self.accounts.lock().extend(self.under_way.lock().take());
    }

    pub(super) fn account(&self, id: &str) -> Option<Seen> {
        self.accounts.lock().get(id).cloned()
    }

    pub(super) fn count(&self, call: &str) -> usize {
        self.calls.lock().iter().filter(|known| known.starts_with(call)).count()
    }
}

fn shown(wanted: &Wanted) -> Seen {
    Seen {
        id: wanted.id.text().to_owned(),
        display_name: wanted.display_name.clone().unwrap_or_default(),
        email: wanted.email.clone(),
        quota: match wanted.quota {
            Quota::Unlimited => SeenQuota::Unlimited,
            Quota::Limit(bytes) => SeenQuota::Bytes(bytes),
        },
        groups: wanted.groups.clone(),
        language: wanted.language.clone(),
        enabled: true,
    }
}

#[async_trait]
impl Port for Made {
    async fn status(&self) -> Result<ServerStatus, Trouble> {
        self.met("status")?;
        let version = "32.0.1".to_owned();
        Ok(ServerStatus { version, maintenance: false, needs_upgrade: false })
    }

    async fn find(&self, id: &AccountId) -> Result<Option<Seen>, Trouble> {
        self.met("find")?;
        Ok(self.account(&id.folded()))
    }

    async fn create(&self, wanted: &Wanted, password: &SecretString) -> Result<(), Trouble> {
        self.met("create")?;
        let id = wanted.id.folded();
        if self.accounts.lock().contains_key(&id) {
            return Err(Trouble::new(Class::Taken, "exists").in_doubt());
        }
        self.passwords.lock().insert(id.clone(), password.expose_secret().to_owned());
        if std::mem::take(&mut *self.breaks_off.lock()) {
            *self.under_way.lock() = Some((id, shown(wanted)));
            return Err(Trouble::new(Class::Unreachable, "the connection broke off").in_doubt());
        }
        self.accounts.lock().insert(id, shown(wanted));
        let mut lost = self.loses_answers.lock();
        if *lost == 0 {
            return Ok(());
        }
        *lost -= 1;
        self.fails(Some(Trouble::new(Class::Unreachable, "gone")));
        Err(Trouble::new(Class::Unreachable, "the connection broke off").in_doubt())
    }

    async fn edit(&self, id: &AccountId, edit: &Edit) -> Result<(), Trouble> {
        self.met(&format!("edit {edit:?}"))?;
        let mut accounts = self.accounts.lock();
        let Some(seen) = accounts.get_mut(&id.folded()) else {
            return Err(Trouble::new(Class::UnknownUser, "nobody"));
        };
        *seen = after(seen, edit);
        Ok(())
    }

    async fn delete(&self, id: &AccountId) -> Result<(), Trouble> {
        self.met("delete")?;
        self.accounts.lock().remove(&id.folded());
        Ok(())
    }

    async fn count(&self) -> Result<u64, Trouble> {
        self.met("count")?;
        Ok(self.accounts.lock().len() as u64)
    }

    async fn list(&self, offset: u64, limit: u32) -> Result<Vec<String>, Trouble> {
        self.met("list")?;
        let all: Vec<_> = self.accounts.lock().keys().cloned().collect();
        let from = usize::try_from(offset).unwrap().min(all.len());
        Ok(all.into_iter().skip(from).take(limit as usize).collect())
    }

    fn has_scarce_edits(&self) -> bool {
        *self.scarce.lock()
    }
}

/// A line to each server.
#[derive(Default)]
pub(super) struct Table(Mutex<HashMap<InstanceId, Line>>);

impl Table {
    pub(super) fn add(&self, id: InstanceId) -> Arc<Made> {
        let made = Arc::new(Made::default());
        self.0.lock().insert(id, Line::new(made.clone(), 4));
        made
    }

    pub(super) fn line_of(&self, id: InstanceId) -> Line {
        self.0.lock()[&id].clone()
    }
}

impl Lines for Table {
    fn line(&self, id: InstanceId, _: &Instance) -> Result<Line, Trouble> {
        Ok(self.line_of(id))
    }
}
