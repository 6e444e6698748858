//! The thread behind the committer: drains frozen layers to sled, writes bases,
//! lets go of journal that is no longer needed, looks at the disk.
//!
//! sled changes here and nowhere else. A drain that fails is begun again: its
//! changes are whole values, and until it ends the frozen layer hides them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::base::{self, Base, Moment};
use super::files::{Checkpoint, failed};
use super::layers::Layer;
use super::shared::Shared;
use crate::kv::engine::EngineError;

/// How often the keeper looks up when nothing happens.
const TICK: Duration = Duration::from_secs(1);
/// For how long no base is begun after one was given up. Begun again at every
/// lull of a long burst, bases that never end took a fifth of the processor.
const LET_BE: Duration = Duration::from_secs(20);
/// Keys that sled is given between two looks at whether to end.
const CHUNK: usize = 512;
/// Free bytes without which no drain begins, beside twice what it
/// writes: sled does not survive a full disk, and rewrites what it touches.
const MARGIN: u64 = 4 * 1024 * 1024;

/// The keeper of one store.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    idle_ticks: u32,
    /// When a base was last given up.
    given_up: Option<Instant>,
}

impl Keeper {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, idle_ticks: 0, given_up: None }
    }

    /// Works until the committer has ended and everything is drained.
    pub(super) fn run(mut self) {
        self.look_at_disk();
        loop {
            let before = self.shared.drain.lock().drained;
            self.shared.wait(TICK, |drain| drain.frozen.is_some() || drain.stopped);
            if self.shared.is_halted() {
                return;
            }
            let stopped = self.shared.drain.lock().stopped;
            let done = match self.shared.frozen() {
                // What did not fit does not fit before there is room, and each try
                // leaves sled less to be opened with.
                Some(_) if !stopped && self.shared.read_only.read().is_some() => {
                    self.pause();
                    Ok(())
                }
                Some((layer, group)) => self.drain(&layer, group),
                None if stopped => return,
                None => Ok(()),
            };
            if let Err(error) = done {
                self.stumble(&error);
                if self.shared.drain.lock().stopped {
                    return;
                }
                self.pause();
            }
            self.tick(before);
        }
    }

    /// Not to try again at once.
    fn pause(&self) {
        let mut drain = self.shared.drain.lock();
        self.shared.news.wait_for(&mut drain, TICK / 4);
    }

    fn stumble(&self, error: &EngineError) {
        match error {
            EngineError::Damaged { path, detail } => {
                tracing::error!(path = %path.display(), detail, "sled is damaged");
                self.shared.refuse("the store is damaged: run `zelador repair`");
            }
            error => self.shared.stumble(error),
        }
    }

    fn drain(&self, layer: &Layer, group: u64) -> Result<(), EngineError> {
        let began = Instant::now();
        self.make_room(layer)?;
        self.begin();
        if let Err(error) = self.apply(layer, group) {
            if matches!(error, EngineError::Full) {
                // Reads need it; the drain is begun again when there is room.
                self.shared.index.heal(self.shared.index.generation())?;
            }
            return Err(error);
        }
        let shared = &self.shared;
        shared.files.write_checkpoint(&Checkpoint::new(
            &shared.store,
            group,
            &shared.options.release,
        ))?;
        shared.index.changed(layer.changes());
        shared.layers.write().frozen = None;
        {
            let mut drain = shared.drain.lock();
            drain.draining = false;
            drain.frozen = None;
            drain.drained = group;
        }
        shared.news.notify_all();
        metrics::histogram!("zelador_store_drain_seconds").record(began.elapsed().as_secs_f64());
        Ok(())
    }

    /// Waits until nobody reads sled as of the last drain, and lets nobody begin.
    fn begin(&self) {
        let mut drain = self.shared.drain.lock();
        while drain.holds > 0 && !self.shared.is_halted() {
            self.shared.news.wait_for(&mut drain, TICK);
        }
        drain.draining = true;
    }

    fn apply(&self, layer: &Layer, group: u64) -> Result<(), EngineError> {
        let mut changes = layer.changes();
        let mut chunk = Vec::with_capacity(CHUNK);
        loop {
            chunk.clear();
            chunk.extend(changes.by_ref().take(CHUNK));
            if chunk.is_empty() {
                break;
            }
            if self.shared.is_halted() {
                return Err(EngineError::Closed);
            }
            self.shared.index.apply(chunk.iter().copied())?;
        }
        self.shared.index.finish(group)
    }

    /// Refuses to begin what may not fit.
    fn make_room(&self, layer: &Layer) -> Result<(), EngineError> {
        let shared = &self.shared;
        let need = MARGIN + 2 * layer.bytes() as u64;
        let free = shared.files.disk.free_space(&shared.files.dir);
        let free = free.map_err(failed("asking for free space beside", &shared.files.dir))?;
        shared.free_bytes.store(free, Ordering::Relaxed);
        if free < need { Err(EngineError::Full) } else { Ok(()) }
    }

    fn tick(&mut self, drained_before: u64) {
        let shared = &self.shared;
        let drained = shared.drain.lock().drained;
        let group = shared.layers.read().group;
        if drained == drained_before && drained < group {
            self.idle_ticks += 1;
        } else {
            self.idle_ticks = 0;
        }
        if self.idle_ticks >= shared.options.idle_seconds {
            self.idle_ticks = 0;
            shared.want_drained(group);
        }
        self.look_at_disk();
        if shared.read_only.read().is_some() {
            return;
        }
        let moment = match self.given_up {
            Some(at) if at.elapsed() < LET_BE => Moment::Not,
            _ if drained == drained_before => Moment::Quiet,
            _ => Moment::Busy,
        };
        match base::tend(shared, moment) {
            Ok(Base::GivenUp) => self.given_up = Some(Instant::now()),
            Ok(Base::Written) => self.given_up = None,
            Ok(Base::NotNow) => {}
            Err(error) => self.stumble(&error),
        }
    }

    fn look_at_disk(&self) {
        let shared = &self.shared;
        if let Ok(free) = shared.files.disk.free_space(&shared.files.dir) {
            shared.free_bytes.store(free, Ordering::Relaxed);
            base::tend_ballast(shared, free);
        }
        let journal = base::journal_bytes(&shared.files);
        metrics::gauge!("zelador_store_journal_bytes").set(count(journal));
        shared.disk_bytes.store(journal + base::disk_bytes(&shared.files), Ordering::Relaxed);
    }
}

/// Exact up to 2^32 KiB, and rounded to KiB.
fn count(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) * 1024.0
}
