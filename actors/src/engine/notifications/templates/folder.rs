//! The operator's folder of texts, as it lies on the disk.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::book::TemplateProblem;
use super::shipped::is_known;
use crate::engine::notifications::rules::tongue::Tongue;

/// The largest file of a text.
const MAX_BYTES: u64 = 64 * 1024;
/// More files than this are somebody else's.
const MAX_FILES: usize = 500;

/// What a folder holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Files by name: `es/booking_made.txt`.
    pub files: BTreeMap<String, String>,
    /// What cannot be used.
    pub problems: Vec<TemplateProblem>,
}

/// What tells one state of a folder from another: names, sizes, times.
pub type Mark = Vec<(PathBuf, u64, Option<SystemTime>)>;

impl Overrides {
    /// Reads a folder.
    pub fn read(dir: &Path) -> Self {
        let mut found = Self::default();
        match files(dir) {
            Ok(paths) => {
                for path in paths {
                    found.take(dir, &path);
                }
            }
            Err(error) => found.problem(&dir.display().to_string(), error.to_string()),
        }
        found
    }

    /// Looks at a folder without reading its files.
    pub fn mark(dir: &Path) -> Mark {
        let seen = |path: PathBuf| {
            let meta = std::fs::metadata(&path).ok();
            let (size, at) = meta.map_or((0, None), |meta| (meta.len(), meta.modified().ok()));
            (path, size, at)
        };
        files(dir).unwrap_or_default().into_iter().map(seen).collect()
    }

    fn take(&mut self, dir: &Path, path: &Path) {
        let name = path.strip_prefix(dir).unwrap_or(path).to_string_lossy().replace('\\', "/");
        if !is_known(&name) {
            let languages = Tongue::ALL.map(Tongue::tag).join(", ");
            self.problem(&name, format!("no text has this name; folders are {languages}"));
            return;
        }
        match read(path) {
            Ok(text) => {
                self.files.insert(name, text);
            }
            Err(error) => self.problem(&name, error.to_string()),
        }
    }

    fn problem(&mut self, file: &str, message: String) {
        let file = file.to_owned();
        self.problems.push(TemplateProblem { file, line: 0, column: 0, message });
    }
}

/// Files that end like texts, in the folder and in those of the languages.
fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let folders = Tongue::ALL.map(|tongue| dir.join(tongue.tag()));
    for (at, folder) in [dir.to_owned()].into_iter().chain(folders).enumerate() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if at > 0 && error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if matches!(ending, Some("txt" | "html")) && path.is_file() {
                found.push(path);
            }
            if found.len() > MAX_FILES {
                return Err(io::Error::other("too many files to be texts of notices"));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> io::Result<String> {
    if std::fs::metadata(path)?.len() > MAX_BYTES {
        return Err(io::Error::other("larger than 64 KiB"));
    }
    std::fs::read_to_string(path)
}
