//! What is run, and as whom.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Another user to run as; only a daemon that is root can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunAs {
    /// The user's number.
    pub uid: u32,
    /// The group's number; supplementary groups are dropped.
    pub gid: u32,
}

/// A program of the operator's, as the configuration has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its absolute path, and the arguments that never change.
    pub command: Vec<String>,
    /// Where it runs; `None`: at the root of the file system.
    pub dir: Option<PathBuf>,
    /// What its environment holds beside `PATH`, `LANG` and what names the try.
    pub env: BTreeMap<String, String>,
    /// Variables of the daemon's own environment that are passed on, where set.
    pub pass: Vec<String>,
    /// Whom it runs as; `None`: the daemon's user.
    pub run_as: Option<RunAs>,
    /// From being asked to end to being ended.
    pub grace: Duration,
    /// Bytes of its output that count as said; the rest is read and let go.
    pub max_output: usize,
    /// Bytes of its errors that are kept: the last.
    pub max_errors: usize,
}

impl Program {
    /// A command with the usual bounds: 10 s of grace, 1 MiB of output, 16 KiB of
    /// errors.
    pub fn new(command: Vec<String>) -> Self {
        Self {
            command,
            dir: None,
            env: BTreeMap::new(),
            pass: Vec::new(),
            run_as: None,
            grace: Duration::from_secs(10),
            max_output: 1024 * 1024,
            max_errors: 16 * 1024,
        }
    }
}
