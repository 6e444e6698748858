//! The log of changes, and its pages. A token is a place in the log; it never
//! expires.

use std::collections::HashMap;

use serde_json::{Value, json};
use zelador_store::Timestamp;

use super::super::json::put;
use super::access::Caller;
use super::refusal::Refused;
use super::world::World;

/// One change.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    file: String,
    drive: Option<String>,
    removed: bool,
    at: Timestamp,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChangesAsk {
    pub(crate) token: String,
    /// The log of a shared drive.
    pub(crate) drive: Option<String>,
    /// `includeItemsFromAllDrives`.
    pub(crate) include_all: bool,
    pub(crate) include_removed: bool,
    pub(crate) page_size: usize,
}

impl World {
    /// Notes a change and tells who watches.
    pub(super) fn note(&mut self, id: &str, drive: Option<String>, removed: bool, now: Timestamp) {
        self.notify(id, drive.as_deref(), removed, now);
        self.log.push(Entry { file: id.to_owned(), drive, removed, at: now });
    }

    /// When each file changed last.
    pub(crate) fn last_changes(&self) -> HashMap<String, Timestamp> {
        self.log.iter().map(|entry| (entry.file.clone(), entry.at)).collect()
    }

    /// Where the log ends now.
    pub(crate) fn start_token(
        &self,
        caller: &Caller,
        drive: Option<&str>,
    ) -> Result<String, Refused> {
        if let Some(drive) = drive {
            self.drive_seen(caller, drive)?;
        }
        Ok((self.log.len() + 1).to_string())
    }

    /// The place that a token names.
    pub(super) fn place_of(&self, token: &str) -> Result<usize, Refused> {
        let place = token.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
        place
            .filter(|place| *place <= self.log.len())
            .ok_or_else(|| Refused::invalid("pageToken", "Invalid Value"))
    }

    /// A page of changes.
    pub(crate) fn changes(&self, caller: &Caller, ask: &ChangesAsk) -> Result<Value, Refused> {
        let from = self.place_of(&ask.token)?;
        if let Some(drive) = &ask.drive {
            self.drive_seen(caller, drive)?;
        }
        let mut found = Vec::new();
        let mut at = from;
        for entry in self.log.iter().skip(from) {
            if found.len() == ask.page_size {
                break;
            }
            at += 1;
            let of = match (&ask.drive, &entry.drive) {
                (Some(drive), of) => of.as_ref() == Some(drive),
                (None, Some(_)) => ask.include_all,
                (None, None) => true,
            };
            if of {
                found.extend(self.change(caller, entry, ask.include_removed));
            }
        }
        let mut page = json!({ "kind": "drive#changeList", "changes": found });
        if at < self.log.len() {
            put(&mut page, "nextPageToken", (at + 1).to_string());
        } else {
            put(&mut page, "newStartPageToken", (at + 1).to_string());
        }
        Ok(page)
    }

    fn change(&self, caller: &Caller, entry: &Entry, include_removed: bool) -> Option<Value> {
        let file = self.files.get(&entry.file).filter(|_| !entry.removed);
        let file = file.filter(|file| self.standing(caller, file).is_some());
        if file.is_none() && !include_removed {
            return None;
        }
        let mut change = json!({
            "kind": "drive#change", "changeType": "file", "type": "file",
            "time": entry.at.to_string(), "removed": file.is_none(), "fileId": entry.file,
        });
        if let Some(file) = file {
            put(&mut change, "file", self.shown(caller, file));
        }
        Some(change)
    }
}
