//! The VM's side: every user's `novos` is watched, and looked into at intervals whatever
//! the watch says.
//!
//! ```text
//!  event ─▶ that folder ─┐
//!  poll_seconds, start, overflow, "look now" ─▶ all of them ─┴▶ file ─▶ waits until it
//!  stands still ─▶ journey + job
//! ```
//! Invariants:
//! - Events are hints: what they say is never believed, only looked into. A missed one
//!   is made good by the next look at everything.
//! - A folder is looked into when its watch begins: what came before is found.
//! - Where no watch can be had, polling is all there is, and it is said so.

mod eyes;
mod hall;
mod hints;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use zelador_store::Query;
use zelador_store::drive::{Folder, FolderState, Folders};
use zelador_store::id::UserId;

use self::eyes::Eyes;
use self::hall::{Hall, Step};
use self::hints::Hints;
use super::begun::{Beginnings, Found};
use super::{Inner, REPEATS, TOGETHER, Watcher};
use crate::drive::settings::{DriveSettings, Mode, NOVOS};
use crate::drive::vm::{self, Entry};
use crate::error::{During as _, Error};

/// Folders read from the store at once.
const PAGE: usize = 500;
/// Files whose journeys begin in one commit.
const AT_ONCE: usize = 50;

/// What the rest of the concern has to do with the VM's side.
pub(super) struct Vm {
    hints: Arc<Hints>,
    /// Users whose `novos` has no watch.
    unwatched: Mutex<std::collections::BTreeSet<UserId>>,
    /// Folders that are looked into.
    known: AtomicUsize,
    /// Watches at most: the system has a limit of its own.
    most: usize,
    /// How often all of them were looked into.
    looks: AtomicU64,
}

impl Vm {
    pub(super) fn new(most: usize) -> Self {
        Self {
            hints: Arc::default(),
            unwatched: Mutex::default(),
            known: AtomicUsize::new(0),
            most,
            looks: AtomicU64::new(0),
        }
    }

    /// Has all of them looked into now.
    pub(super) fn poke(&self) {
        self.hints.everything();
    }
}

impl Watcher {
    /// Looks at the VM's side again and again.
    pub async fn work_on_vm(&self) -> Result<(), Error> {
        tokio::select! {
            biased;
            () = self.0.stop.cancelled() => Ok(()),
            ended = self.0.watch_vm() => ended,
        }
    }

    /// Whether files that this user drops on the VM are noticed at once, or at
    /// intervals.
    pub(in crate::drive) fn is_watched(&self, user: UserId) -> bool {
        !self.0.vm.unwatched.lock().contains(&user)
    }

    /// How many folders on the VM are watched, and how many are looked into at
    /// intervals alone.
    pub(in crate::drive) fn folders_on_vm(&self) -> (usize, usize) {
        let polled = self.0.vm.unwatched.lock().len();
        (self.0.vm.known.load(Ordering::Relaxed).saturating_sub(polled), polled)
    }

    /// How often all of the VM's side was looked into.
    #[cfg(test)]
    pub(in crate::drive) fn looks_on_vm(&self) -> u64 {
        self.0.vm.looks.load(Ordering::Relaxed)
    }
}

impl Inner {
    async fn watch_vm(&self) -> Result<(), Error> {
        let mut following = self.settings.clone();
        let mut hall = Hall::new(Eyes::open(self.vm.hints.clone(), self.vm.most));
        let mut whole: Option<Instant> = None;
        loop {
            let settings = following.borrow_and_update().clone();
            let poll = Duration::from_secs(settings.poll_seconds.max(1).into());
            if settings.mode == Mode::Off {
                (hall, whole) = (hall.emptied(), None);
            } else {
                let hinted = self.vm.hints.take();
                let made = self.left.take_made();
                let all = hinted.all || whole.is_none_or(|last| last.elapsed() >= poll);
                let dirs = if all {
                    whole = Some(Instant::now());
                    self.all_halls(&mut hall).await?
                } else {
                    let mut dirs = hall.hinted(&hinted.paths, self.shell.now());
                    for user in made {
                        dirs.extend(self.new_hall(&mut hall, user).await?);
                    }
                    dirs
                };
                for dir in dirs {
                    self.look_into(&mut hall, &dir).await?;
                }
                if all {
                    self.count(&hall);
                    self.vm.looks.fetch_add(1, Ordering::Relaxed);
                }
            }
            let next = whole.map_or(poll, |last| poll.saturating_sub(last.elapsed()));
            let due = hall.next().map(|due| due.since(self.shell.now()).max(TOGETHER));
            self.rest_on_vm(due.map_or(next, |due| due.min(next)), &mut following).await;
        }
    }

