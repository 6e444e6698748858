//! The courier: takes what is due to its receivers.
//!
//! A loop gives out the places ([`lane`](super::rules::lane)); each try is a task that
//! commits its own end, and the committer groups such commits. What is under way,
//! and how each receiver does, is known here; what is to be done stands in the
//! store. So a delivery costs one commit when it is made and one when it ends.

mod lanes;
mod settle;
mod start;
mod tried;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use zelador_store::Query;
use zelador_store::Timestamp;
use zelador_store::delivery::DeliveriesDue;
use zelador_store::id::WebhookId;

use super::client::Client;
use super::settings::WebhookSettings;
use crate::engine::Shell;
use crate::engine::seal::Seal;
use crate::error::{During, Error};
use lanes::Lanes;

pub(super) use settle::earlier;

/// How long the loop waits when the store refuses.
const REFUSED_PAUSE: Duration = Duration::from_millis(500);

/// At least this often the loop turns.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// At least this often it looks at everything, whatever it was told.
const SWEEP: Duration = Duration::from_secs(30);

/// Takes deliveries to their receivers; clones are the same one.
#[derive(Clone)]
pub struct Courier(Arc<Inner>);

struct Inner {
    shell: Shell,
    seal: Seal,
    client: Client,
    settings: watch::Receiver<Arc<WebhookSettings>>,
    lanes: Mutex<Lanes>,
    /// Something may be due, or a place is free.
    wake: Notify,
    /// Nothing new is begun.
    closing: CancellationToken,
    /// What is under way is given up.
    release: CancellationToken,
    turns: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
}

/// How the courier does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourierStatus {
    /// Tries under way.
    pub running: usize,
    /// Webhooks that wait for a place, or for a time.
    pub waiting: usize,
    /// Tries that arrived, since the start.
    pub delivered: u64,
    /// Tries that failed, since the start.
    pub failed: u64,
    /// Turns of its loop, since the start: while it lives, they grow.
    pub turns: u64,
}

impl Courier {
    /// One that does nothing yet; its loop is [`Courier::work`].
    pub fn new(
        shell: Shell,
        seal: Seal,
        client: Client,
        settings: watch::Receiver<Arc<WebhookSettings>>,
    ) -> Self {
        Self(Arc::new(Inner {
            shell,
            seal,
            client,
            settings,
            lanes: Mutex::default(),
            wake: Notify::new(),
            closing: CancellationToken::new(),
            release: CancellationToken::new(),
            turns: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }))
    }

    /// Takes what is due until it is stopped. May be called again after a panic.
    pub async fn work(&self) -> Result<(), Error> {
        let mut settings = self.0.settings.clone();
        let mut swept: Option<Instant> = None;
        while !self.0.closing.is_cancelled() {
            self.0.turns.fetch_add(1, Ordering::Relaxed);
            settings.mark_unchanged();
            if swept.is_none_or(|at| at.elapsed() >= SWEEP) {
                if let Err(error) = self.sweep().await {
                    self.refused(&error).await;
                    continue;
                }
                swept = Some(Instant::now());
            }
            if let Err(error) = self.turn().await {
                self.refused(&error).await;
                continue;
            }
            let due = self.0.lanes.lock().next_due();
            let due = async {
                match due {
                    Some(due) => self.0.shell.clock.until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.0.wake.notified() => {}
                () = due => {}
                () = changed(&mut settings) => {}
                () = tokio::time::sleep(HEARTBEAT) => {}
                () = self.0.closing.cancelled() => {}
            }
        }
        Ok(())
    }

    async fn refused(&self, error: &Error) {
        tracing::warn!(error = error.chain(), "deliveries wait for the store");
        tokio::time::sleep(REFUSED_PAUSE).await;
    }

    /// Something of these webhooks may be due.
    pub fn look(&self, webhooks: impl IntoIterator<Item = WebhookId>) {
        let mut lanes = self.0.lanes.lock();
        webhooks.into_iter().for_each(|webhook| lanes.look(webhook));
        drop(lanes);
        self.0.wake.notify_one();
    }

    /// A webhook was changed by hand: how it did does not count any more.
    pub fn reset(&self, webhook: WebhookId) {
        self.0.lanes.lock().reset(webhook);
        self.look([webhook]);
    }

    /// How it does.
    pub fn status(&self) -> CourierStatus {
        let lanes = self.0.lanes.lock();
        CourierStatus {
            running: lanes.running(),
            waiting: lanes.waiting(),
            delivered: self.0.delivered.load(Ordering::Relaxed),
            failed: self.0.failed.load(Ordering::Relaxed),
            turns: self.0.turns.load(Ordering::Relaxed),
        }
    }

    /// Stops: nothing new is begun, what is under way is given `drain`; what is
    /// then left is tried again after the next start.
    pub async fn stop(&self, drain: Duration) {
        self.0.closing.cancel();
        let idle = async {
            while self.0.lanes.lock().running() > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(drain, idle).await.is_err() {
            self.0.release.cancel();
        }
    }

    /// Looks for every webhook that has something to do.
    async fn sweep(&self) -> Result<(), Error> {
        self.0.lanes.lock().tidy();
        let mut next: Option<WebhookId> = None;
        loop {
            let mut query = Query::all().limit(1);
            if let Some(passed) = next {
                query = query.from_key(&(passed, Timestamp::MAX, u64::MAX));
            }
            let page = self.0.shell.store.entries::<DeliveriesDue>(&query).await;
            let page = page.during("looking for deliveries")?;
            let Some(((webhook, ..), _)) = page.rows.first() else { return Ok(()) };
            self.0.lanes.lock().look(*webhook);
            next = Some(*webhook);
            tokio::task::consume_budget().await;
        }
    }

    /// Gives every webhook in turn what places it may have.
    async fn turn(&self) -> Result<(), Error> {
        let mut left = {
            let mut lanes = self.0.lanes.lock();
            lanes.rise(self.0.shell.now());
            lanes.queued()
        };
        while left > 0 && !self.0.closing.is_cancelled() {
            left -= 1;
            if self.0.lanes.lock().is_full(self.settings().concurrency) {
                return Ok(());
            }
            let Some(webhook) = self.0.lanes.lock().take() else { return Ok(()) };
            if let Err(error) = self.serve(webhook).await {
                self.0.lanes.lock().look(webhook);
                return Err(error);
            }
        }
        if self.0.lanes.lock().has_startable() {
            self.0.wake.notify_one();
        }
        Ok(())
    }

    fn settings(&self) -> Arc<WebhookSettings> {
        self.0.settings.borrow().clone()
    }
}

/// Settings that nobody can change any more never do.
async fn changed(settings: &mut watch::Receiver<Arc<WebhookSettings>>) {
    if settings.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
