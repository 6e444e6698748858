//! Files on the VM: found, read, moved. Nothing here decides.
//!
//! Invariants:
//! - No link is followed: what lies in `novos` is a file of its own or is left alone.
//! - A file that is there is never written over.
//! - Nothing is moved that is not the version it was taken for.

mod moves;
mod read;
mod scan;

#[cfg(test)]
mod tests;

pub(super) use moves::{Moved, free_name, move_to, write_note};
pub(super) use read::{digest_of, print_of, take_copy, version_of};
pub(super) use scan::{Entry, Scanned, scan};

/// A file as the file system knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Print {
    /// Its number in the file system.
    pub(super) inode: u64,
    /// Bytes.
    pub(super) size: u64,
    /// When it was changed last, in milliseconds since 1970.
    pub(super) modified: i64,
}

/// Does what waits for the disk where nothing else waits for it.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(std::io::Error::other(error)),
    }
}