    async fn rest_on_vm(
        &self,
        pause: Duration,
        following: &mut watch::Receiver<Arc<DriveSettings>>,
    ) {
        let changed = async {
            if following.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = sleep(pause) => {}
            // What comes at once is looked at together.
            () = self.vm.hints.wait() => sleep(TOGETHER).await,
            () = self.left.wait_made() => sleep(TOGETHER).await,
            () = changed => {}
        }
    }

    /// Takes in which folders there are, and answers them all.
    async fn all_halls(&self, hall: &mut Hall) -> Result<Vec<PathBuf>, Error> {
        let (mut known, mut after) = (Vec::new(), None);
        loop {
            let query = Query::all().limit(PAGE).after(after);
            let page = self.shell.store.page::<Folders>(&query).await;
            let page = page.during("listing folders on the VM")?;
            for row in &page.rows {
                known.extend(novos_of(&row.row).map(|dir| (dir, row.key)));
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        hall.know(known);
        Ok(hall.dirs())
    }

    /// Takes in folders that were made just now.
    async fn new_hall(&self, hall: &mut Hall, user: UserId) -> Result<Option<PathBuf>, Error> {
        let folder = self.shell.store.get::<Folders>(&user).await;
        let folder = folder.during("reading a user's folders")?;
        let dir = folder.and_then(|folder| novos_of(&folder.row));
        if let Some(dir) = &dir {
            hall.learn(dir, user);
        }
        Ok(dir)
    }

    /// Tells how many are watched.
    fn count(&self, hall: &Hall) {
        let unwatched = hall.unwatched();
        #[expect(clippy::cast_precision_loss, reason = "a count of folders")]
        for (state, count) in
            [("watched", hall.len() - unwatched.len()), ("polled", unwatched.len())]
        {
            metrics::gauge!("zelador_drive_folders_on_vm", "state" => state).set(count as f64);
        }
        self.vm.known.store(hall.len(), Ordering::Relaxed);
        *self.vm.unwatched.lock() = unwatched;
    }

    async fn look_into(&self, hall: &mut Hall, dir: &Path) -> Result<(), Error> {
        let Some(user) = hall.user(dir) else { return Ok(()) };
        let ready = loop {
            let path = dir.to_owned();
            let scanned = match vm::aside(move || vm::scan(&path)).await {
                Ok(scanned) => scanned,
                Err(error) => {
                    hall.lost(dir, &error);
                    return Ok(());
                }
            };
            match hall.step(dir, scanned, self.shell.now()) {
                Step::Files(files) => break files,
                // A watch began just now: what came before it is found.
                Step::Again => {}
            }
        };
        for files in ready.chunks(AT_ONCE) {
            if self.begin_on_vm(user, dir, files).await? {
                hall.begun(dir, files);
            }
        }
        Ok(())
    }

    /// Begins the journeys of files that stand still; answers whether they are begun:
    /// while the folders are being made, they are not.
    async fn begin_on_vm(&self, user: UserId, dir: &Path, files: &[Entry]) -> Result<bool, Error> {
        let mut left = REPEATS;
        loop {
            let store = &self.shell.store;
            let folder = store.get::<Folders>(&user).await.during("reading folders")?;
            let Some(folder) = folder.filter(|folder| folder.row.state == FolderState::Ready)
            else {
                return Ok(false);
            };
            let mut begin = Beginnings::default();
            for entry in files {
                let place = dir.join(&entry.name).display().to_string();
                let version = vm::version_of(&place, &entry.print);
                self.begun(&folder, &Found::on_vm(dir, entry, version), &mut begin).await?;
            }
            if begin.write.is_empty() {
                return Ok(true);
            }
            match store.commit(begin.write).await {
                Ok(_) => return Ok(true),
                Err(error) if error.is_conflict() && left > 0 => left -= 1,
                Err(error) => return Err(Error::from_store("taking in files on the VM", error)),
            }
        }
    }
}

/// Where users drop files on the VM, as events name it: from the root.
fn novos_of(folder: &Folder) -> Option<PathBuf> {
    std::path::absolute(folder.part(NOVOS)?.path.as_deref()?).ok()
}
