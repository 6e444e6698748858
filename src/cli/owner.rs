//! Whose files a data directory's are.
//!
//! A daemon runs as a user of its own, and whoever mends its store is mostly root. What
//! root makes in there the daemon could not write, and would not start: so it is given
//! to the owner of the directory before the command ends, well or not.

use std::os::unix::fs::{MetadataExt as _, lchown};
use std::path::{Path, PathBuf};

use super::Common;

/// Held by a command that works on the store without a daemon, as the first of what it
/// has: dropped last, the files are given to their owner.
pub(super) struct Kept(Vec<PathBuf>);

/// The directories that the configuration names; none if it is refused, for then
/// nothing is done.
pub(super) fn kept(common: &Common) -> Kept {
    let loaded = crate::config::load(&common.sources());
    let store = loaded.ok().map(|loaded| loaded.config.store);
    let dirs = store.map(|store| [Some(store.data_dir), store.archive_dir]);
    Kept(dirs.into_iter().flatten().flatten().collect())
}

impl Drop for Kept {
    fn drop(&mut self) {
        if rustix::process::geteuid().is_root() {
            self.0.iter().for_each(|dir| hand_over(dir));
        }
    }
}

/// Gives what is in a directory to the directory's owner; what cannot be given is said.
fn hand_over(dir: &Path) {
    let Ok(owner) = dir.symlink_metadata() else { return };
    for path in inside(dir) {
        let Ok(meta) = path.symlink_metadata() else { continue };
        if meta.uid() == owner.uid() {
            continue;
        }
        if let Err(error) = lchown(&path, Some(owner.uid()), Some(owner.gid())) {
            eprintln!("zelador: {} is not its owner's: {error}", path.display());
        }
    }
}

/// Everything below a directory; links are not followed.
fn inside(dir: &Path) -> Vec<PathBuf> {
    let (mut all, mut open) = (Vec::new(), vec![dir.to_path_buf()]);
    while let Some(dir) = open.pop() {
        let entries = std::fs::read_dir(&dir).into_iter().flatten().flatten();
        for entry in entries {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(entry.path());
            }
            all.push(entry.path());
        }
    }
    all
}
