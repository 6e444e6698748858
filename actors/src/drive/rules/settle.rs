//! When a file on the VM is whole: nobody says so, so it is looked at twice.

use std::time::Duration;

use zelador_store::Timestamp;

/// Between two looks, at least; and since the last change.
pub const QUIET: Duration = Duration::from_secs(2);
/// An empty file may be one that is about to be written.
pub const QUIET_EMPTY: Duration = Duration::from_secs(30);

/// A file as it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Bytes.
    pub size: u64,
    /// When it was changed last, as the file system says.
    pub modified: Timestamp,
    /// Its number in the file system.
    pub inode: u64,
}

/// What two looks tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is whole.
    Yes,
    /// To be looked at again, not before this.
    NotBefore(Timestamp),
    /// It changed between: the later look is the first one now.
    Changed(Timestamp),
}

/// Whether a file that was looked at twice is whole.
pub fn settled(first: &Look, again: &Look) -> Settled {
    let quiet = if again.size == 0 { QUIET_EMPTY } else { QUIET };
    let same =
        (first.size, first.modified, first.inode) == (again.size, again.modified, again.inode);
    if !same {
        return Settled::Changed(again.at + quiet);
    }
    // A time of change in the future says nothing: then the looks alone count.
    let since = if again.modified <= again.at { first.at.max(again.modified) } else { first.at };
    if again.at.since(since) >= quiet { Settled::Yes } else { Settled::NotBefore(since + quiet) }
}
