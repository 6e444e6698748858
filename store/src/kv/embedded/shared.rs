//! What the committer, the keeper and the readers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex, RwLock};
use tokio::sync::oneshot;

use super::files::Files;
use super::index::Index;
use super::layers::{Layer, Layers};
use super::options::Options;
use super::queue::Queue;
use super::record::StoreId;
use crate::kv::engine::{Batch, EngineError, Receipt};

/// A batch, and who waits for its fate.
pub(super) struct Request {
    pub(super) batch: Batch,
    pub(super) answer: oneshot::Sender<Result<Receipt, EngineError>>,
}

/// The state of the drain, which several threads wait on.
///
/// ```text
///           freeze            begin (no holds)         end
///   idle ──────────→ frozen ──────────────────→ draining ──→ idle
/// ```
#[derive(Debug, Default)]
pub(super) struct Drain {
    /// sled holds exactly the groups up to this one, unless it is draining.
    pub(super) drained: u64,
    /// The last group of the frozen layer.
    pub(super) frozen: Option<u64>,
    /// sled is being changed, or a change was cut short.
    pub(super) draining: bool,
    /// Those who read sled as of `drained`; no drain begins before they end.
    pub(super) holds: usize,
    /// Somebody wants everything up to this group drained soon.
    pub(super) wanted: u64,
    /// The committer has ended.
    pub(super) stopped: bool,
}

/// One open store.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) files: Files,
    pub(super) store: StoreId,
    pub(super) index: Index,
    pub(super) layers: RwLock<Layers>,
    pub(super) queue: Queue<Request>,
    pub(super) drain: Mutex<Drain>,
    /// Something in `drain` changed.
    pub(super) news: Condvar,
    /// Why writes are refused.
    pub(super) read_only: RwLock<Option<String>>,
    /// A sync failed: nothing is written any more.
    pub(super) halted: AtomicBool,
    pub(super) disk_bytes: AtomicU64,
    pub(super) free_bytes: AtomicU64,
}

impl Shared {
    /// Refuses writes from now on, for a reason.
    pub(super) fn refuse(&self, reason: &str) {
        let mut read_only = self.read_only.write();
        if read_only.is_none() {
            tracing::error!(reason, "the store is read-only");
        }
        *read_only = Some(reason.to_owned());
    }

    /// Takes writes again.
    pub(super) fn accept(&self) {
        if self.read_only.write().take().is_some() {
            tracing::info!("the store takes writes again");
        }
    }

    /// After this nothing is written: the process has to end, because what the
    /// disk holds after a failed sync is not known.
    pub(super) fn halt(&self, error: &EngineError) {
        if !self.halted.swap(true, Ordering::SeqCst) {
            tracing::error!(error = %error, "a write to the disk failed for good");
            self.queue.close();
            self.news.notify_all();
            (self.options.halt)(error);
        }
    }

    pub(super) fn is_halted(&self) -> bool {
        self.halted.load(Ordering::SeqCst)
    }

    /// A full disk makes the store read-only; any other failure ends it.
    pub(super) fn stumble(&self, error: &EngineError) {
        match error {
            EngineError::Full => self.refuse("the disk is full"),
            error => self.halt(error),
        }
    }

    /// The frozen layer and its last group.
    pub(super) fn frozen(&self) -> Option<(Arc<Layer>, u64)> {
        let group = self.drain.lock().frozen?;
        Some((self.layers.read().frozen.clone()?, group))
    }

    /// Waits for news of the drain, though not longer than `patience`.
    pub(super) fn wait(&self, patience: Duration, until: impl Fn(&Drain) -> bool) {
        let mut drain = self.drain.lock();
        if !until(&drain) && !self.is_halted() {
            self.news.wait_for(&mut drain, patience);
        }
    }

    /// Asks for everything up to a group to be drained.
    pub(super) fn want_drained(&self, group: u64) {
        {
            let mut drain = self.drain.lock();
            drain.wanted = drain.wanted.max(group);
        }
        self.queue.nudge();
    }
}
