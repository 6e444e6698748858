//! A file that the daemon makes and the caller wants elsewhere.
//!
//! The daemon runs as a user of its own, behind a fence: it can write neither `/root`
//! nor the `/tmp` that the caller sees. So it writes into its data directory, and the
//! command, whose rights are the caller's, brings the file where it is wanted.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Common, Exit, Failure};

/// How files begin that were left by a command that was killed, and after how long
/// nobody comes for them any more.
const NAME: &str = "handed-";
const FORGOTTEN: Duration = Duration::from_hours(24);

/// A file in the data directory; removed when dropped, if it is still there.
pub(super) struct Handed {
    /// Where the daemon writes it.
    pub(super) there: PathBuf,
    wanted: PathBuf,
    force: bool,
}

impl Handed {
    /// A place for it; `None`: the data directory is not at hand, or it is wanted in
    /// there, and the daemon writes where it is told.
    pub(super) fn new(
        common: &Common,
        wanted: &Path,
        force: bool,
    ) -> Result<Option<Self>, Failure> {
        let taken = || Failure::new(Exit::No, format_args!("{} exists already", wanted.display()));
        if common.url.is_some() || common.token_file.is_some() {
            return Ok(None);
        }
        let dir = crate::config::load(&common.sources())?.config.store.data_dir;
        let dir = dir.canonicalize().unwrap_or(dir);
        if wanted.starts_with(&dir) || !dir.join("operator.token").exists() {
            return Ok(None);
        }
        if !force && wanted.exists() {
            return Err(taken());
        }
        sweep(&dir);
        let there = dir.join(format!("{NAME}{}", std::process::id()));
        Ok(Some(Self { there, wanted: wanted.to_path_buf(), force }))
    }

    /// Brings it to where it is wanted: whole, or not at all.
    pub(super) fn bring(self) -> Result<(), Failure> {
        let brought = match self.settle(&self.there) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => self.copy(),
            other => other,
        };
        brought.map_err(|error| {
            Failure::new(Exit::No, format_args!("cannot write {}: {error}", self.wanted.display()))
        })
    }

    /// Gives a file of the same file system the name that is wanted.
    fn settle(&self, file: &Path) -> io::Result<()> {
        if self.force {
            fs::rename(file, &self.wanted)
        } else {
            // Unlike a renaming, this replaces nothing.
            fs::hard_link(file, &self.wanted)
        }
    }

    /// To another file system, beside its place first.
    fn copy(&self) -> io::Result<()> {
        let mut name = self.wanted.file_name().unwrap_or_default().to_os_string();
        name.push(".part");
        let part = self.wanted.with_file_name(name);
        let copied = self.copy_to(&part).and_then(|()| match self.settle(&part) {
            // Some disks know no links.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !self.wanted.exists() => {
                fs::rename(&part, &self.wanted)
            }
            other => other,
        });
        let _ = fs::remove_file(&part);
        copied
    }

    fn copy_to(&self, part: &Path) -> io::Result<()> {
        let mut from = File::open(&self.there)?;
        let mut options = OpenOptions::new();
        let mut to = options.write(true).create(true).truncate(true).mode(0o600).open(part)?;
        io::copy(&mut from, &mut to)?;
        to.sync_all()
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        // Where it was moved, or never made, there is nothing.
        let _ = fs::remove_file(&self.there);
    }
}

/// Removes what commands left that were killed.
fn sweep(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(NAME));
        let changed = entry.metadata().and_then(|meta| meta.modified());
        let old = changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > FORGOTTEN));
        if ours && old {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed(dir: &Path, force: bool) -> Handed {
        let (there, wanted) = (dir.join("handed-1"), dir.join("wanted"));
        fs::write(&there, "all of it").unwrap();
        Handed { there, wanted, force }
    }

    #[test]
    fn it_is_brought_whole_and_replaces_nothing_unasked() {
        let dir = tempfile::tempdir().unwrap();
        let wanted = dir.path().join("wanted");
        assert!(handed(dir.path(), false).bring().is_ok());
        assert_eq!(fs::read_to_string(&wanted).unwrap(), "all of it");
        assert!(!dir.path().join("handed-1").exists(), "the place in between is cleared");
        fs::write(&wanted, "older").unwrap();
        assert!(handed(dir.path(), false).bring().is_err());
        assert_eq!(fs::read_to_string(&wanted).unwrap(), "older");
        assert!(handed(dir.path(), true).bring().is_ok());
        assert_eq!(fs::read_to_string(&wanted).unwrap(), "all of it");
    }

    #[test]
    fn to_another_disk_it_is_copied() {
        let dir = tempfile::tempdir().unwrap();
        let wanted = dir.path().join("wanted");
        assert!(handed(dir.path(), false).copy().is_ok());
        assert_eq!(fs::read_to_string(&wanted).unwrap(), "all of it");
        fs::write(&wanted, "older").unwrap();
        let refused = handed(dir.path(), false).copy().map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::AlreadyExists));
        assert!(handed(dir.path(), true).copy().is_ok());
        assert_eq!(fs::read_to_string(&wanted).unwrap(), "all of it");
        assert!(!dir.path().join("wanted.part").exists());
    }
}
