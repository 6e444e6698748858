//! The archive, as far back as anything can use it.

use std::path::Path;

use super::CopyError;
use crate::kv::embedded::disk::RealDisk;
use crate::kv::embedded::dump::DumpReader;
use crate::kv::embedded::{Embedded, journal};

/// Removes from the archive the segments that end before a backup begins: a
/// restore from it, or from a later one, needs none of them. Answers how many.
/// Blocks.
///
/// Only the archive of this very store is looked at; without one there is nothing
/// to do. Fails with [`CopyError::Foreign`] if the backup is of another store.
pub fn prune_archive(engine: &Embedded, oldest: &Path) -> Result<u64, CopyError> {
    let shared = &engine.shared;
    let Some(archive) = &shared.options.archive_dir else { return Ok(0) };
    let backup = DumpReader::open(&RealDisk, oldest, &shared.options.release)?;
    if backup.header().store_id().as_ref() != Some(&shared.store) {
        return Err(CopyError::Foreign { path: oldest.to_path_buf() });
    }
    let covered = backup.header().group;
    let dir = archive.join(hex::encode(shared.store));
    if !shared.files.disk.exists(&dir) {
        return Ok(0);
    }
    let segments = journal::segments(&shared.files, &dir)?;
    let mut removed = 0;
    // The last one may go on past the backup.
    for (segment, next) in segments.iter().zip(segments.iter().skip(1)) {
        if next.first > covered + 1 {
            break;
        }
        shared.files.remove(&segment.path)?;
        removed += 1;
    }
    Ok(removed)
}
