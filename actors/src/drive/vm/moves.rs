//! Moving a file on the VM, so that a crash in the middle is finished by whoever
//! comes next, and nothing is ever written over.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::read::{digest_at, print_of, version_of};
use crate::drive::rules::names::numbered;

/// Files of one name in one folder, at most.
const MOST: u32 = 100_000;

/// What came of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::drive) enum Moved {
    /// It is there, by this move or an earlier one.
    There,
    /// Something else is there.
    Taken,
    /// The version that was meant is gone from where it was.
    Gone,
}

/// A path in a folder that nothing has yet; the folder is made if it is missing.
pub(in crate::drive) fn free_name(dir: &Path, name: &str) -> io::Result<PathBuf> {
    std::fs::DirBuilder::new().recursive(true).mode(0o750).create(dir)?;
    for number in 1..=MOST {
        let path = dir.join(numbered(name, number));
        match std::fs::symlink_metadata(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!("{}: too many files are called {name}", dir.display())))
}

/// Moves the version of a file that was found at `place`. `sha256`: of its content, by
/// which a copy is known on another file system.
pub(in crate::drive) fn move_to(
    place: &str,
    version: &str,
    sha256: &str,
    to: &Path,
) -> io::Result<Moved> {
    let from = Path::new(place);
    let is_meant = |path: &Path| -> io::Result<bool> {
        Ok(print_of(path)?.is_some_and(|print| version_of(place, &print) == version))
    };
    if is_meant(to)? {
        // Moved before; where links had to do, the first name may be there still.
        if is_meant(from)? {
            std::fs::remove_file(from)?;
            settle(from, to)?;
        }
        return Ok(Moved::There);
    }
    if !is_meant(from)? {
        let copied = print_of(from)?.is_none() && digest_at(to)?.as_deref() == Some(sha256);
        return Ok(if copied { Moved::There } else { Moved::Gone });
    }
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => {}
        Err(Errno::EXIST) => return taken(from, sha256, to),
        Err(Errno::NOENT) => return Ok(Moved::Gone),
        Err(Errno::XDEV) => across(from, to)?,
        // A file system that knows no such move.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => match std::fs::hard_link(from, to) {
            Ok(()) => std::fs::remove_file(from)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Moved::Taken),
            Err(error) => return Err(error),
        },
        Err(error) => return Err(error.into()),
    }
    settle(from, to)?;
    Ok(Moved::There)
}

/// Something is there: a copy of this very file that was not finished, or another one.
fn taken(from: &Path, sha256: &str, to: &Path) -> io::Result<Moved> {
    if digest_at(to)?.as_deref() != Some(sha256) || same_device(from, to)? {
        return Ok(Moved::Taken);
    }
    std::fs::remove_file(from)?;
    settle(from, to)?;
    Ok(Moved::There)
}

fn same_device(one: &Path, other: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(std::fs::symlink_metadata(one)?.dev() == std::fs::symlink_metadata(other)?.dev())
}

/// To another file system: a copy under another name, whole and on disk before it is
/// called what it is.
fn across(from: &Path, to: &Path) -> io::Result<()> {
    let part = beside(to, "part");
    std::fs::copy(from, &part)?;
    File::open(&part)?.sync_all()?;
    renameat_with(CWD, &part, CWD, to, RenameFlags::NOREPLACE)?;
    std::fs::remove_file(from)
}

/// Puts a small text beside a file.
pub(in crate::drive) fn write_note(path: &Path, text: &str) -> io::Result<()> {
    let part = beside(path, "note");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&part, path)?;
    settle(path, path)
}

/// A name in the same folder that nobody takes for a file.
fn beside(path: &Path, what: &str) -> PathBuf {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    path.with_file_name(format!(".zelador-{:016x}.{what}", hasher.finish()))
}

/// Has the names of both folders on disk.
fn settle(from: &Path, to: &Path) -> io::Result<()> {
    for dir in [to.parent(), from.parent()].into_iter().flatten() {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}
