//! All there is: people, drives, files; and what every change leaves behind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use zelador_store::Timestamp;

use super::changes::Entry;
use super::channels::{Channel, Notice};
use super::file::{FOLDER, File};
use super::permissions::Role;

/// What a shared drive forbids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Restrictions {
    /// Its organisation's domain.
    pub(crate) domain: String,
    /// Nobody outside of the domain.
    pub(crate) domain_users_only: bool,
    /// Nobody but its members.
    pub(crate) members_only: bool,
    /// Folders are shared by organizers alone.
    pub(crate) folders_need_organizer: bool,
}

/// A shared drive.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) members: BTreeMap<String, Role>,
    pub(crate) restrictions: Restrictions,
}

/// One Google Drive, with everybody in it.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// Addresses with a Google account, in small letters.
    pub(crate) accounts: BTreeSet<String>,
    pub(crate) drives: BTreeMap<String, Shared>,
    pub(crate) files: HashMap<String, File>,
    pub(super) children: HashMap<String, BTreeSet<String>>,
    /// Ids that were handed out and not used yet.
    pub(crate) issued: BTreeSet<String>,
    pub(super) log: Vec<Entry>,
    pub(super) channels: BTreeMap<String, Channel>,
    /// Ids of channels that were ever used.
    pub(super) used_channels: BTreeSet<String>,
    /// Notifications that are to be posted.
    pub(super) outbox: Vec<Notice>,
    serial: u64,
}

impl World {
    /// The id of somebody's My Drive.
    pub(super) fn root_of(email: &str) -> String {
        format!("root-{}", email.to_lowercase())
    }

    /// Somebody gets a Google account, and with it a My Drive.
    pub(crate) fn add_account(&mut self, email: &str, now: Timestamp) {
        self.accounts.insert(email.to_lowercase());
        self.add_root(Self::root_of(email), "My Drive", None, Some(email), now);
    }

    /// A shared drive without members.
    pub(crate) fn add_drive(
        &mut self,
        id: &str,
        name: &str,
        restrictions: Restrictions,
        now: Timestamp,
    ) {
        let shared = Shared { name: name.to_owned(), members: BTreeMap::new(), restrictions };
        self.drives.insert(id.to_owned(), shared);
        self.add_root(id.to_owned(), name, Some(id), None, now);
    }

    /// Somebody becomes a member of a shared drive, with a role by its word.
    pub(crate) fn admit(&mut self, drive: &str, email: &str, role: &str) {
        if let (Some(drive), Some(role)) = (self.drives.get_mut(drive), Role::parse(role)) {
            drive.members.insert(email.to_owned(), role);
        }
    }

    fn add_root(
        &mut self,
        id: String,
        name: &str,
        drive: Option<&str>,
        owner: Option<&str>,
        now: Timestamp,
    ) {
        let file = File {
            id: id.clone(),
            name: name.to_owned(),
            mime: FOLDER.to_owned(),
            parent: None,
            drive: drive.map(str::to_owned),
            owner: owner.map(str::to_owned),
            trashed: false,
            content: None,
            version: 1,
            created: now,
            modified: now,
            modified_by: owner.unwrap_or_default().to_owned(),
            app_properties: BTreeMap::new(),
            properties: BTreeMap::new(),
            permissions: Vec::new(),
            project: None,
            serial: 0,
        };
        self.files.entry(id).or_insert(file);
    }

    pub(super) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Puts a file in its place.
    pub(super) fn place(&mut self, file: File) {
        if let Some(parent) = &file.parent {
            self.children.entry(parent.clone()).or_default().insert(file.id.clone());
        }
        self.files.insert(file.id.clone(), file);
    }

    /// A file was changed by somebody: its version grows, the change is in the log,
    /// and who watches is told. `content`: when it was modified changes, too.
    pub(super) fn touched(&mut self, id: &str, by: &str, now: Timestamp, content: bool) {
        let Some(file) = self.files.get_mut(id) else { return };
        file.version += 1;
        if content {
            file.modified = now;
            by.clone_into(&mut file.modified_by);
        }
        let drive = file.drive.clone();
        self.note(id, drive, false, now);
    }
}
