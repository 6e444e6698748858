//! What lies in a folder.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::Print;
use super::read::print;
use crate::drive::rules::names::is_unfinished;

/// A file that may be whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::drive) struct Entry {
    pub(in crate::drive) name: String,
    pub(in crate::drive) print: Print,
}

/// A folder that was looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::drive) struct Scanned {
    /// Its own number: another one is another folder of the same name.
    pub(in crate::drive) inode: u64,
    pub(in crate::drive) files: Vec<Entry>,
    /// Names that are no text: nobody can be told of them, and they are left alone.
    pub(in crate::drive) nameless: usize,
}

/// Looks into a folder: regular files alone, and none that is being written under
/// another name.
pub(in crate::drive) fn scan(dir: &Path) -> io::Result<Scanned> {
    let inode = std::fs::symlink_metadata(dir)?.ino();
    let mut scanned = Scanned { inode, files: Vec::new(), nameless: 0 };
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = match entry.file_name().into_string() {
            Ok(name) if is_unfinished(&name) => continue,
            Ok(name) => name,
            Err(_) => {
                scanned.nameless += 1;
                continue;
            }
        };
        // What was taken away meanwhile is not there.
        match std::fs::symlink_metadata(entry.path()) {
            Ok(meta) if meta.is_file() => {
                scanned.files.push(Entry { name, print: print(&meta) });
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(scanned)
}
