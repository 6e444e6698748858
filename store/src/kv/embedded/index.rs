//! sled: where drained changes live, as far as a drain got; many pairs to a value
//! of sled's (see [`pages`]).
//!
//! sled syncs nothing for good by itself (its `flush` is no fsync) and panics
//! on some damage, so it is never trusted after a power cut and each call is
//! guarded. After an error that it does not recover from, such as a full disk,
//! its handle is thrown away and opened again.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Condvar, Mutex, RwLock};

use super::disk::Disk;
use super::files::{BALLAST, damaged, failed, is_full};
use super::merge;
use super::pages::{self, Bounds, Pairs, Part};
use super::recent::Recent;
use super::tops::Tops;
use crate::kv::engine::{EngineError, Span};

/// Where the last drained group is noted.
const DRAINED: &[u8] = b"drained";
/// How often, and how long apart, sled's own file lock is asked for.
const LOCK_TRIES: u32 = 500;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// What is remembered of what was read lately, beside sled's own cache of pages.
const RECENT_BYTES: usize = 6 * 1024 * 1024;

struct Handles {
    db: sled::Db,
    notes: sled::Tree,
}

/// The sled database of a data directory.
pub(super) struct Index {
    path: PathBuf,
    cache_bytes: u64,
    handles: RwLock<Option<Handles>>,
    /// How often it was opened.
    generation: AtomicU64,
    /// How often pairs moved to another page: who reads down may have passed where
    /// they went before they left where they were.
    moves: AtomicU64,
    recent: Recent,
    tops: Tops,
    closed: AtomicBool,
}

impl Index {
    /// Opens the database in this directory, or makes one.
    pub(super) fn open(path: &Path, cache_bytes: u64) -> Result<Self, EngineError> {
        let handles = RwLock::new(Some(open(path, cache_bytes)?));
        let (generation, moves) = (AtomicU64::new(0), AtomicU64::new(0));
        let (path, closed) = (path.to_path_buf(), AtomicBool::new(false));
        let (recent, tops) = (Recent::new(RECENT_BYTES), Tops::default());
        Ok(Self { path, cache_bytes, handles, generation, moves, recent, tops, closed })
    }

    /// Which opening the database is in; for [`Index::heal`].
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// After a full disk: lets go of the database and opens it again, unless
    /// somebody did so since `seen`. It needs room for that, so the ballast goes.
    pub(super) fn heal(&self, seen: u64) -> Result<(), EngineError> {
        let mut handles = self.handles.write();
        if self.generation() != seen {
            return Ok(());
        }
        if self.closed.load(Ordering::SeqCst) {
            return Err(EngineError::Closed);
        }
        tracing::warn!(path = %self.path.display(), "sled met a full disk and is opened again");
        drop(handles.take());
        if let Some(dir) = self.path.parent() {
            let _ = fs::remove_file(dir.join(BALLAST));
        }
        *handles = Some(open(&self.path, self.cache_bytes)?);
        self.generation.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Lets go of the database for good.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        drop(self.handles.write().take());
    }

