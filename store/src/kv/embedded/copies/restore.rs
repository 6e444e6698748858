//! A store from a backup, and from the journal that goes on after it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{CopyError, copy_dump, verify};
use crate::kv::embedded::files::{Checkpoint, Files, damaged, failed};
use crate::kv::embedded::journal::{self, Journal, Segment};
use crate::kv::embedded::open;
use crate::kv::embedded::record::{Encoder, FORMAT, Header, StoreId};
use crate::kv::embedded::{Embedded, Options, base};
use crate::kv::engine::EngineError;
use crate::time::Timestamp;

/// What a restore goes on with after the backup.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// The archive of closed segments.
    pub archive: Option<&'a Path>,
    /// The data directory of the old store, if its journal is still there.
    pub old_dir: Option<&'a Path>,
    /// Changes after this moment are left out.
    pub at: Option<Timestamp>,
}

impl Sources<'_> {
    /// Whether anything after the backup is asked for.
    fn go_on(&self) -> bool {
        self.archive.is_some() || self.old_dir.is_some() || self.at.is_some()
    }
}

/// What a restore made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoreReport {
    /// Pairs of the backup.
    pub pairs: u64,
    /// Groups of the journal after it.
    pub groups: u64,
    /// The time of the last change in it, as far as it is known.
    pub up_to: Timestamp,
}

/// Makes a store in `options.dir`, which is empty or not there, and closes it.
/// If anything is wrong with the sources the directory is left as it was.
///
/// The store gets an id of its own: what is written to it does not go on where
/// the old one's archive goes on.
pub fn restore(
    file: &Path,
    options: &Options,
    sources: Sources<'_>,
) -> Result<RestoreReport, CopyError> {
    let dir = &options.dir;
    let there = dir.exists();
    if there && fs::read_dir(dir).map_err(failed("reading", dir))?.next().is_some() {
        return Err(CopyError::NotEmpty { path: dir.clone() });
    }
    let info = verify(file)?;
    if let Some(at) = sources.at.filter(|at| *at < info.header.at) {
        return Err(CopyError::TooLate { taken: info.header.at, at });
    }
    let made = make(file, options, sources);
    if made.is_err() {
        clear(dir, there);
    }
    made
}

fn make(file: &Path, options: &Options, sources: Sources<'_>) -> Result<RestoreReport, CopyError> {
    let files = open::files(options);
    for dir in [&files.dir, &files.journal(), &files.base()] {
        files.disk.make_dir(dir).map_err(failed("making", dir))?;
    }
    let mut header = verify(file)?.header;
    let old = header.store_id().ok_or_else(|| damaged(file, "it names no store"))?;
    let store = open::new_store_id(options);
    header.store = hex::encode(store);
    let base = base::path(&files, header.group);
    let pairs = copy_dump(files.disk.as_ref(), file, &base, &header, &options.release)?;
    let went_on = if sources.go_on() {
        go_on(&files, sources, (&old, &store), header.group)?
    } else {
        Journal::begin(files.clone(), store, header.group + 1)?;
        None
    };
    let (groups, up_to) = went_on.unwrap_or((0, header.at));
    files.write_checkpoint(&Checkpoint::new(&store, header.group, &options.release))?;
    open::distrust(&files)?;
    let (engine, report) = Embedded::open(options.clone())?;
    engine.close()?;
    if report.last_group == header.group + groups {
        Ok(RestoreReport { pairs, groups, up_to })
    } else {
        Err(damaged(file, format!("it was restored to group {}", report.last_group)).into())
    }
}

/// The segments of the old store, wherever they are; the archive's first.
fn find_segments(
    files: &Files,
    sources: Sources<'_>,
    old: &StoreId,
) -> Result<Vec<Segment>, EngineError> {
    let archive = sources.archive.map(|dir| dir.join(hex::encode(old)));
    let journal = sources.old_dir.map(|dir| dir.join("journal"));
    let mut all: Vec<Segment> = Vec::new();
    for dir in [archive, journal].into_iter().flatten() {
        all.extend(journal::segments(files, &dir)?);
    }
    all.sort_by_key(|segment| segment.first);
    all.dedup_by_key(|segment| segment.first);
    Ok(all)
}

/// Writes what followed the backup as one segment; answers how many groups that
/// were, and the time of the last. `None`: there are none.
fn go_on(
    files: &Files,
    sources: Sources<'_>,
    (old, store): (&StoreId, &StoreId),
    from: u64,
) -> Result<Option<(u64, Timestamp)>, CopyError> {
    let nowhere = || CopyError::NoJournal {
        group: from,
        path: sources.archive.or(sources.old_dir).map_or_else(PathBuf::new, Path::to_path_buf),
    };
    let all = find_segments(files, sources, old)?;
    let begin = all.iter().rposition(|segment| segment.first <= from + 1).ok_or_else(nowhere)?;
    let path = files.journal().join(format!("{:020}.log", from + 1));
    let mut file = files.disk.create(&path).map_err(failed("creating", &path))?;
    let header = Header { format: FORMAT, store: *store, first: from + 1 };
    file.append(&header.encode()).map_err(failed("writing", &path))?;
    let mut encoder = Encoder::default();
    let (mut expected, mut went_on) = (None, None);
    for (at, segment) in all.iter().enumerate().skip(begin) {
        if expected.is_some_and(|expected| expected != segment.first) {
            break;
        }
        let last = at + 1 == all.len();
        let found = journal::walk(files, segment, old, last, &mut |group| {
            let next = from + went_on.map_or(0, |(groups, _)| groups) + 1;
            // A group after one that came too late is too late, whatever it says.
            if group.number != next || sources.at.is_some_and(|at| group.at > at) {
                return Ok(());
            }
            let changes = group.changes.iter().map(|c| (c.key.as_slice(), c.value.as_deref()));
            let bytes = encoder.encode(group.number, group.at, changes);
            went_on = Some((group.number - from, group.at));
            file.append(bytes).map_err(failed("writing", &path))
        })?;
        expected = Some(found.next);
    }
    file.sync().map_err(failed("syncing", &path))?;
    files.disk.sync_dir(&files.journal()).map_err(failed("syncing", &files.journal()))?;
    if expected.is_none_or(|next| next <= from) {
        return Err(nowhere());
    }
    Ok(went_on)
}

/// Takes back what a failed restore made.
fn clear(dir: &Path, keep: bool) {
    if !keep {
        let _ = fs::remove_dir_all(dir);
        return;
    }
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
    }
}
