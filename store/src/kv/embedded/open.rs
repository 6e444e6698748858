//! Opening a store: whose it is, whether sled can be trusted, and what the
//! journal still holds.
//!
//! ```text
//!  LOCK → CHECKPOINT? ─no─→ new store
//!             │
//!      of this FORMAT? ─no────────→ left by an older release: sled is made anew
//!             │
//!          IN_USE? ─no────────────→ sled was closed cleanly: trusted
//!             ├─ of this boot ────→ killed, but the system kept what sled wrote
//!             └─ of another boot ─→ power cut: sled is made anew
//!             │
//!          replay the journal after the checkpoint → serve
//! ```

use std::fs::{File, TryLockError};

use super::base;
use super::files::{Checkpoint, Files, damaged, failed};
use super::index::Index;
use super::journal::{self, Journal};
use super::layers::Layers;
use super::options::{OpenReport, Options};
use super::rebuild::{self, Replayed, pour_if_full};
use super::record::{FORMAT, StoreId};
use crate::kv::engine::EngineError;

/// What serving begins with.
pub(super) struct Opened {
    pub(super) lock: File,
    pub(super) files: Files,
    pub(super) store: StoreId,
    pub(super) index: Index,
    pub(super) layers: Layers,
    /// sled holds everything up to this group.
    pub(super) drained: u64,
    pub(super) journal: Journal,
    pub(super) report: OpenReport,
}

/// The places of an options' directory.
pub(super) fn files(options: &Options) -> Files {
    Files { dir: options.dir.clone(), disk: options.disk.clone() }
}

