//! What an engine is opened with, and what opening it found.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::disk::{Disk, RealDisk};
use super::queue::Bounds;
use crate::kv::engine::EngineError;
use crate::time::Timestamp;

/// Batches that one sync makes durable together at most. Beyond 64 writers'
/// worth the sync is no longer what a commit waits for.
pub(super) const GROUP: Bounds = Bounds { entries: 256, weight: 1024 * 1024 };

/// Everything an engine needs to know.
#[derive(Clone)]
pub struct Options {
    /// The data directory; made if it is not there.
    pub dir: PathBuf,
    /// Where closed journal segments are kept for ever; `None`: they are
    /// removed once a base covers them.
    pub archive_dir: Option<PathBuf>,
    /// Bytes of memory that changes take before they are drained to sled.
    pub drain_bytes: usize,
    /// Bytes of memory that changes take before no more are taken.
    pub hard_bytes: usize,
    /// Bytes of a journal segment before the next one is begun.
    pub segment_bytes: u64,
    /// Bytes of journal since the last base that make a new one due, unless
    /// the base itself is larger than half of it; four times as many while drains
    /// follow one another.
    pub base_bytes: u64,
    /// Batches that may wait for the committer.
    pub queue_entries: usize,
    /// Bytes of batches that may wait for the committer.
    pub queue_bytes: usize,
    /// Bytes of sled's cache, which takes more than that: it forgets late.
    pub cache_bytes: u64,
    /// Bytes kept back on the disk, to be freed when it is full.
    pub ballast_bytes: u64,
    /// Seconds after which changes are drained even if they are few.
    pub idle_seconds: u32,
    /// What the machine calls its present run (`/proc/sys/kernel/random/boot_id`).
    pub boot_id: String,
    /// This release, for the files' headers.
    pub release: String,
    /// The clock: what groups are dated with.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Called once when a sync failed: the process must end, and what is
    /// durable is found out by opening again.
    pub halt: Arc<dyn Fn(&EngineError) + Send + Sync>,
    /// The disk.
    pub disk: Arc<dyn Disk>,
}

impl Options {
    /// The defaults for a data directory.
    pub fn new(
        dir: impl Into<PathBuf>,
        boot_id: impl Into<String>,
        now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Self {
        Self {
            dir: dir.into(),
            archive_dir: None,
            drain_bytes: 8 * 1024 * 1024,
            hard_bytes: 48 * 1024 * 1024,
            segment_bytes: 16 * 1024 * 1024,
            base_bytes: 128 * 1024 * 1024,
            queue_entries: 4096,
            queue_bytes: 16 * 1024 * 1024,
            cache_bytes: 96 * 1024 * 1024,
            ballast_bytes: 16 * 1024 * 1024,
            idle_seconds: 60,
            boot_id: boot_id.into(),
            release: env!("CARGO_PKG_VERSION").to_owned(),
            now,
            halt: Arc::new(|_| {}),
            disk: Arc::new(RealDisk),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// What opening a store found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// There was nothing, and a new store was made.
    pub created: bool,
    /// Groups that were read back from the journal.
    pub replayed_groups: u64,
    /// sled was made anew from the base and the journal.
    pub rebuilt: bool,
    /// Bytes of a torn group that were cut off; nobody was ever told that it
    /// was written.
    pub cut_bytes: u64,
    /// The last group there is.
    pub last_group: u64,
}