    /// The value under a key, as the last drain left it.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Bytes>, EngineError> {
        if let Some(value) = self.recent.get(key) {
            return Ok(Some(value));
        }
        let (seen, moment) = (self.generation(), self.recent.moment());
        let found = match self.look_up(key) {
            Err(EngineError::Full) => {
                self.heal(seen)?;
                self.look_up(key)
            }
            other => other,
        };
        let value = found?.map(|part| Bytes::copy_from_slice(&part));
        if let Some(value) = &value {
            self.recent.keep(key, value, moment);
        }
        Ok(value)
    }

    fn look_up(&self, key: &[u8]) -> Result<Option<Part>, EngineError> {
        if self.tops.is_beyond(key, |tag| self.greatest(tag))? {
            return Ok(None);
        }
        self.settled(|| {
            let found = self.with(|handles| pages::get(&handles.db, key))?;
            let sure = found.is_some();
            Ok((found, sure))
        })
    }

    /// The greatest key that begins with a tag.
    fn greatest(&self, tag: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        let Some(bounds) = merge::bounds(&Span::prefix(tag)) else { return Ok(None) };
        self.range(&bounds, true, |pairs| {
            Ok(pairs.next().transpose()?.map(|(key, _)| key.to_vec()))
        })
    }

    /// What `read` finds, once it is sure of it or no pair moved meanwhile.
    fn settled<R>(
        &self,
        mut read: impl FnMut() -> Result<(R, bool), EngineError>,
    ) -> Result<R, EngineError> {
        loop {
            let moves = self.moves.load(Ordering::SeqCst);
            let (found, sure) = read()?;
            if sure || self.moves.load(Ordering::SeqCst) == moves {
                return Ok(found);
            }
        }
    }

    /// What `read` makes of an iterator over the pairs of a range. Going down it is
    /// called again if pairs moved while it read.
    pub(super) fn range<R>(
        &self,
        bounds: &Bounds,
        reverse: bool,
        mut read: impl FnMut(
            &mut dyn Iterator<Item = Result<(Part, Part), EngineError>>,
        ) -> Result<R, EngineError>,
    ) -> Result<R, EngineError> {
        let handles = self.handles.read();
        let handles = handles.as_ref().ok_or_else(|| self.absent())?;
        let told = |error: sled::Error| self.explain(&error);
        let mut work = || {
            let pairs = Pairs::new(&handles.db, bounds.clone(), reverse).map_err(told)?;
            read(&mut pairs.map(|pair| pair.map_err(told)))
        };
        self.settled(|| {
            let done = catch_unwind(AssertUnwindSafe(&mut work));
            let done = done.unwrap_or_else(|_| Err(self.panicked()))?;
            // Pairs move up, where who reads up still comes by.
            Ok((done, !reverse))
        })
    }

    /// Hands every pair to `each`, in key order, until it answers `false`; whether it
    /// never did.
    pub(super) fn walk(
        &self,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<bool, EngineError>,
    ) -> Result<bool, EngineError> {
        let handles = self.handles.read();
        let handles = handles.as_ref().ok_or_else(|| self.absent())?;
        let told = |error: sled::Error| self.explain(&error);
        let work = || {
            for pair in Pairs::passing(&handles.db).map_err(told)? {
                let (key, value) = pair.map_err(told)?;
                if !each(&key, &value)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(self.panicked()))
    }

    /// Applies changes, in ascending order. Not atomic: the caller applies them again
    /// after a failure.
    pub(super) fn apply<'a>(
        &self,
        changes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> + Clone,
    ) -> Result<(), EngineError> {
        self.tops.raise(changes.clone().map(|(key, _)| key), |tag| self.greatest(tag))?;
        self.with(|handles| pages::apply(&handles.db, changes, &self.moves))
    }

    /// To be said when a drain has made these changes, before it ends.
    pub(super) fn changed<'a>(&self, changes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>) {
        self.recent.follow(changes);
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
        let handles = handles.as_ref().ok_or_else(|| self.absent())?;
        match catch_unwind(AssertUnwindSafe(|| work(handles))) {
            Ok(outcome) => outcome.map_err(|error| self.explain(&error)),
            Err(_) => Err(self.panicked()),
        }
    }

    /// Only a full disk keeps it from being opened again.
    fn absent(&self) -> EngineError {
        if self.closed.load(Ordering::SeqCst) { EngineError::Closed } else { EngineError::Full }
    }

    fn explain(&self, error: &sled::Error) -> EngineError {
        explain(&self.path, error)
    }

    fn panicked(&self) -> EngineError {
        damaged(&self.path.join("db"), "sled stopped with a panic")
    }
}

/// Opens sled. The threads of an earlier handle may hold its file a moment
/// longer than the handle lived; nobody else can, for the directory is ours.
fn open(path: &Path, cache_bytes: u64) -> Result<Handles, EngineError> {
    let (never, mut tries) = (Condvar::new(), 0);
    loop {
        match open_once(path, cache_bytes) {
            Err(EngineError::Io { source, .. })
                if tries < LOCK_TRIES && source.to_string().contains("could not acquire lock") =>
            {
                tries += 1;
                never.wait_for(&mut Mutex::new(()).lock(), LOCK_PAUSE);
            }
            other => return other,
        }
    }
}

fn open_once(path: &Path, cache_bytes: u64) -> Result<Handles, EngineError> {
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

#[cfg(test)]
mod tests;