/// Takes the lock of a data directory.
pub(super) fn lock(files: &Files) -> Result<File, EngineError> {
    files.disk.make_dir(&files.dir).map_err(failed("making", &files.dir))?;
    let path = files.lock();
    let file = File::options().create(true).append(true).open(&path);
    let file = file.map_err(failed("opening", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(EngineError::Held { path: files.dir.clone() }),
        Err(TryLockError::Error(error)) => Err(failed("locking", &path)(error)),
    }
}

/// Opens a store, or makes one. On a full disk the ballast is given up for it.
pub(super) fn open(options: &Options) -> Result<Opened, EngineError> {
    let files = files(options);
    let lock = lock(&files)?;
    match open_locked(options, &files) {
        Err(EngineError::Full) if files.disk.exists(&files.ballast()) => {
            files.remove(&files.ballast())?;
            open_locked(options, &files)
        }
        other => other,
    }
    .map(|parts| parts.with(lock, files))
}

struct Parts {
    store: StoreId,
    index: Index,
    layers: Layers,
    drained: u64,
    journal: Journal,
    report: OpenReport,
}

impl Parts {
    fn with(self, lock: File, files: Files) -> Opened {
        let Self { store, index, layers, drained, journal, report } = self;
        Opened { lock, files, store, index, layers, drained, journal, report }
    }
}

fn open_locked(options: &Options, files: &Files) -> Result<Parts, EngineError> {
    for dir in [files.journal(), files.base()] {
        files.disk.make_dir(&dir).map_err(failed("making", &dir))?;
    }
    let (checkpoint, created) = match files.read_checkpoint(&options.release)? {
        Some(checkpoint) => (checkpoint, false),
        None => (create(options, files)?, true),
    };
    let store = checkpoint.store_id().ok_or_else(|| damaged(&files.checkpoint(), "no store id"))?;
    // What an older release left in sled is made anew: the rest reads as it did.
    let trusted = checkpoint.format == FORMAT && is_trusted(options, files)?;
    let mut report = OpenReport { created, rebuilt: !trusted && !created, ..OpenReport::default() };
    let (index, layers, drained, replayed) = if report.rebuilt {
        rebuilt(options, files, &store)?
    } else {
        mark(options, files)?;
        replayed(options, files, &store, checkpoint.group)?
    };
    report.replayed_groups = replayed.groups;
    report.cut_bytes = replayed.cut;
    report.last_group = layers.group;
    let journal = Journal::begin(files.clone(), store, replayed.next)?;
    Ok(Parts { store, index, layers, drained, journal, report })
}

/// Whether what sled wrote is all there.
fn is_trusted(options: &Options, files: &Files) -> Result<bool, EngineError> {
    let path = files.in_use();
    if !files.disk.exists(&path) {
        return Ok(true);
    }
    let boot_id = files.disk.read(&path).map_err(failed("reading", &path))?;
    Ok(boot_id == options.boot_id.as_bytes())
}

/// Notes that sled must be made anew.
pub(super) fn distrust(files: &Files) -> Result<(), EngineError> {
    files.write_whole(&files.in_use(), b"to be made anew")
}

/// From now on sled is in use.
fn mark(options: &Options, files: &Files) -> Result<(), EngineError> {
    files.write_whole(&files.in_use(), options.boot_id.as_bytes())
}

fn replayed(
    options: &Options,
    files: &Files,
    store: &StoreId,
    from: u64,
) -> Result<(Index, Layers, u64, Replayed), EngineError> {
    let index = Index::open(&files.index(), options.cache_bytes)?;
    if index.drained()? < from {
        let detail = format!("sled does not hold everything up to group {from}");
        return Err(damaged(&files.index().join("db"), detail));
    }
    let mut layers = Layers { group: from, ..Layers::default() };
    let replayed = rebuild::tail(files, store, from, &mut |group| {
        layers.group = group.number;
        // Nothing is fresh here: a drain that was cut short may have put any of
        // these keys into sled.
        for change in group.changes {
            layers.apply(change.key.into(), change.value.map(Into::into), false);
        }
        // A start does not wait for drains: what was in memory fits again.
        pour_if_full(&mut layers, &index, 2 * options.hard_bytes)
    })?;
    Ok((index, layers, from, replayed))
}

fn rebuilt(
    options: &Options,
    files: &Files,
    store: &StoreId,
) -> Result<(Index, Layers, u64, Replayed), EngineError> {
    tracing::warn!(
        dir = %files.dir.display(),
        "sled was not closed before the machine stopped, or is of an older release: \
         making it anew from base and journal"
    );
    let last = rebuild::tail(files, store, newest_base(files)?, &mut |_| Ok(()))?;
    let made = rebuild::rebuild(files, options, store)?;
    files.write_checkpoint(&Checkpoint::new(store, made.last_group, &options.release))?;
    mark(options, files)?;
    let layers = Layers { group: made.last_group, ..Layers::default() };
    let replayed = Replayed { groups: made.replayed, next: made.last_group + 1, cut: last.cut };
    Ok((made.index, layers, made.last_group, replayed))
}

fn newest_base(files: &Files) -> Result<u64, EngineError> {
    Ok(base::bases(files)?.pop().map_or(0, |(_, group)| group))
}

/// Makes a store where there is none; `CHECKPOINT`, its birth certificate, comes
/// last.
fn create(options: &Options, files: &Files) -> Result<Checkpoint, EngineError> {
    if !base::bases(files)?.is_empty() || has_groups(files)? {
        return Err(damaged(&files.checkpoint(), "it is missing"));
    }
    for segment in journal::segments(files, &files.journal())? {
        files.remove(&segment.path)?;
    }
    // Anything here was begun by a start that did not get to its CHECKPOINT.
    let index = files.index();
    if files.disk.exists(&index) {
        std::fs::remove_dir_all(&index).map_err(failed("removing", &index))?;
    }
    let checkpoint = Checkpoint::new(&new_store_id(options), 0, &options.release);
    for dir in [files.dir.as_path(), files.dir.parent().unwrap_or(&files.dir)] {
        files.disk.sync_dir(dir).map_err(failed("syncing", dir))?;
    }
    files.write_checkpoint(&checkpoint)?;
    Ok(checkpoint)
}

/// Whether a journal without a `CHECKPOINT` holds anything.
fn has_groups(files: &Files) -> Result<bool, EngineError> {
    let segments = journal::segments(files, &files.journal())?;
    for segment in &segments {
        if segment.first > 1 || journal::read(files, segment)?.len() > super::record::HEADER_BYTES {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An id that no other store of this operator has: the time, the machine's run
/// and the place.
pub(super) fn new_store_id(options: &Options) -> StoreId {
    let millis = (options.now)().as_millis().to_be_bytes();
    let place = format!("{} {} {}", options.boot_id, options.dir.display(), std::process::id());
    let (front, back) = place.as_bytes().split_at(place.len() / 2);
    let hash = (u64::from(crc32c::crc32c(front)) << 32) | u64::from(crc32c::crc32c(back));
    let mut id = [0; 16];
    for (slot, byte) in id.iter_mut().zip(millis.into_iter().chain(hash.to_be_bytes())) {
        *slot = byte;
    }
    id
}

/// Notes that sled was closed cleanly and is durable.
pub(super) fn unmark(files: &Files, index: &Index) -> Result<(), EngineError> {
    index.sync(files.disk.as_ref())?;
    files.remove(&files.in_use())
}

/// Said aloud, for a process that is being started beside us may hold a copy of
/// the handle until it runs.
pub(super) fn unlock(lock: &File) {
    if let Err(error) = lock.unlock() {
        tracing::warn!(%error, "the lock of the store was not given back");
    }
}
