//! sled: where drained changes live, as far as a drain got.
//!
//! sled syncs nothing for good by itself (its `flush` is no fsync) and panics
//! on some damage, so it is never trusted after a power cut and each call is
//! guarded. After an error that it does not recover from, such as a full disk,
//! its handle is thrown away and opened again.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use parking_lot::RwLock;

use super::disk::Disk;
use super::files::{damaged, failed, is_full};
use crate::kv::engine::EngineError;

/// Where the last drained group is noted.
const DRAINED: &[u8] = b"drained";

struct Handles {
    db: sled::Db,
    notes: sled::Tree,
}

/// The sled database of a data directory.
pub(super) struct Index {
    path: PathBuf,
    cache_bytes: u64,
    handles: RwLock<Option<Handles>>,
}

impl Index {
    /// Opens the database in this directory, or makes one.
    pub(super) fn open(path: &Path, cache_bytes: u64) -> Result<Self, EngineError> {
        let handles = open(path, cache_bytes)?;
        let handles = RwLock::new(Some(handles));
        Ok(Self { path: path.to_path_buf(), cache_bytes, handles })
    }

    /// Lets go of the database and opens it again.
    pub(super) fn reopen(&self) -> Result<(), EngineError> {
        let mut handles = self.handles.write();
        drop(handles.take());
        *handles = Some(open(&self.path, self.cache_bytes)?);
        Ok(())
    }

    /// Lets go of the database for good.
    pub(super) fn close(&self) {
        drop(self.handles.write().take());
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<Option<sled::IVec>, EngineError> {
        self.with(|handles| handles.db.get(key))
    }

    /// What `read` makes of an iterator over the pairs of a range.
    pub(super) fn range<R>(
        &self,
        bounds: (std::ops::Bound<Vec<u8>>, std::ops::Bound<Vec<u8>>),
        reverse: bool,
        read: impl FnOnce(
            &mut dyn Iterator<Item = Result<(sled::IVec, sled::IVec), EngineError>>,
        ) -> Result<R, EngineError>,
    ) -> Result<R, EngineError> {
        let handles = self.handles.read();
        let handles = handles.as_ref().ok_or(EngineError::Closed)?;
        let work = || {
            let range = handles.db.range::<Vec<u8>, _>(bounds);
            let told = |pair: sled::Result<_>| pair.map_err(|error| self.explain(&error));
            if reverse { read(&mut range.rev().map(told)) } else { read(&mut range.map(told)) }
        };
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(self.panicked()))
    }

    /// Applies changes, in order. Not atomic: the caller applies them again
    /// after a failure.
    pub(super) fn apply<'a>(
        &self,
        changes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    ) -> Result<(), EngineError> {
        self.with(|handles| {
            for (key, value) in changes {
                match value {
                    Some(value) => handles.db.insert(key, value)?,
                    None => handles.db.remove(key)?,
                };
            }
            Ok(())
        })
    }

    /// Notes that everything up to a group is in here, and hands all of it to
    /// the system.
    pub(super) fn finish(&self, group: u64) -> Result<(), EngineError> {
        self.with(|handles| {
            handles.notes.insert(DRAINED, &group.to_le_bytes())?;
            handles.db.flush().map(drop)
        })
    }

    /// The last group that was noted as drained.
    pub(super) fn drained(&self) -> Result<u64, EngineError> {
        let note = self.with(|handles| handles.notes.get(DRAINED))?;
        let bytes = note.and_then(|note| note.as_ref().try_into().ok());
        Ok(bytes.map_or(0, u64::from_le_bytes))
    }

    /// Makes the files durable; for when nothing changes them any more.
    pub(super) fn sync(&self, disk: &dyn Disk) -> Result<(), EngineError> {
        sync_tree(&self.path, disk).map_err(failed("syncing", &self.path))
    }

    fn with<R>(&self, work: impl FnOnce(&Handles) -> sled::Result<R>) -> Result<R, EngineError> {
        let handles = self.handles.read();
        let handles = handles.as_ref().ok_or(EngineError::Closed)?;
        match catch_unwind(AssertUnwindSafe(|| work(handles))) {
            Ok(outcome) => outcome.map_err(|error| self.explain(&error)),
            Err(_) => Err(self.panicked()),
        }
    }

    fn explain(&self, error: &sled::Error) -> EngineError {
        explain(&self.path, error)
    }

    fn panicked(&self) -> EngineError {
        damaged(&self.path.join("db"), "sled stopped with a panic")
    }
}

fn open(path: &Path, cache_bytes: u64) -> Result<Handles, EngineError> {
    remove_leftovers(path).map_err(failed("cleaning", path))?;
    let config = sled::Config::new()
        .path(path)
        .mode(sled::Mode::LowSpace)
        .cache_capacity(cache_bytes)
        .flush_every_ms(None);
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let db = config.open()?;
        let notes = db.open_tree("notes")?;
        Ok(Handles { db, notes })
    }));
    match opened {
        Ok(handles) => handles.map_err(|error| explain(path, &error)),
        Err(_) => Err(damaged(&path.join("db"), "sled stopped with a panic while opening it")),
    }
}

/// sled writes `snap.X.generating` before it renames it to `snap.X`, and trips
/// over one that a kill left behind.
fn remove_leftovers(path: &Path) -> std::io::Result<()> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn explain(path: &Path, error: &sled::Error) -> EngineError {
    match error {
        sled::Error::Io(source) if is_full(source) => EngineError::Full,
        sled::Error::Io(source) => EngineError::Io {
            doing: "using sled in",
            path: path.to_path_buf(),
            source: std::io::Error::new(source.kind(), source.to_string()),
        },
        sled::Error::Corruption { .. } => damaged(&path.join("db"), "a checksum of sled's fails"),
        other => damaged(&path.join("db"), other),
    }
}

/// Syncs every file below a directory, and the directories.
fn sync_tree(path: &Path, disk: &dyn Disk) -> std::io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path(), disk)?;
        } else {
            disk.sync_file(&entry.path())?;
        }
    }
    disk.sync_dir(path)
}
