//! The engine we ship: a journal that is the truth, sled as the index it is
//! drained to, and what is newer than sled in memory.
//!
//! ```text
//!  apply ─→ queue ─→ committer ──append, sync──→ journal/     the truth
//!                        │ then
//!                        ▼
//!                     active layer ──freeze──→ frozen layer ──drain──→ index/ (sled)
//!  get, scan ◄──────── newest first ────────────────┘                     │
//!                                                      base/ ◄── fold ────┘
//! ```
//! sled changes only while a layer is drained into it. So rows that live
//! briefly never reach it, a row that changes often reaches it once, and
//! between two drains it stands still, which is what backups read.
//! What reaches it is kept in pages of many pairs (`pages`), and what was read of
//! it lately is remembered (`recent`).
//!
//! sled makes nothing durable by itself, reuses space before it is safe to, and
//! does not survive a full disk. Hence: what it holds counts only as long as
//! the machine runs on (a kill leaves what the system was given) or after a
//! clean end, when its files were synced. After a power cut it is made anew
//! from the newest base, a dump of all pairs, and the journal since.
//!
//! Invariants:
//! - Nothing is answered or seen before its group is synced in the journal.
//! - Base and journal together always hold every group; a segment goes only
//!   when a durable base covers it.
//! - Group numbers have no gaps, so a missing file shows.
//! - After a failed sync nothing is written any more, and no sync is repeated.
//! - No clock is read here: the time of a group is handed in.

mod base;
mod committer;
pub mod copies;
mod disk;
mod dump;
#[cfg(any(test, feature = "testkit"))]
pub mod faulty;
mod files;
mod index;
mod journal;
mod keeper;
mod layers;
mod merge;
mod near;
mod open;
mod options;
mod page;
mod pages;
mod queue;
mod rebuild;
mod recent;
mod record;
mod shared;
mod snapshot;
mod stage;
mod tops;

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::{Condvar, Mutex, RwLock};
use tokio::sync::oneshot;

pub use self::disk::{Disk, DiskFile, RealDisk};
pub use self::dump::DumpHeader;
pub use self::options::{OpenReport, Options};
pub use self::record::{Break, Change, Group, Groups, Header, StoreId};
pub use self::snapshot::Snapshot;

use self::committer::Committer;
use self::files::failed;
use self::keeper::Keeper;
use self::open::Opened;
use self::queue::{Bounds, Queue, Refused};
use self::shared::{Drain, Request, Shared};
use super::engine::{Batch, Engine, EngineError, Health, Pair, Receipt, Span};

/// How long those who wait for a drain sleep between two looks.
const PATIENCE: Duration = Duration::from_millis(100);

/// An open store.
pub struct Embedded {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    lock: Mutex<Option<File>>,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedded").field("dir", &self.shared.files.dir).finish_non_exhaustive()
    }
}

impl Embedded {
    /// Opens the store in `options.dir`, or makes one. Blocks while it reads.
    ///
    /// Fails with `Held`, `Newer` or `Damaged`, each of which says what to do,
    /// or with what the system said.
    pub fn open(options: Options) -> Result<(Arc<Self>, OpenReport), EngineError> {
        let Opened { lock, files, store, index, layers, drained, journal, report } =
            open::open(&options)?;
        let bounds = Bounds { entries: options.queue_entries, weight: options.queue_bytes };
        let shared = Arc::new(Shared {
            files,
            store,
            index,
            layers: RwLock::new(layers),
            queue: Queue::new(bounds),
            drain: Mutex::new(Drain { drained, ..Drain::default() }),
            news: Condvar::new(),
            read_only: RwLock::new(None),
            halted: AtomicBool::new(false),
            disk_bytes: AtomicU64::new(0),
            free_bytes: AtomicU64::new(0),
            options,
        });
        let committer = Committer::new(shared.clone(), journal);
        let keeper = Keeper::new(shared.clone());
        let threads = vec![
            spawn("committer", &shared, || committer.run())?,
            spawn("keeper", &shared, || keeper.run())?,
        ];
        let (threads, lock) = (Mutex::new(threads), Mutex::new(Some(lock)));
        let embedded = Arc::new(Self { shared, threads, lock });
        if report.replayed_groups > 0 {
            embedded.shared.want_drained(report.last_group);
        }
        Ok((embedded, report))
    }

    /// Drains everything, so that sled and `CHECKPOINT` are up to date. Blocks.
    pub fn checkpoint(&self) -> Result<(), EngineError> {
        let target = self.last_group();
        while self.shared.drain.lock().drained < target {
            if self.shared.is_halted() || self.shared.drain.lock().stopped {
                return Err(EngineError::Closed);
            }
            if self.shared.read_only.read().is_some() {
                return Err(EngineError::Full);
            }
            self.shared.want_drained(target);
            self.shared.wait(PATIENCE, |drain| drain.drained >= target);
        }
        Ok(())
    }

