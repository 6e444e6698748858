//! Which names and contents a disk has promised to keep.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A change of names that no sync of its directory has made durable yet. Each
/// survives whole or not at all.
#[derive(Debug, Clone)]
pub(super) enum Pending {
    Name(PathBuf, u64),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl Pending {
    fn touches(&self, dir: &Path) -> bool {
        let within = |path: &Path| path.parent() == Some(dir);
        match self {
            Self::Name(path, _) | Self::Remove(path) => within(path),
            Self::Rename(from, to) => within(from) || within(to),
        }
    }
}

/// Every file there is or was, by a number that renaming does not change.
#[derive(Debug, Default)]
pub(super) struct Names {
    next: u64,
    /// Files as they are called now.
    pub(super) live: BTreeMap<PathBuf, u64>,
    /// Files as they are called after a power cut, if nothing pending survives.
    pub(super) durable: BTreeMap<PathBuf, u64>,
    pub(super) pending: Vec<Pending>,
    /// What each file held when it was last synced.
    pub(super) synced: HashMap<u64, Vec<u8>>,
}

/// Applies a change of names.
pub(super) fn apply(change: &Pending, names: &mut BTreeMap<PathBuf, u64>) {
    match change {
        Pending::Name(path, id) => {
            names.insert(path.clone(), *id);
        }
        Pending::Remove(path) => {
            names.remove(path);
        }
        Pending::Rename(from, to) => {
            // A directory takes what is in it along.
            let inside: Vec<_> =
                names.keys().filter(|path| path.starts_with(from)).cloned().collect();
            for path in inside {
                if let (Some(id), Ok(rest)) = (names.remove(&path), path.strip_prefix(from)) {
                    let target =
                        if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) };
                    names.insert(target, id);
                }
            }
        }
    }
}

impl Names {
    /// All files below a directory, durable as they are.
    pub(super) fn of(root: &Path) -> io::Result<Self> {
        let mut names = Self::default();
        for path in files_below(root)? {
            let id = names.id(&path);
            names.sync_content(id, &path)?;
        }
        names.durable = names.live.clone();
        names.pending.clear();
        Ok(names)
    }

    /// The number of a file, which may be one that somebody else made.
    pub(super) fn id(&mut self, path: &Path) -> u64 {
        match self.live.get(path) {
            Some(id) => *id,
            None => self.create(path),
        }
    }

    pub(super) fn create(&mut self, path: &Path) -> u64 {
        self.next += 1;
        self.change(Pending::Name(path.to_path_buf(), self.next));
        self.next
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) {
        self.change(Pending::Rename(from.to_path_buf(), to.to_path_buf()));
    }

    pub(super) fn remove(&mut self, path: &Path) {
        self.change(Pending::Remove(path.to_path_buf()));
    }

    pub(super) fn sync_content(&mut self, id: u64, path: &Path) -> io::Result<()> {
        // A file that was removed under its writer keeps no content.
        let content = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        self.synced.insert(id, content);
        Ok(())
    }

    /// Makes the names in a directory durable, those of others' files too.
    pub(super) fn sync_dir(&mut self, dir: &Path) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                self.id(&entry.path());
            }
        }
        let gone: Vec<_> = self.live.keys().filter(|path| !path.exists()).cloned().collect();
        for path in gone {
            self.remove(&path);
        }
        for change in std::mem::take(&mut self.pending) {
            if change.touches(dir) {
                apply(&change, &mut self.durable);
            } else {
                self.pending.push(change);
            }
        }
        Ok(())
    }

    fn change(&mut self, change: Pending) {
        apply(&change, &mut self.live);
        self.pending.push(change);
    }
}

/// Every file below a directory.
pub(super) fn files_below(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !root.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        // Files come and go while others write.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files_below(&entry.path())?),
            Ok(_) => found.push(entry.path()),
            Err(_) => {}
        }
    }
    Ok(found)
}
