//! Whether a program may be run at all: nobody but root and the daemon's user may
//! be able to change what it is.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::program::Program;

/// What is wrong with a program, in words an operator can act on.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// No command.
    #[error("no command is configured")]
    Empty,
    /// It would be looked for.
    #[error("{0} is not an absolute path: write where it is, such as /opt/zelador/make_folders.py")]
    Relative(String),
    /// It cannot be looked at.
    #[error("{path}: {source}", path = path.display())]
    Unseen {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is a directory, a device, a socket.
    #[error("{path} is not a file", path = .0.display())]
    NotAFile(PathBuf),
    /// Nobody may execute it.
    #[error("{path} is not executable: chmod +x {path}", path = .0.display())]
    NotExecutable(PathBuf),
    /// It belongs to somebody who could change it.
    #[error("{path} belongs to user {owner}: chown root {path}", path = path.display())]
    Foreign {
        /// What.
        path: PathBuf,
        /// Whose.
        owner: u32,
    },
    /// Others can change it.
    #[error("{path} can be changed by others: chmod go-w {path}", path = .0.display())]
    Writable(PathBuf),
}

/// Looks at a program, the directories above it, and those of its arguments that
/// are absolute paths of files (an interpreter's script). The first thing that is
/// wrong.
pub fn inspect(program: &Program) -> Result<(), Finding> {
    let (first, rest) = program.command.split_first().ok_or(Finding::Empty)?;
    if !first.starts_with('/') {
        return Err(Finding::Relative(first.clone()));
    }
    let own = rustix::process::geteuid().as_raw();
    let found = look(Path::new(first))?;
    if found.mode() & 0o111 == 0 {
        return Err(Finding::NotExecutable(first.into()));
    }
    trusted(Path::new(first), own)?;
    for argument in rest.iter().filter(|argument| argument.starts_with('/')) {
        if std::fs::metadata(argument).is_ok_and(|found| found.is_file()) {
            trusted(Path::new(argument), own)?;
        }
    }
    Ok(())
}

/// A file, through whatever links lead to it.
fn look(path: &Path) -> Result<Metadata, Finding> {
    let found = std::fs::metadata(path)
        .map_err(|source| Finding::Unseen { path: path.to_owned(), source })?;
    if found.is_file() { Ok(found) } else { Err(Finding::NotAFile(path.to_owned())) }
}

/// The file itself and every directory above it: links are followed first, for it
/// is what they lead to that runs.
fn trusted(path: &Path, own: u32) -> Result<(), Finding> {
    let unseen = |path: &Path| {
        let path = path.to_owned();
        |source| Finding::Unseen { path, source }
    };
    let real = path.canonicalize().map_err(unseen(path))?;
    for place in real.ancestors() {
        let found = std::fs::metadata(place).map_err(unseen(place))?;
        let (owner, mode) = (found.uid(), found.mode());
        if owner != 0 && owner != own {
            return Err(Finding::Foreign { path: place.to_owned(), owner });
        }
        // In a sticky directory, such as /tmp, others cannot touch what is not theirs.
        let sticky = found.is_dir() && mode & 0o1000 != 0;
        if mode & 0o022 != 0 && !sticky {
            return Err(Finding::Writable(place.to_owned()));
        }
    }
    Ok(())
}
