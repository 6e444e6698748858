//! Looks at what changed on Drive, and begins a job for each new version of a file in
//! a `novos`.
//!
//! ```text
//! push, poll_seconds, "look now" ─▶ look: the log of changes, page by page ─┐
//! the start, and at times        ─▶ the same, and every novos, one by one  ─┴▶ journey + job
//! ```
//! The place in the log moves on in the commit that begins the journeys of a page: a
//! look that is cut off anywhere is made again, and begins nothing twice.

mod begun;
mod push;
mod remote;
mod vm;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use zelador_store::Timestamp;
use zelador_store::id::UserId;

use self::push::Push;
pub(super) use self::push::is_ours;
pub(super) use self::remote::place_key;
use self::vm::Vm;
use super::port::Upstream;
use super::settings::{DriveSettings, Mode};
use crate::engine::Shell;
use crate::error::Error;

/// Between two looks at every folder, one by one.
const EVERY: Duration = Duration::from_secs(600);
/// What comes within this time is looked at together.
const TOGETHER: Duration = Duration::from_millis(100);
/// How often a page is begun anew because somebody was faster.
const REPEATS: usize = 16;

/// What jobs leave to whoever looks; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Left(Arc<Word>);

#[derive(Debug, Default)]
struct Word {
    /// A file stayed in `novos` when its job ended.
    stayed: AtomicBool,
    /// Whose folders were made.
    made: Mutex<BTreeSet<UserId>>,
    wake: Notify,
}

impl Left {
    /// A file stayed in `novos`.
    pub(super) fn note(&self) {
        self.0.stayed.store(true, Ordering::Relaxed);
    }

    /// Whether one stayed since this was last asked.
    fn take(&self) -> bool {
        self.0.stayed.swap(false, Ordering::Relaxed)
    }

    /// A user's folders were made.
    pub(super) fn note_made(&self, user: UserId) {
        self.0.made.lock().insert(user);
        self.0.wake.notify_one();
    }

    /// Whose were made since this was last asked.
    fn take_made(&self) -> BTreeSet<UserId> {
        std::mem::take(&mut self.0.made.lock())
    }

    /// Waits until somebody's are made.
    async fn wait_made(&self) {
        self.0.wake.notified().await;
    }
}

/// Looks; clones are the same watcher. Its loops are [`Watcher::work`] and
/// [`Watcher::work_on_vm`].
#[derive(Clone)]
pub struct Watcher(Arc<Inner>);

struct Inner {
    shell: Shell,
    settings: watch::Receiver<Arc<DriveSettings>>,
    upstream: Arc<dyn Upstream>,
    poke: Notify,
    stop: CancellationToken,
    left: Left,
    push: Push,
    vm: Vm,
}

/// Why a look came to nothing.
enum Fell {
    /// Google, or the way to it.
    Outside(String),
    /// The place in the log is none: it is begun anew.
    Lost,
    /// Ours.
    Inside(Error),
}

impl From<Error> for Fell {
    fn from(error: Error) -> Self {
        Self::Inside(error)
    }
}

impl Watcher {
    /// One that does not look yet; its loop is [`Watcher::work`]. `left`: what jobs
    /// say of files that stayed where they were.
    pub fn new(
        shell: Shell,
        settings: watch::Receiver<Arc<DriveSettings>>,
        upstream: Arc<dyn Upstream>,
        left: Left,
    ) -> Self {
        Self::with_watches(shell, settings, upstream, left, usize::MAX)
    }

    /// The same, with so many watches on the VM's folders at most.
    pub(super) fn with_watches(
        shell: Shell,
        settings: watch::Receiver<Arc<DriveSettings>>,
        upstream: Arc<dyn Upstream>,
        left: Left,
        watches: usize,
    ) -> Self {
        Self(Arc::new(Inner {
            shell,
            settings,
            upstream,
            poke: Notify::new(),
            stop: CancellationToken::new(),
            left,
            push: Push::default(),
            vm: Vm::new(watches),
        }))
    }

    /// Has it look now, on both sides.
    pub fn poke(&self) {
        self.0.poke.notify_one();
        self.0.vm.poke();
    }

    /// Looks again and again.
    pub async fn work(&self) -> Result<(), Error> {
        tokio::select! {
            biased;
            // A look that is cut off has done nothing, or is done again.
            () = self.0.stop.cancelled() => Ok(()),
            ended = self.0.watch() => ended,
        }
    }

    /// Ends the loops.
    pub fn stop(&self) {
        self.0.stop.cancel();
    }
}

impl Inner {
    async fn watch(&self) -> Result<(), Error> {
        let mut following = self.settings.clone();
        let mut whole: Option<Instant> = None;
        let mut failed = false;
        loop {
            let settings = following.borrow_and_update().clone();
            let mut again = None;
            if settings.mode != Mode::Off {
                let all = whole.is_none_or(|last| last.elapsed() >= EVERY) || self.left.take();
                match self.round(&settings, all).await {
                    Ok(next) => {
                        // What failed meanwhile lies in novos still: it is found at once.
                        whole = if all { Some(Instant::now()) } else { whole.filter(|_| !failed) };
                        (again, failed) = (next, false);
                    }
                    Err(Fell::Inside(error)) => return Err(error),
                    Err(Fell::Lost) => (whole, failed) = (None, true),
                    Err(Fell::Outside(why)) => {
                        if !failed {
                            tracing::warn!(error = why, "drive cannot be looked at");
                        }
                        failed = true;
                    }
                }
                if whole.is_none() && !failed {
                    continue;
                }
            }
            self.rest(&settings, again, &mut following).await;
        }
    }

    /// Opens a channel if one is due, looks, and closes those that are over; answers
    /// when the next one is due.
    async fn round(&self, settings: &DriveSettings, all: bool) -> Result<Option<Timestamp>, Fell> {
        let port = self.upstream.open(settings).map_err(Fell::Outside)?;
        let port = port.as_ref();
        let place = self.place(port, settings).await?;
        // What comes from here on is told; what came before is found by the look.
        let opened = self.open_channel(port, settings, &place.row.token).await?;
        let found = self.look(port, place, all).await?;
        if !opened {
            self.push.looked(found);
        }
        self.close_channels(port, settings).await
    }

    /// Until somebody pokes, the settings change, or the time comes.
    async fn rest(
        &self,
        settings: &DriveSettings,
        again: Option<Timestamp>,
        following: &mut watch::Receiver<Arc<DriveSettings>>,
    ) {
        let poll = Duration::from_secs(settings.poll_seconds.max(1).into());
        let due = again.map_or(poll, |again| again.since(self.shell.now()));
        let pause = poll.min(due.max(TOGETHER));
        let changed = async {
            if following.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = self.poke.notified() => sleep(TOGETHER).await,
            () = changed => {}
        }
    }
}
