//! Where things are in a data directory, and the two small files that say how
//! it was left.
//!
//! ```text
//! LOCK         held by the process that has it open
//! CHECKPOINT   up to which group sled has everything (text, checksummed)
//! IN_USE       the boot id of the machine when sled was opened; gone after a
//!              clean end
//! ballast      room to come back with when the disk is full
//! index/       sled
//! journal/     groups since the base, one segment a file
//! base/        all pairs as of a group
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::disk::Disk;
use super::record::{FORMAT, StoreId};
use crate::kv::engine::EngineError;
use ::hex::encode as hex;

/// The name of the file that is given up for room.
pub(super) const BALLAST: &str = "ballast";

/// Turns an error of the system into the engine's, with what was being done.
pub(super) fn failed(
    doing: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> EngineError + use<> {
    let path = path.to_path_buf();
    move |source| {
        if is_full(&source) { EngineError::Full } else { EngineError::Io { doing, path, source } }
    }
}

/// Whether the system says that there is no room.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// A damaged file, with what to do about it.
pub(super) fn damaged(path: &Path, detail: impl std::fmt::Display) -> EngineError {
    EngineError::Damaged {
        path: path.to_path_buf(),
        detail: format!("{detail}; `zelador repair` rebuilds what can be rebuilt"),
    }
}

/// The places of a data directory.
#[derive(Clone)]
pub(super) struct Files {
    pub(super) dir: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
}

/// What `CHECKPOINT` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    /// The version of all files of the engine.
    pub(super) format: u32,
    /// The store they belong to, in hexadecimal.
    pub(super) store: String,
    /// sled holds every group up to this one.
    pub(super) group: u64,
    /// The release that wrote it.
    pub(super) release: String,
}

impl Checkpoint {
    pub(super) fn new(store: &StoreId, group: u64, release: &str) -> Self {
        Self { format: FORMAT, store: hex(store), group, release: release.to_owned() }
    }

    pub(super) fn store_id(&self) -> Option<StoreId> {
        u128::from_str_radix(&self.store, 16).ok().map(u128::to_be_bytes)
    }
}

impl Files {
    pub(super) fn checkpoint(&self) -> PathBuf {
        self.dir.join("CHECKPOINT")
    }
    pub(super) fn in_use(&self) -> PathBuf {
        self.dir.join("IN_USE")
    }
    pub(super) fn lock(&self) -> PathBuf {
        self.dir.join("LOCK")
    }
    pub(super) fn ballast(&self) -> PathBuf {
        self.dir.join(BALLAST)
    }
    pub(super) fn index(&self) -> PathBuf {
        self.dir.join("index")
    }
    pub(super) fn journal(&self) -> PathBuf {
        self.dir.join("journal")
    }
    pub(super) fn base(&self) -> PathBuf {
        self.dir.join("base")
    }

    /// Writes a file whole: afterwards it is durable, or as it was before.
    pub(super) fn write_whole(&self, path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
        let temporary = path.with_extension("tmp");
        let write = || -> io::Result<()> {
            let mut file = self.disk.create(&temporary)?;
            file.append(bytes)?;
            file.sync()?;
            drop(file);
            self.disk.rename(&temporary, path)?;
            self.disk.sync_dir(path.parent().unwrap_or(&self.dir))
        };
        write().map_err(|error| {
            let _ = self.disk.remove(&temporary);
            failed("writing", path)(error)
        })
    }

    /// Removes a file for good; it may be gone already.
    pub(super) fn remove(&self, path: &Path) -> Result<(), EngineError> {
        match self.disk.remove(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(failed("removing", path))?,
        }
        self.disk
            .sync_dir(path.parent().unwrap_or(&self.dir))
            .map_err(failed("syncing the directory of", path))
    }

    /// The names in a directory, sorted.
    pub(super) fn list(&self, dir: &Path) -> Result<Vec<String>, EngineError> {
        self.disk.list(dir).map_err(failed("listing", dir))
    }

    pub(super) fn write_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), EngineError> {
        let path = self.checkpoint();
        let json = serde_json::to_string(checkpoint).map_err(|error| damaged(&path, error))?;
        let text = format!("{json}\n{:08x}\n", crc32c::crc32c(json.as_bytes()));
        self.write_whole(&path, text.as_bytes())
    }

    /// What `CHECKPOINT` says; `None` if there is none.
    pub(super) fn read_checkpoint(&self, ours: &str) -> Result<Option<Checkpoint>, EngineError> {
        let path = self.checkpoint();
        if !self.disk.exists(&path) {
            return Ok(None);
        }
        let bytes = self.disk.read(&path).map_err(failed("reading", &path))?;
        let parsed = parse_checkpoint(&bytes).ok_or_else(|| damaged(&path, "it cannot be read"))?;
        if parsed.format > FORMAT {
            return Err(EngineError::Newer { found: parsed.release, ours: ours.to_owned() });
        }
        Ok(Some(parsed))
    }
}

fn parse_checkpoint(bytes: &[u8]) -> Option<Checkpoint> {
    let (json, crc) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
    let crc = u32::from_str_radix(crc.trim_end(), 16).ok()?;
    if crc != crc32c::crc32c(json.as_bytes()) {
        return None;
    }
    serde_json::from_str(json).ok()
}
