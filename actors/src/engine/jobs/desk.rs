//! The desk: what is running in this process, and what everyone may ask of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use zelador_store::id::JobId;
use zelador_store::job::Jobs;
use zelador_store::{Stored, Timestamp};

use super::handler::Handler;
use super::progress::ProgressBoard;
use super::rules::Policy;
use crate::engine::Shell;
use crate::engine::settings::{KindSettings, Kinds, QueueSettings, Queues};

/// What the configuration says about jobs; live.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobSettings {
    /// By queue.
    pub queues: Queues,
    /// By kind.
    pub kinds: Kinds,
}

impl JobSettings {
    /// What is granted to a kind.
    pub fn kind(&self, kind: &str) -> KindSettings {
        self.kinds.get(kind).cloned().unwrap_or_default()
    }

    /// The same, as the rules want it.
    pub fn policy(&self, kind: &str) -> Policy {
        let settings = self.kind(kind);
        Policy {
            tries: u16::try_from(settings.tries).unwrap_or(u16::MAX).max(1),
            backoff_seconds: settings.backoff_seconds,
        }
    }

    /// How a queue is worked off.
    pub fn queue(&self, name: &str) -> QueueSettings {
        self.queues.get(name).cloned().unwrap_or_default()
    }
}

/// The kinds of work that this process can do.
pub type Handlers = HashMap<&'static str, Arc<dyn Handler>>;

/// One try under way.
pub(super) struct Run {
    pub(super) job: JobId,
    pub(super) queue: String,
    pub(super) started_at: Timestamp,
    pub(super) cancel: CancellationToken,
}

/// The job engine; clones are the same one.
#[derive(Clone)]
pub struct JobDesk(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) shell: Shell,
    pub(super) handlers: Handlers,
    pub(super) settings: watch::Receiver<Arc<JobSettings>>,
    pub(super) board: ProgressBoard,
    pub(super) runs: Mutex<HashMap<u64, Run>>,
    pub(super) serial: AtomicU64,
    /// A place in a queue has become free.
    pub(super) freed: Notify,
    /// Nothing new is started.
    pub(super) closing: CancellationToken,
    /// What still runs is given back.
    pub(super) release: CancellationToken,
    /// Turns of the loop; stands still when the loop does.
    pub(super) turns: AtomicU64,
}

impl JobDesk {
    /// A desk that does nothing yet; its loop is [`JobDesk::work`].
    pub fn new(
        shell: Shell,
        handlers: Handlers,
        settings: watch::Receiver<Arc<JobSettings>>,
    ) -> Self {
        Self(Arc::new(Inner {
            shell,
            handlers,
            settings,
            board: ProgressBoard::default(),
            runs: Mutex::default(),
            serial: AtomicU64::new(0),
            freed: Notify::new(),
            closing: CancellationToken::new(),
            release: CancellationToken::new(),
            turns: AtomicU64::new(0),
        }))
    }

    /// How far running jobs are.
    pub fn board(&self) -> &ProgressBoard {
        &self.0.board
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<JobSettings> {
        self.0.settings.borrow().clone()
    }

    /// Whether a handler for the kind is there.
    pub fn knows(&self, kind: &str) -> bool {
        self.0.handlers.contains_key(kind)
    }

    /// Jobs under way in this process.
    pub fn running(&self) -> usize {
        self.0.runs.lock().len()
    }

    /// Turns of the loop so far: what a watchdog looks at.
    pub fn turns(&self) -> u64 {
        self.0.turns.load(Ordering::Relaxed)
    }

    /// Stops: nothing new is started, what runs is given `drain`, the rest is
    /// made ready again without costing a try.
    pub async fn stop(&self, drain: Duration) {
        self.0.closing.cancel();
        if tokio::time::timeout(drain, self.idle()).await.is_err() {
            tracing::info!(jobs = self.running(), "giving back the jobs that still run");
            self.0.release.cancel();
            self.idle().await;
        }
    }

    async fn idle(&self) {
        loop {
            let freed = self.0.freed.notified();
            if self.running() == 0 {
                return;
            }
            // `freed` may have been used up by the loop: look again soon.
            let _ = tokio::time::timeout(Duration::from_millis(50), freed).await;
        }
    }

    pub(super) fn busy_in(&self, queue: &str) -> usize {
        self.0.runs.lock().values().filter(|run| run.queue == queue).count()
    }

    pub(super) fn is_running(&self, job: JobId) -> bool {
        self.0.runs.lock().values().any(|run| run.job == job)
    }

    pub(super) fn register(&self, claimed: &Stored<Jobs>) -> (u64, CancellationToken) {
        let serial = self.0.serial.fetch_add(1, Ordering::Relaxed);
        let cancel = CancellationToken::new();
        let run = Run {
            job: claimed.key,
            queue: claimed.row.queue.clone(),
            started_at: claimed.row.started_at.unwrap_or_default(),
            cancel: cancel.clone(),
        };
        self.0.runs.lock().insert(serial, run);
        (serial, cancel)
    }

    pub(super) fn sign_off(&self, serial: u64) {
        if let Some(run) = self.0.runs.lock().remove(&serial) {
            self.0.board.clear(run.job);
        }
        self.0.freed.notify_one();
    }

    /// Wakes the try of a job that is to be called off.
    pub(super) fn signal_cancel(&self, job: JobId) {
        for run in self.0.runs.lock().values().filter(|run| run.job == job) {
            run.cancel.cancel();
        }
    }

    /// When the oldest try of a queue began.
    pub fn oldest_run(&self, queue: &str) -> Option<Timestamp> {
        let runs = self.0.runs.lock();
        runs.values().filter(|run| run.queue == queue).map(|run| run.started_at).min()
    }
}
