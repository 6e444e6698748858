//! The redo journal: what makes a commit durable.
//!
//! One writer appends groups to the newest segment and begins a new one at each
//! freeze or when it has grown enough. A segment is named after its first
//! group, so a missing one shows.

use std::io;
use std::path::{Path, PathBuf};

use super::disk::DiskFile;
use super::files::{Files, damaged, failed, is_full};
use super::record::{Break, Encoder, FORMAT, Group, Groups, HEADER_BYTES, Header, StoreId};
use crate::kv::engine::EngineError;
use crate::time::Timestamp;

const PLAIN: &str = ".log";
const PACKED: &str = ".log.zst";

/// A segment on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    /// The number of its first group.
    pub(super) first: u64,
    pub(super) packed: bool,
}

/// Why a group was not written.
#[derive(Debug)]
pub(super) enum AppendError {
    /// There is no room; the journal is as it was.
    Full,
    /// What the disk holds is not known any more: the process must end.
    Fatal(EngineError),
}

/// The segments in a directory, by their first group.
pub(super) fn segments(files: &Files, dir: &Path) -> Result<Vec<Segment>, EngineError> {
    let mut found: Vec<Segment> = Vec::new();
    for name in files.list(dir)? {
        let (stem, packed) = match (name.strip_suffix(PLAIN), name.strip_suffix(PACKED)) {
            (Some(stem), _) => (stem, false),
            (_, Some(stem)) => (stem, true),
            _ => continue,
        };
        let Ok(first) = stem.parse() else { continue };
        // The plain one sorts first, and is what the packed one was made of.
        if found.last().is_some_and(|last| last.first == first) {
            continue;
        }
        found.push(Segment { path: dir.join(&name), first, packed });
    }
    Ok(found)
}

/// The bytes of a segment, unpacked.
pub(super) fn read(files: &Files, segment: &Segment) -> Result<Vec<u8>, EngineError> {
    let path = &segment.path;
    let bytes = files.disk.read(path).map_err(failed("reading", path))?;
    if segment.packed {
        zstd::decode_all(bytes.as_slice()).map_err(|error| damaged(path, error))
    } else {
        Ok(bytes)
    }
}

/// What was read of a segment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The number that the next group would have.
    pub(super) next: u64,
    /// Bytes of header and whole groups.
    pub(super) whole: u64,
    /// Bytes after them.
    pub(super) torn: u64,
}

/// Hands every group of a segment to `each`. Only the last segment of a journal
/// may be torn.
pub(super) fn walk(
    files: &Files,
    segment: &Segment,
    store: &StoreId,
    last: bool,
    each: &mut dyn FnMut(Group) -> Result<(), EngineError>,
) -> Result<Found, EngineError> {
    let path = &segment.path;
    let bytes = read(files, segment)?;
    let header = Header::decode(&bytes);
    let start = HEADER_BYTES.min(bytes.len());
    let Some(header) = header else {
        let mut rest = Groups::new(&bytes, start, segment.first);
        return if last && rest.next().is_none() && !matches!(rest.broken(), Some(Break::Damaged(_)))
        {
            Ok(Found { next: segment.first, whole: 0, torn: bytes.len() as u64 })
        } else {
            Err(damaged(path, "its header cannot be read"))
        };
    };
    if header.format > FORMAT {
        let found = format!("format {}", header.format);
        return Err(EngineError::Newer { found, ours: format!("format {FORMAT}") });
    }
    if header.store != *store || header.first != segment.first {
        return Err(damaged(path, "it belongs to another store or has another name"));
    }
    let mut groups = Groups::new(&bytes, start, segment.first);
    for group in &mut groups {
        each(group)?;
    }
    match groups.broken() {
        Some(Break::Torn(_)) if last => {}
        Some(Break::Torn(at) | Break::Damaged(at)) => {
            return Err(damaged(path, format!("group {} at byte {at}", groups.next_number())));
        }
        None => {}
    }
    let whole = groups.offset() as u64;
    Ok(Found { next: groups.next_number(), whole, torn: bytes.len() as u64 - whole })
}

/// Writes groups, one sync each.
pub(super) struct Journal {
    files: Files,
    store: StoreId,
    file: Box<dyn DiskFile>,
    path: PathBuf,
    first: u64,
    next: u64,
    length: u64,
    encoder: Encoder,
}

impl Journal {
    /// Begins a segment whose first group will be `next`.
    pub(super) fn begin(files: Files, store: StoreId, next: u64) -> Result<Self, EngineError> {
        let (file, path) = create(&files, &store, next)?;
        let (length, encoder) = (HEADER_BYTES as u64, Encoder::default());
        Ok(Self { files, store, file, path, first: next, next, length, encoder })
    }

    /// Bytes of the segment so far.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Writes a group and makes it durable; answers its number.
    pub(super) fn append<'a>(
        &mut self,
        at: Timestamp,
        changes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    ) -> Result<u64, AppendError> {
        let bytes = self.encoder.encode(self.next, at, changes);
        if let Err(error) = self.file.append(bytes) {
            return Err(self.give_up(error));
        }
        let written = bytes.len() as u64;
        self.file.sync().map_err(|source| AppendError::Fatal(self.failure("syncing", source)))?;
        self.length += written;
        self.next += 1;
        Ok(self.next - 1)
    }

    /// Begins the next segment, unless this one is empty.
    pub(super) fn rotate(&mut self) -> Result<(), EngineError> {
        if self.first == self.next {
            return Ok(());
        }
        let (file, path) = create(&self.files, &self.store, self.next)?;
        (self.file, self.path, self.first) = (file, path, self.next);
        self.length = HEADER_BYTES as u64;
        Ok(())
    }

    /// Takes back the half of a group that was written.
    fn give_up(&mut self, error: io::Error) -> AppendError {
        if !is_full(&error) {
            return AppendError::Fatal(self.failure("writing", error));
        }
        match self.file.truncate(self.length) {
            Ok(()) => AppendError::Full,
            Err(error) => AppendError::Fatal(self.failure("cutting", error)),
        }
    }

    /// Unlike [`failed`]: a sync that finds the disk full is a failed sync.
    fn failure(&self, doing: &'static str, source: io::Error) -> EngineError {
        EngineError::Io { doing, path: self.path.clone(), source }
    }
}

fn create(
    files: &Files,
    store: &StoreId,
    first: u64,
) -> Result<(Box<dyn DiskFile>, PathBuf), EngineError> {
    let dir = files.journal();
    let path = dir.join(format!("{first:020}{PLAIN}"));
    let begin = || -> io::Result<Box<dyn DiskFile>> {
        let mut file = files.disk.create(&path)?;
        file.append(&Header { format: FORMAT, store: *store, first }.encode())?;
        file.sync()?;
        files.disk.sync_dir(&dir)?;
        Ok(file)
    };
    match begin() {
        Ok(file) => Ok((file, path)),
        Err(error) => {
            let _ = files.disk.remove(&path);
            Err(failed("beginning", &path)(error))
        }
    }
}