    /// The last group that is durable.
    pub fn last_group(&self) -> u64 {
        self.shared.layers.read().group
    }

    /// Tells this store from others.
    pub fn store_id(&self) -> StoreId {
        self.shared.store
    }

    /// Everything as of now, to be read while serving goes on. Blocks until
    /// sled has it.
    pub fn snapshot(&self) -> Result<Snapshot, EngineError> {
        let least = self.last_group();
        loop {
            self.checkpoint()?;
            if let Some(snapshot) = Snapshot::take(&self.shared, least) {
                return Ok(snapshot);
            }
            self.shared.wait(PATIENCE, |drain| !drain.draining);
        }
    }

    /// Answers everyone who waits, drains, makes sled durable and lets go of the
    /// directory. Blocks; a second call does nothing.
    pub fn close(&self) -> Result<(), EngineError> {
        let Some(lock) = self.stop() else { return Ok(()) };
        let clean = {
            let drain = self.shared.drain.lock();
            !drain.draining && drain.drained == self.last_group() && !self.shared.is_halted()
        };
        self.shared.index.close();
        let done =
            if clean { open::unmark(&self.shared.files, &self.shared.index) } else { Ok(()) };
        open::unlock(&lock);
        done
    }

    /// Ends as a kill would, as far as that is possible from within: nothing is
    /// drained, nothing is synced.
    #[cfg(any(test, feature = "testkit"))]
    pub fn kill(&self) {
        self.shared.halted.store(true, Ordering::SeqCst);
        let lock = self.stop();
        self.shared.index.close();
        if let Some(lock) = lock {
            open::unlock(&lock);
        }
    }

    /// Stops the threads; gives the lock to the first who asks.
    fn stop(&self) -> Option<File> {
        let lock = self.lock.lock().take()?;
        self.shared.queue.close();
        self.shared.news.notify_all();
        for thread in self.threads.lock().drain(..) {
            // A panic there has been told; there is nothing to save here.
            let _ = thread.join();
        }
        Some(lock)
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "the store was not closed cleanly");
        }
    }
}

/// A thread whose panic ends the store: a committer that is gone can answer
/// nobody.
fn spawn(
    name: &'static str,
    shared: &Arc<Shared>,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, EngineError> {
    let watched = shared.clone();
    thread::Builder::new()
        .name(format!("store-{name}"))
        .spawn(move || {
            let guarded = std::panic::AssertUnwindSafe(work);
            if std::panic::catch_unwind(guarded).is_err() {
                tracing::error!(thread = name, "a thread of the store panicked");
                watched.halt(&EngineError::Closed);
            }
        })
        .map_err(failed("starting a thread for", &shared.files.dir))
}

#[async_trait]
impl Engine for Embedded {
    async fn get(&self, key: &[u8]) -> Result<Option<Bytes>, EngineError> {
        if let Some(slot) = self.shared.layers.read().get(key) {
            return Ok(slot.value().cloned());
        }
        self.shared.index.get(key)
    }

    async fn scan(&self, span: &Span, limit: usize) -> Result<Vec<Pair>, EngineError> {
        let Some(bounds) = merge::bounds(span) else { return Ok(Vec::new()) };
        // The lock is held for the whole page: no drain ends within it.
        let layers = self.shared.layers.read();
        let index = &self.shared.index;
        let seen = index.generation();
        let page = || {
            index.range(&bounds, span.reverse, |below| {
                merge::page(&layers, &bounds, span, below, limit)
            })
        };
        match page() {
            Err(EngineError::Full) => {
                index.heal(seen)?;
                page()
            }
            other => other,
        }
    }

    async fn apply(&self, batch: Batch) -> Result<Receipt, EngineError> {
        if self.shared.read_only.read().is_some() {
            return Err(EngineError::Full);
        }
        let began = tokio::time::Instant::now();
        let (answer, told) = oneshot::channel();
        let weight = batch.weight();
        match self.shared.queue.push(Request { batch, answer }, weight) {
            Ok(()) => {}
            Err(Refused::Full(_)) => return Err(EngineError::Overloaded),
            Err(Refused::Closed(_)) => return Err(EngineError::Closed),
        }
        let outcome = told.await.unwrap_or(Err(EngineError::Closed));
        metrics::histogram!("zelador_store_commit_seconds").record(began.elapsed().as_secs_f64());
        outcome
    }

    fn health(&self) -> Health {
        Health {
            read_only: self.shared.read_only.read().clone(),
            disk_bytes: self.shared.disk_bytes.load(Ordering::Relaxed),
            free_bytes: self.shared.free_bytes.load(Ordering::Relaxed),
            waiting: self.shared.queue.waiting(),
        }
    }
}
