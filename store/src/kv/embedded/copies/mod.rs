//! Copies of a store, and stores from copies: backup, restore, repair.
//!
//! - A backup is a dump (the same format as a base) under a name of its own.
//! - A restore lays out a base and the journal that continues it, as a power
//!   cut would leave them, and lets the opening make sled from them.
//! - A repair does the same to a store in place.

mod archive;
mod backup;
mod repair;
mod restore;

use std::path::{Path, PathBuf};

pub use self::archive::prune_archive;
pub use self::backup::{BackupInfo, backup, verify};
pub use self::repair::{RepairReport, repair};
pub use self::restore::{RestoreReport, Sources, restore};

use super::disk::Disk;
use super::dump::{DumpHeader, DumpReader, DumpWriter};
use super::files::failed;
use crate::kv::engine::EngineError;
use crate::time::Timestamp;

/// Pairs between two calls of whoever watches the progress.
const STRIDE: u64 = 1000;

/// Why a copy was not made, or nothing was made from it.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The backup file exists already.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The directory to restore to is not empty.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// The moment asked for lies before the backup.
    #[error("the backup was taken at {taken}, after {at}: an older one is needed")]
    TooLate {
        /// When the backup was taken.
        taken: Timestamp,
        /// The moment asked for.
        at: Timestamp,
    },
    /// Nothing goes on where the copy ends.
    #[error("no journal goes on after group {group}: {} has none", path.display())]
    NoJournal {
        /// The copy's last group.
        group: u64,
        /// Where a journal was looked for.
        path: PathBuf,
    },
    /// A copy of another store was given.
    #[error("{} is a copy of another store", path.display())]
    Foreign {
        /// The copy.
        path: PathBuf,
    },
    /// A file cannot be read or written, or is damaged.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Copies a dump, pair by pair, so that it is checked on the way.
fn copy_dump(
    disk: &dyn Disk,
    from: &Path,
    to: &Path,
    header: &DumpHeader,
    ours: &str,
) -> Result<u64, EngineError> {
    let mut reader = DumpReader::open(disk, from, ours)?;
    let mut writer = DumpWriter::create(disk, to, header)?;
    while let Some((key, value)) = reader.next_pair()? {
        writer.push(&key, &value)?;
    }
    let pairs = writer.finish()?;
    let dir = to.parent().unwrap_or(to);
    disk.sync_dir(dir).map_err(failed("syncing", dir))?;
    Ok(pairs)
}
