//! The file `address` in the data directory: where the daemon listens, for whoever
//! cannot know because the configured port is 0, or a flag named another one.
//!
//! It is a help and no state: a daemon that cannot write it serves all the same,
//! and one that was killed leaves an address behind that nobody answers at.

use std::net::SocketAddr;
use std::path::Path;

/// The file that holds the address.
pub const ADDRESS: &str = "address";

/// Tells where the daemon listens.
pub(super) fn publish(dir: &Path, address: SocketAddr) {
    let path = dir.join(ADDRESS);
    let temporary = dir.join("address.new");
    let written = std::fs::write(&temporary, format!("{address}\n"))
        .and_then(|()| std::fs::rename(&temporary, &path));
    if let Err(error) = written {
        tracing::warn!(%error, file = %path.display(), "the address cannot be written down");
    }
}

/// Nobody listens any more.
pub(super) fn withdraw(dir: &Path) {
    // What cannot be removed leads to an address that nobody answers at.
    let _ = std::fs::remove_file(dir.join(ADDRESS));
}
