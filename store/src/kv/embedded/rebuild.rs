//! Making sled anew from a base and the journal since.
//!
//! It happens in a directory of its own that takes the old one's place at the
//! end, so a rebuilding that was cut short is simply done again.

use std::fs;
use std::path::Path;

use super::base;
use super::files::{Files, damaged, failed};
use super::index::Index;
use super::journal;
use super::layers::Layers;
use super::options::Options;
use super::record::StoreId;
use crate::kv::engine::EngineError;

/// Pairs that sled is given at a time.
const CHUNK: usize = 1024;

/// What a rebuilding made.
pub(super) struct Rebuilt {
    pub(super) index: Index,
    pub(super) last_group: u64,
    pub(super) replayed: u64,
}

/// Makes sled anew. The journal's torn end, if it has one, was cut off before.
pub(super) fn rebuild(
    files: &Files,
    options: &Options,
    store: &StoreId,
) -> Result<Rebuilt, EngineError> {
    let fresh = files.dir.join("index.new");
    remove_dir(&fresh)?;
    let index = Index::open(&fresh, options.cache_bytes)?;
    let from = load_base(files, options, store, &index)?;
    let (last_group, replayed) = replay(files, options, store, &index, from)?;
    index.finish(last_group)?;
    index.close();
    index.sync(files.disk.as_ref())?;
    swap(files, &fresh)?;
    let index = Index::open(&files.index(), options.cache_bytes)?;
    Ok(Rebuilt { index, last_group, replayed })
}

/// Fills sled with the newest base; answers its group.
fn load_base(
    files: &Files,
    options: &Options,
    store: &StoreId,
    index: &Index,
) -> Result<u64, EngineError> {
    let Some((path, group)) = base::bases(files)?.pop() else {
        return Ok(0);
    };
    let mut dump = base::open(files, &path, group, store, &options.release)?;
    let mut chunk = Vec::with_capacity(CHUNK);
    while let Some(pair) = dump.next_pair()? {
        chunk.push(pair);
        if chunk.len() == CHUNK {
            put(index, &chunk)?;
            chunk.clear();
        }
    }
    put(index, &chunk)?;
    Ok(group)
}

fn put(index: &Index, pairs: &[(Vec<u8>, Vec<u8>)]) -> Result<(), EngineError> {
    index.apply(pairs.iter().map(|(key, value)| (key.as_slice(), Some(value.as_slice()))))
}

/// Applies every group after `from`; answers the last one's number and how many
/// there were.
fn replay(
    files: &Files,
    options: &Options,
    store: &StoreId,
    index: &Index,
    from: u64,
) -> Result<(u64, u64), EngineError> {
    let mut layers = Layers { group: from, ..Layers::default() };
    let replayed = tail(files, store, from, &mut |group| {
        layers.group = group.number;
        for change in group.changes {
            layers.apply(change.key.into(), change.value.map(Into::into), false);
        }
        pour_if_full(&mut layers, index, options.drain_bytes)
    })?;
    pour_if_full(&mut layers, index, 0)?;
    Ok((layers.group, replayed.groups))
}

/// What was read of a journal.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Replayed {
    /// Groups handed on.
    pub(super) groups: u64,
    /// The number that the next group will have.
    pub(super) next: u64,
    /// Bytes cut off the last segment.
    pub(super) cut: u64,
}

/// Hands every group after `from` to `each`, and cuts off a torn end for good.
pub(super) fn tail(
    files: &Files,
    store: &StoreId,
    from: u64,
    each: &mut dyn FnMut(super::record::Group) -> Result<(), EngineError>,
) -> Result<Replayed, EngineError> {
    let dir = files.journal();
    let all = journal::segments(files, &dir)?;
    // The segment that holds `from + 1` begins at or before it.
    let begin = all.iter().rposition(|segment| segment.first <= from + 1);
    let Some(segments) = begin.and_then(|at| all.get(at..)) else {
        return if all.is_empty() && from == 0 {
            Ok(Replayed { next: 1, ..Replayed::default() })
        } else {
            Err(damaged(&dir, format!("the segment with group {} is missing", from + 1)))
        };
    };
    let mut replayed = Replayed::default();
    let mut expected = segments.first().map_or(1, |segment| segment.first);
    for (at, segment) in segments.iter().enumerate() {
        if segment.first != expected {
            return Err(damaged(&dir, format!("the segment with group {expected} is missing")));
        }
        let last = at + 1 == segments.len();
        let found = journal::walk(files, segment, store, last, &mut |group| {
            if group.number <= from {
                return Ok(());
            }
            replayed.groups += 1;
            each(group)
        })?;
        expected = found.next;
        if found.torn > 0 {
            replayed.cut = found.torn;
            cut(files, segment, found.whole)?;
        }
    }
    if expected <= from {
        let detail = format!("it ends with group {}, before group {from}", expected - 1);
        return Err(damaged(&dir, detail));
    }
    Ok(Replayed { next: expected, ..replayed })
}

/// Makes a torn segment whole, or removes one that never began.
fn cut(files: &Files, segment: &journal::Segment, whole: u64) -> Result<(), EngineError> {
    if whole == 0 {
        return files.remove(&segment.path);
    }
    let path = &segment.path;
    let cut = || -> std::io::Result<()> {
        let mut file = files.disk.append_to(path)?;
        file.truncate(whole)?;
        file.sync()
    };
    cut().map_err(failed("cutting", path))
}

/// Gives sled what the layers hold, once they hold more than `most` bytes.
pub(super) fn pour_if_full(
    layers: &mut Layers,
    index: &Index,
    most: usize,
) -> Result<(), EngineError> {
    if layers.active.bytes() <= most {
        return Ok(());
    }
    let layer = std::mem::take(&mut layers.active);
    index.apply(layer.changes())
}

/// Puts the new directory in the old one's place.
fn swap(files: &Files, fresh: &Path) -> Result<(), EngineError> {
    let (index, old) = (files.index(), files.dir.join("index.old"));
    remove_dir(&old)?;
    if files.disk.exists(&index) {
        files.disk.rename(&index, &old).map_err(failed("renaming", &index))?;
    }
    files.disk.rename(fresh, &index).map_err(failed("renaming", fresh))?;
    files.disk.sync_dir(&files.dir).map_err(failed("syncing", &files.dir))?;
    remove_dir(&old)
}

fn remove_dir(path: &Path) -> Result<(), EngineError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(failed("removing", path)(error))
        }
        _ => Ok(()),
    }
}
