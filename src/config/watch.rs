//! Follows the configuration while the daemon runs.
//!
//! ```text
//!   directory event ─┐ wait for quiet                  valid ─► published, each key logged
//!   every second ────┼─► has the file changed? ─► load ┤
//!   reload() ────────┘   (asked: always)             invalid ─► nothing changes, error shown
//! ```
//!
//! - The *directory* is watched, for editors and configuration managers put a
//!   new file in the old one's place. Once a second the file is looked at in
//!   any case: links that lead elsewhere, network disks, and watches that could
//!   not be had are covered by that.
//! - What is published is what is in force: keys that need a restart keep the
//!   value that the daemon started with.
//! - Nothing here ends the daemon; the old configuration stays until a valid
//!   one comes.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tracing::{error, info, warn};
use zelador_store::time::Timestamp;

use super::change::in_force;
use super::{Change, Config, Loaded, Problem, Refused, Sources, change, load};

/// How long a writer gets to finish before the file is read.
const QUIET: Duration = Duration::from_millis(200);
/// How often the file is looked at without being told to.
const LOOK: Duration = Duration::from_secs(1);
/// Reloads that may wait; each waiter is a person or the service manager.
const WAITING_RELOADS: usize = 16;

/// What `/ready` and `/status` show of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigState {
    /// Counts the configurations that took effect, from 1.
    pub generation: u64,
    /// When the one in force did.
    pub loaded_at: Timestamp,
    /// What is wrong with the file as it stands, with line and column; `None`:
    /// it is in force.
    pub error: Option<String>,
    /// Keys that the file gives another value than the one in force, until the
    /// next start.
    pub needs_restart: Vec<&'static str>,
}

type Reply = oneshot::Sender<Result<Change, Refused>>;

/// The configuration of a running daemon. Dropping it ends the watch.
#[derive(Debug)]
pub struct Watch {
    config: watch::Receiver<Arc<Config>>,
    state: watch::Receiver<ConfigState>,
    reloader: Reloader,
    task: JoinHandle<()>,
}

/// Asks for a reload.
#[derive(Clone, Debug)]
pub struct Reloader(mpsc::Sender<Reply>);

impl Reloader {
    /// One that asks nobody: the caller gets what is asked, and answers.
    #[cfg(test)]
    pub(crate) fn scripted() -> (Self, mpsc::Receiver<Reply>) {
        let (reloads, asked) = mpsc::channel(1);
        (Self(reloads), asked)
    }

