//! What is known of every `novos` on the VM between two looks: whose it is, which files
//! are waited for, which are on their way.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use zelador_store::Timestamp;
use zelador_store::id::UserId;

use super::eyes::Eyes;
use crate::drive::rules::settle::{Look, Settled, settled};
use crate::drive::vm::{Entry, Print, Scanned};

/// A file that was seen.
#[derive(Debug, Clone)]
enum Known {
    /// It is waited for until it stands still.
    Waits { first: Look, due: Timestamp },
    /// Its journey has begun.
    Begun(Print),
}

/// A `novos`.
#[derive(Debug)]
struct Room {
    user: UserId,
    files: HashMap<String, Known>,
    /// All that is known is to be looked up again.
    afresh: bool,
    /// It was said what stands in the way.
    said: bool,
}

/// What a look leads to.
#[derive(Debug)]
pub(super) enum Step {
    /// These stand still.
    Files(Vec<Entry>),
    /// The folder is watched only now: it is to be looked into once more.
    Again,
}

/// All of them.
pub(super) struct Hall {
    eyes: Eyes,
    rooms: BTreeMap<PathBuf, Room>,
}

impl Hall {
    pub(super) fn new(eyes: Eyes) -> Self {
        Self { eyes, rooms: BTreeMap::new() }
    }

    /// The same without a folder.
    pub(super) fn emptied(mut self) -> Self {
        self.eyes.keep(|_| false);
        Self { rooms: BTreeMap::new(), ..self }
    }

    pub(super) fn len(&self) -> usize {
        self.rooms.len()
    }

    pub(super) fn dirs(&self) -> Vec<PathBuf> {
        self.rooms.keys().cloned().collect()
    }

    pub(super) fn user(&self, dir: &Path) -> Option<UserId> {
        self.rooms.get(dir).map(|room| room.user)
    }

    /// Takes in which folders there are. All of them are to be looked into then.
    pub(super) fn know(&mut self, known: Vec<(PathBuf, UserId)>) {
        let mut old = std::mem::take(&mut self.rooms);
        for (dir, user) in known {
            let room = old.remove(&dir).filter(|room| room.user == user);
            let room = Room { afresh: true, ..room.unwrap_or(Room::new(user)) };
            self.rooms.entry(dir).or_insert(room);
        }
        self.eyes.keep(|dir| self.rooms.contains_key(dir));
    }

    /// Takes in one more.
    pub(super) fn learn(&mut self, dir: &Path, user: UserId) {
        self.rooms.entry(dir.to_owned()).or_insert_with(|| Room::new(user));
    }

    /// Whose folders are not watched.
    pub(super) fn unwatched(&self) -> BTreeSet<UserId> {
        let blind = self.rooms.iter().filter(|(dir, _)| !self.eyes.see(dir));
        blind.map(|(_, room)| room.user).collect()
    }

    /// The folders that hints, or files that are due, lead to.
    pub(super) fn hinted(&self, paths: &BTreeSet<PathBuf>, now: Timestamp) -> Vec<PathBuf> {
        let own = |path: &PathBuf| {
            path.ancestors().find(|dir| self.rooms.contains_key(*dir)).map(Path::to_owned)
        };
        let mut dirs: BTreeSet<PathBuf> = paths.iter().filter_map(own).collect();
        let due = self.rooms.iter().filter(|(_, room)| room.next().is_some_and(|due| due <= now));
        dirs.extend(due.map(|(dir, _)| dir.clone()));
        dirs.into_iter().collect()
    }

    /// When the next file is to be looked at.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.rooms.values().filter_map(Room::next).min()
    }

    /// A folder cannot be looked into.
    pub(super) fn lost(&mut self, dir: &Path, error: &io::Error) {
        self.eyes.end(dir);
        if let Some(room) = self.rooms.get_mut(dir) {
            room.files.clear();
            if !std::mem::replace(&mut room.said, true) {
                tracing::warn!(user = %room.user, dir = %dir.display(), %error,
                    "a folder on the VM cannot be looked into");
            }
        }
    }

    /// Takes in what lies in a folder.
    pub(super) fn step(&mut self, dir: &Path, scanned: Scanned, now: Timestamp) -> Step {
        if self.eyes.begin(dir, scanned.inode) {
            return Step::Again;
        }
        let Some(room) = self.rooms.get_mut(dir) else { return Step::Files(Vec::new()) };
        if scanned.nameless > 0 && !std::mem::replace(&mut room.said, true) {
            tracing::warn!(dir = %dir.display(), files = scanned.nameless, "names that are no text are left alone");
        }
        Step::Files(room.take_in(scanned.files, now))
    }

    /// The journeys of these files have begun.
    pub(super) fn begun(&mut self, dir: &Path, files: &[Entry]) {
        let Some(room) = self.rooms.get_mut(dir) else { return };
        for entry in files {
            room.files.insert(entry.name.clone(), Known::Begun(entry.print));
        }
    }
}

impl Room {
    fn new(user: UserId) -> Self {
        Self { user, files: HashMap::new(), afresh: true, said: false }
    }

    fn next(&self) -> Option<Timestamp> {
        let due = |known: &Known| match known {
            Known::Waits { due, .. } => Some(*due),
            Known::Begun(_) => None,
        };
        self.files.values().filter_map(due).min()
    }

    /// Answers what stands still, and remembers the rest.
    fn take_in(&mut self, files: Vec<Entry>, now: Timestamp) -> Vec<Entry> {
        let (mut old, afresh) = (std::mem::take(&mut self.files), self.afresh);
        self.afresh = false;
        let mut ready = Vec::new();
        for entry in files {
            let look = Look {
                at: now,
                size: entry.print.size,
                modified: Timestamp::from_millis(entry.print.modified),
                inode: entry.print.inode,
            };
            let known = old.remove(&entry.name);
            let first = match known {
                // What was left behind is begun again; what is under way is not.
                Some(Known::Begun(print)) if print == entry.print => {
                    self.files.insert(entry.name.clone(), Known::Begun(print));
                    if afresh {
                        ready.push(entry);
                    }
                    continue;
                }
                Some(Known::Waits { first, .. }) => first,
                Some(Known::Begun(_)) | None => look,
            };
            let (first, due) = match settled(&first, &look) {
                Settled::Yes => {
                    // Until its journey has begun it is looked at again.
                    self.files.insert(
                        entry.name.clone(),
                        Known::Waits { first, due: now + super::TOGETHER * 20 },
                    );
                    ready.push(entry);
                    continue;
                }
                Settled::NotBefore(due) => (first, due),
                Settled::Changed(due) => (look, due),
            };
            self.files.insert(entry.name, Known::Waits { first, due });
        }
        ready
    }
}
