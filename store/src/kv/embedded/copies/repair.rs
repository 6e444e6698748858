//! A store that does not open, made to open again.

use std::path::Path;

use super::{CopyError, copy_dump, verify};
use crate::kv::embedded::files::{Checkpoint, Files, damaged, failed};
use crate::kv::embedded::journal;
use crate::kv::embedded::open;
use crate::kv::embedded::record::{Header, StoreId};
use crate::kv::embedded::{Embedded, Options, base};
use crate::kv::engine::EngineError;

/// What a repair did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepairReport {
    /// The store has everything up to this group.
    pub last_group: u64,
    /// Groups of the journal that were applied to the base.
    pub groups: u64,
    /// The base was damaged or missing, and the backup took its place.
    pub from_backup: bool,
}

/// Makes sled anew from the base, or from a backup if the base is damaged, and
/// the journal since. Blocks, and holds the directory meanwhile.
///
/// Fails with the name of what is missing or damaged when something would be
/// lost; a restore is the way then.
pub fn repair(options: &Options, backup: Option<&Path>) -> Result<RepairReport, CopyError> {
    let files = open::files(options);
    let lock = open::lock(&files)?;
    let store = whose(&files, options)?;
    let from_backup = match check_base(&files, options, &store) {
        Ok(()) => false,
        Err(error) => {
            let Some(backup) = backup else { return Err(error.into()) };
            replace_base(&files, options, &store, backup)?;
            true
        }
    };
    let group = base::bases(&files)?.pop().map_or(0, |(_, group)| group);
    fetch_archived(&files, options, &store, group)?;
    files.write_checkpoint(&Checkpoint::new(&store, group, &options.release))?;
    open::distrust(&files)?;
    // Opening takes the lock itself.
    open::unlock(&lock);
    let (engine, report) = Embedded::open(options.clone())?;
    engine.close()?;
    let (last_group, groups) = (report.last_group, report.replayed_groups);
    Ok(RepairReport { last_group, groups, from_backup })
}

/// The store's id, from whichever file still tells it.
fn whose(files: &Files, options: &Options) -> Result<StoreId, CopyError> {
    match files.read_checkpoint(&options.release) {
        Ok(Some(checkpoint)) => {
            if let Some(store) = checkpoint.store_id() {
                return Ok(store);
            }
        }
        Err(error @ EngineError::Newer { .. }) => return Err(error.into()),
        Ok(None) | Err(_) => {}
    }
    for segment in journal::segments(files, &files.journal())? {
        if let Some(header) = Header::decode(&journal::read(files, &segment)?) {
            return Ok(header.store);
        }
    }
    Err(damaged(&files.checkpoint(), "nothing tells which store this is").into())
}

/// Reads the base to its end; without one the journal must begin at the beginning.
fn check_base(files: &Files, options: &Options, store: &StoreId) -> Result<(), EngineError> {
    let first = journal::segments(files, &files.journal())?.first().map_or(1, |s| s.first);
    match base::bases(files)?.pop() {
        Some((path, group)) => {
            base::check(files, &path, group, store, &options.release)?;
            if first <= group + 1 { Ok(()) } else { Err(gap(files, group)) }
        }
        None if first == 1 => Ok(()),
        None => Err(damaged(&files.base(), "the base is missing")),
    }
}

fn gap(files: &Files, group: u64) -> EngineError {
    damaged(&files.journal(), format!("the segment with group {} is missing", group + 1))
}

fn replace_base(
    files: &Files,
    options: &Options,
    store: &StoreId,
    backup: &Path,
) -> Result<(), CopyError> {
    let header = verify(backup)?.header;
    if header.store_id().as_ref() != Some(store) {
        return Err(CopyError::Foreign { path: backup.to_path_buf() });
    }
    for (path, _) in base::bases(files)? {
        files.remove(&path)?;
    }
    files.disk.make_dir(&files.base()).map_err(failed("making", &files.base()))?;
    let path = base::path(files, header.group);
    copy_dump(files.disk.as_ref(), backup, &path, &header, &options.release)?;
    Ok(())
}

/// Brings back segments that the base no longer needed and the backup does.
fn fetch_archived(
    files: &Files,
    options: &Options,
    store: &StoreId,
    group: u64,
) -> Result<(), CopyError> {
    let here = journal::segments(files, &files.journal())?;
    let first = here.first().map_or(u64::MAX, |segment| segment.first);
    if first <= group + 1 || (here.is_empty() && group == 0) {
        return Ok(());
    }
    let Some(archive) = &options.archive_dir else { return Err(gap(files, group).into()) };
    let archived = journal::segments(files, &archive.join(hex::encode(store)))?;
    let begin = archived.iter().rposition(|segment| segment.first <= group + 1);
    let Some(begin) = begin else { return Err(gap(files, group).into()) };
    for segment in archived.iter().skip(begin).filter(|segment| segment.first < first) {
        let bytes = files.disk.read(&segment.path).map_err(failed("reading", &segment.path))?;
        let name = segment.path.file_name().unwrap_or_default();
        files.write_whole(&files.journal().join(name), &bytes)?;
    }
    Ok(())
}
