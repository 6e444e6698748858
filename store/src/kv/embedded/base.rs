//! Bases: from one of them and the journal since, sled can be made anew.
//!
//! A base is written between two drains, when sled stands still, once the
//! journal since the last one has grown enough: in a quiet moment if there is one,
//! for reading all there is takes from those who write. Only when it is durable may
//! the segments it covers go; with an archive they go there.

use std::path::{Path, PathBuf};

use super::dump::{DumpHeader, DumpReader, DumpWriter};
use super::files::{Files, damaged, failed};
use super::journal::{self, Segment};
use super::record::StoreId;
use super::shared::Shared;
use crate::kv::engine::EngineError;

const SUFFIX: &str = ".zst";
/// A journal of many tiny segments, as many restarts leave, is folded too.
const MAX_SEGMENTS: usize = 256;
/// How many times what makes a base due is waited for while drains follow one
/// another. A burst that is over by then costs no base; one that is not, a few.
const PATIENCE: u64 = 4;

/// The bases of a directory: path and group, oldest first.
pub(super) fn bases(files: &Files) -> Result<Vec<(PathBuf, u64)>, EngineError> {
    let dir = files.base();
    let names = files.list(&dir)?;
    let group = |name: &String| name.strip_suffix(SUFFIX)?.parse().ok();
    Ok(names.iter().filter_map(|name| Some((dir.join(name), group(name)?))).collect())
}

/// Where the base of a group is.
pub(super) fn path(files: &Files, group: u64) -> PathBuf {
    files.base().join(format!("{group:020}{SUFFIX}"))
}

/// Reads a base to its end, and checks that it belongs here.
pub(super) fn check(
    files: &Files,
    path: &Path,
    group: u64,
    store: &StoreId,
    ours: &str,
) -> Result<(), EngineError> {
    let mut dump = open(files, path, group, store, ours)?;
    while dump.next_pair()?.is_some() {}
    Ok(())
}

/// Opens a base that belongs here.
pub(super) fn open(
    files: &Files,
    path: &Path,
    group: u64,
    store: &StoreId,
    ours: &str,
) -> Result<DumpReader, EngineError> {
    let dump = DumpReader::open(files.disk.as_ref(), path, ours)?;
    if dump.header().group != group || dump.header().store_id().as_ref() != Some(store) {
        return Err(damaged(path, "it belongs to another store or has another name"));
    }
    Ok(dump)
}

/// What became of a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// None is due, or this is no time for one.
    NotNow,
    /// It was written.
    Written,
    /// It was begun, and given up for a drain that could not wait.
    GivenUp,
}

/// Whether a base may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Nothing was drained lately.
    Quiet,
    /// Drains follow one another.
    Busy,
    /// One was given up a while ago.
    Not,
}

/// Archives closed segments; writes a base if one is due and this is the moment;
/// removes what it covers.
pub(super) fn tend(shared: &Shared, moment: Moment) -> Result<Base, EngineError> {
    let files = &shared.files;
    let segments = journal::segments(files, &files.journal())?;
    let (Some((_open, closed)), Some(archive)) =
        (segments.split_last(), &shared.options.archive_dir)
    else {
        return fold_if_due(shared, &segments, moment);
    };
    for segment in closed {
        archive_segment(shared, archive, segment)?;
    }
    fold_if_due(shared, &segments, moment)
}

fn fold_if_due(shared: &Shared, segments: &[Segment], moment: Moment) -> Result<Base, EngineError> {
    let newest = bases(&shared.files)?.pop();
    let base_bytes = newest.as_ref().map_or(0, |(path, _)| size(path));
    let drained = shared.drain.lock().drained;
    let journal = (journal_bytes(&shared.files), segments.len());
    let due = is_due(journal, shared.options.base_bytes, base_bytes, moment);
    // Beside heavy writing it would only be given up again.
    let calm = shared.layers.read().undrained_bytes() < shared.options.hard_bytes / 4;
    let news = drained > newest.map_or(0, |(_, group)| group);
    if due && calm && news { fold(shared) } else { Ok(Base::NotNow) }
}

/// Whether a journal of so many bytes and segments is due to be folded. `least`: when
/// it is with a small base, or none.
fn is_due((bytes, segments): (u64, usize), least: u64, base: u64, moment: Moment) -> bool {
    let patience = match moment {
        Moment::Quiet => 1,
        Moment::Busy => PATIENCE,
        Moment::Not => return false,
    };
    bytes > patience * least.max(2 * base) || segments > MAX_SEGMENTS
}