    /// Reads all sources again, at once, and says what changed.
    pub async fn reload(&self) -> Result<Change, Refused> {
        let (reply, answer) = oneshot::channel();
        let stopped = || Refused::new(vec![Problem::at(Vec::new(), "the daemon is stopping", "")]);
        self.0.send(reply).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Watch {
    /// Watches the sources that `config` was loaded from. `now` is asked when a
    /// configuration takes effect.
    pub fn start(
        sources: Sources,
        config: Config,
        now: impl Fn() -> Timestamp + Send + 'static,
    ) -> Self {
        let started =
            ConfigState { generation: 1, loaded_at: now(), error: None, needs_restart: Vec::new() };
        let (config, config_seen) = watch::channel(Arc::new(config));
        let (state, state_seen) = watch::channel(started);
        let (reloads, asked) = mpsc::channel(WAITING_RELOADS);
        let written = sources.file.as_deref().is_none_or(has_text);
        let follower = Follower { sources, config, state, now, seen: None, written };
        let task = tokio::spawn(follower.run(asked));
        Self { config: config_seen, state: state_seen, reloader: Reloader(reloads), task }
    }

    /// The configuration in force, and every later one.
    pub fn config(&self) -> watch::Receiver<Arc<Config>> {
        self.config.clone()
    }

    /// How the configuration stands, now and later.
    pub fn state(&self) -> watch::Receiver<ConfigState> {
        self.state.clone()
    }

    /// What SIGHUP and the API reload with.
    pub fn reloader(&self) -> Reloader {
        self.reloader.clone()
    }

    /// As [`Reloader::reload`].
    pub async fn reload(&self) -> Result<Change, Refused> {
        self.reloader.reload().await
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What tells one state of a file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Print {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

fn print(path: &Path) -> Option<Print> {
    let meta = std::fs::metadata(path).ok()?;
    Some(Print {
        device: meta.dev(),
        inode: meta.ino(),
        bytes: meta.size(),
        changed: (meta.ctime(), meta.ctime_nsec()),
    })
}

struct Follower<Now> {
    sources: Sources,
    config: watch::Sender<Arc<Config>>,
    state: watch::Sender<ConfigState>,
    now: Now,
    /// The file as it was read last; `None`: absent, or not read yet.
    seen: Option<Print>,
    /// The file that is in force says something.
    written: bool,
}

impl<Now: Fn() -> Timestamp> Follower<Now> {
    async fn run(mut self, mut asked: mpsc::Receiver<Reply>) {
        let (poke, mut pokes) = mpsc::channel(1);
        let _watcher = self.sources.file.as_deref().and_then(|file| watch_directory(file, poke));
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                reply = asked.recv() => {
                    let Some(reply) = reply else { return };
                    self.seen = self.look();
                    // A caller that went away loses the answer, not the reload.
                    let _ = reply.send(self.reload().await);
                }
                Some(()) = pokes.recv() => {
                    sleep(QUIET).await;
                    self.reload_if_changed().await;
                }
                _ = look.tick() => self.reload_if_changed().await,
            }
        }
    }

    fn look(&self) -> Option<Print> {
        self.sources.file.as_deref().and_then(print)
    }

    async fn reload_if_changed(&mut self) {
        let print = self.look();
        if print != self.seen {
            // Before it is read: a change in between is seen the next time.
            self.seen = print;
            let _ = self.reload().await;
        }
    }

    async fn reload(&mut self) -> Result<Change, Refused> {
        let (sources, written) = (self.sources.clone(), self.written);
        let read = tokio::task::spawn_blocking(move || load_again(&sources, written)).await;
        let loaded = read.unwrap_or_else(|_| {
            Err(Refused::new(vec![Problem::at(Vec::new(), "reading it was cut off", "")]))
        });
        match loaded {
            Ok(loaded) => {
                for notice in &loaded.notices {
                    warn!(notice, "configuration notice");
                }
                self.written = self.sources.file.as_deref().is_none_or(has_text);
                Ok(self.take(loaded.config))
            }
            Err(refused) => {
                self.refuse(&refused);
                Err(refused)
            }
        }
    }

    fn take(&mut self, config: Config) -> Change {
        let old = Arc::clone(&self.config.borrow());
        let change = change(&old, &config);
        for key in &change.applied {
            info!(key = key.key, old = key.old, new = key.new, "configuration changed");
        }
        for key in &change.needs_restart {
            warn!(key, "configuration changed, takes effect at the next start");
        }
        if self.state.borrow().error.is_some() {
            info!("configuration good again");
        }
        let now = (self.now)();
        let took_effect = !change.applied.is_empty();
        if took_effect {
            self.config.send_replace(Arc::new(in_force(&old, config)));
        }
        self.state.send_modify(|state| {
            if took_effect {
                state.generation += 1;
                state.loaded_at = now;
            }
            state.error = None;
            state.needs_restart.clone_from(&change.needs_restart);
        });
        change
    }

    fn refuse(&self, refused: &Refused) {
        for problem in &refused.problems {
            error!(%problem, "configuration refused, the old one stays in force");
        }
        self.state.send_modify(|state| state.error = Some(refused.to_string()));
    }
}

/// Whether there is anything in a file.
fn has_text(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.len() > 0)
}

/// As [`load`], but a file that has become empty is one that is being written,
/// not the wish for all defaults.
fn load_again(sources: &Sources, written: bool) -> Result<Loaded, Refused> {
    let emptied = |file: &PathBuf| written && file.exists() && !has_text(file);
    if let Some(file) = sources.file.as_ref().filter(|file| emptied(file)) {
        let message = format!("{} is empty", file.display());
        return Err(Refused::new(vec![Problem::at(Vec::new(), message, "")]));
    }
    load(sources)
}

/// Watches the directory of a file for as long as the result is kept.
fn watch_directory(file: &Path, poke: mpsc::Sender<()>) -> Option<RecommendedWatcher> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = parent.unwrap_or(Path::new("."));
    let told = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| may_change(event.kind)) {
            // One poke that waits is enough.
            let _ = poke.try_send(());
        }
    };
    let watching = notify::recommended_watcher(told).and_then(|mut watcher| {
        watcher.watch(directory, RecursiveMode::NonRecursive).map(|()| watcher)
    });
    watching
        .inspect_err(|error| warn!(%error, "cannot watch the configuration's directory, looking every second"))
        .ok()
}

/// Reading the file tells of itself too; only what may have changed it counts.
fn may_change(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}
