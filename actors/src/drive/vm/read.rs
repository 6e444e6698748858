//! Reading a file that somebody else may change at any moment.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};

use super::Print;
use crate::drive::rules::files::local_version;

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

pub(super) fn print(meta: &Metadata) -> Print {
    let modified = meta.mtime().saturating_mul(1000).saturating_add(meta.mtime_nsec() / 1_000_000);
    Print { inode: meta.ino(), size: meta.size(), modified }
}

/// A regular file as it is now; `None`: there is none of this name.
pub(in crate::drive) fn print_of(path: &Path) -> io::Result<Option<Print>> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() => Ok(Some(print(&meta))),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the version of a file is known by that was found at `place`.
pub(in crate::drive) fn version_of(place: &str, print: &Print) -> String {
    local_version(place, print.inode, print.size, print.modified)
}

/// Opens a regular file, without following a link and without waiting for a pipe.
fn open(path: &Path) -> io::Result<Option<(File, Print)>> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let meta = file.metadata()?;
    Ok(meta.is_file().then(|| (file, print(&meta))))
}

/// SHA-256 of the version of a file that was found at `place`; `None`: it is not there
/// any more, or another one is, or it changed while it was read.
pub(in crate::drive) fn digest_of(place: &str, version: &str) -> io::Result<Option<String>> {
    read(place, version, &mut io::sink())
}

/// The same, with a copy.
pub(in crate::drive) fn take_copy(
    place: &str,
    version: &str,
    to: &Path,
) -> io::Result<Option<String>> {
    let mut copy =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(to)?;
    let digest = read(place, version, &mut copy)?;
    copy.flush()?;
    Ok(digest)
}

fn read(place: &str, version: &str, to: &mut impl io::Write) -> io::Result<Option<String>> {
    let Some((mut file, before)) = open(Path::new(place))? else { return Ok(None) };
    if version_of(place, &before) != version {
        return Ok(None);
    }
    let (mut hasher, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        let length = file.read(&mut chunk)?;
        if length == 0 {
            break;
        }
        let part = chunk.get(..length).unwrap_or_default();
        hasher.update(part);
        to.write_all(part)?;
    }
    let unchanged = print(&file.metadata()?) == before;
    Ok(unchanged.then(|| hex::encode(hasher.finalize())))
}

/// SHA-256 of whatever is at a path, if it is a regular file.
pub(super) fn digest_at(path: &Path) -> io::Result<Option<String>> {
    let Some((_, print)) = open(path)? else { return Ok(None) };
    let place = path.display().to_string();
    let version = version_of(&place, &print);
    digest_of(&place, &version)
}