/// Writes a base as of the last drain. The keeper's thread only: nothing drains
/// meanwhile.
fn fold(shared: &Shared) -> Result<Base, EngineError> {
    let (files, options) = (&shared.files, &shared.options);
    let group = shared.drain.lock().drained;
    let (target, temporary) = (path(files, group), files.base().join("base.tmp"));
    let header = DumpHeader::new(&shared.store, group, (options.now)(), &options.release);
    let mut dump = DumpWriter::create(files.disk.as_ref(), &temporary, &header)?;
    let written = shared.index.walk(|key, value| {
        dump.push(key, value)?;
        Ok(!pressed(shared))
    });
    if !matches!(written, Ok(true)) {
        drop(dump);
        files.remove(&temporary)?;
        return written.map(|_| Base::GivenUp);
    }
    let pairs = dump.finish()?;
    // A cut may have left an unfinished one under the temporary name: were the renaming
    // to survive the next cut and the new file's name not, that would be the base.
    files.disk.sync_dir(&files.base()).map_err(failed("syncing", &files.base()))?;
    files.disk.rename(&temporary, &target).map_err(failed("renaming", &target))?;
    files.disk.sync_dir(&files.base()).map_err(failed("syncing", &files.base()))?;
    tracing::debug!(group, pairs, "base written");
    forget(shared, group)?;
    Ok(Base::Written)
}

/// Whether a drain cannot wait for the base: then the base is given up, and begun
/// again later, when there may be less to do.
fn pressed(shared: &Shared) -> bool {
    shared.is_halted()
        || shared
            .layers
            .try_read()
            .is_some_and(|layers| layers.undrained_bytes() > shared.options.hard_bytes / 2)
}

/// Removes older bases, and the segments that a base covers whole.
fn forget(shared: &Shared, group: u64) -> Result<(), EngineError> {
    let files = &shared.files;
    for (path, older) in bases(files)? {
        if older < group {
            files.remove(&path)?;
        }
    }
    let segments = journal::segments(files, &files.journal())?;
    for (segment, next) in segments.iter().zip(segments.iter().skip(1)) {
        if next.first > group + 1 {
            break;
        }
        if let Some(archive) = &shared.options.archive_dir {
            archive_segment(shared, archive, segment)?;
        }
        files.remove(&segment.path)?;
    }
    Ok(())
}

/// Keeps a packed copy of a closed segment, under the name of its store.
fn archive_segment(shared: &Shared, archive: &Path, segment: &Segment) -> Result<(), EngineError> {
    let files = &shared.files;
    let dir = archive.join(hex::encode(shared.store));
    let target = dir.join(format!("{:020}.log.zst", segment.first));
    if files.disk.exists(&target) {
        return Ok(());
    }
    files.disk.make_dir(&dir).map_err(failed("making", &dir))?;
    let bytes = journal::read(files, segment)?;
    let packed = zstd::encode_all(bytes.as_slice(), 3).map_err(failed("packing", &target))?;
    files.write_whole(&target, &packed)
}

/// Bytes of the segments on disk.
pub(super) fn journal_bytes(files: &Files) -> u64 {
    let segments = journal::segments(files, &files.journal()).unwrap_or_default();
    segments.iter().map(|segment| size(&segment.path)).sum()
}

/// Bytes of sled's files, the bases and the ballast.
pub(super) fn disk_bytes(files: &Files) -> u64 {
    let bases = bases(files).unwrap_or_default();
    let bases: u64 = bases.iter().map(|(path, _)| size(path)).sum();
    bases + size(&files.ballast()) + size(&files.index().join("db"))
}

/// Makes the ballast again once there is plenty of room.
pub(super) fn tend_ballast(shared: &Shared, free: u64) {
    let (files, bytes) = (&shared.files, shared.options.ballast_bytes);
    let path = files.ballast();
    if bytes == 0 || files.disk.exists(&path) || free < 4 * bytes {
        return;
    }
    if let Err(error) = write_ballast(files, &path, bytes) {
        tracing::warn!(%error, "the ballast could not be written");
        let _ = files.remove(&path);
    }
}

fn write_ballast(files: &Files, path: &Path, bytes: u64) -> std::io::Result<()> {
    let piece = vec![0; 256 * 1024];
    let mut file = files.disk.create(path)?;
    for _ in 0..bytes.div_ceil(piece.len() as u64) {
        file.append(&piece)?;
    }
    Ok(())
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_due_when_the_journal_has_grown_and_waits_for_a_quiet_moment() {
        for (bytes, segments, base, moments) in [
            (100, 2, 0, [false, false]),
            (101, 2, 0, [true, false]),
            (401, 2, 0, [true, true]),
            (101, 2, 51, [false, false]),
            (401, 2, 51, [true, false]),
            (409, 2, 51, [true, true]),
            (1, MAX_SEGMENTS + 1, 0, [true, true]),
        ] {
            let due = |moment| is_due((bytes, segments), 100, base, moment);
            assert_eq!([Moment::Quiet, Moment::Busy].map(due), moments, "{bytes} {base}");
            assert!(!due(Moment::Not), "one was just given up");
        }
    }
}
