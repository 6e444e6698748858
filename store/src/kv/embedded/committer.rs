//! The one writer: gathers what waits, checks it, journals it with one sync,
//! lets it be seen, answers.
//!
//! - Nothing is seen or answered before its group is durable.
//! - After a failed sync nothing is written, seen or answered any more.
//! - A full disk refuses everybody who waits and leaves no trace.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLockReadGuard;
use tokio::sync::oneshot;

use super::journal::{AppendError, Journal};
use super::layers::Layers;
use super::options::GROUP;
use super::queue::Taken;
use super::shared::{Request, Shared};
use super::stage::{Changes, Group, Staged, View};
use crate::kv::engine::{EngineError, Receipt};

/// How long the committer sleeps when nobody comes, and how often it looks
/// whether a full disk has room again.
const TICK: Duration = Duration::from_millis(500);
/// Bytes that must be free before a full disk counts as having room again.
const ROOM: u64 = 4 * 1024 * 1024;
/// Bytes written at once to find out.
const PROBE_PIECE: usize = 256 * 1024;

type Answer = (oneshot::Sender<Result<Receipt, EngineError>>, Receipt);

/// The state of the store as the groups so far left it.
struct Committed<'a> {
    layers: RwLockReadGuard<'a, Layers>,
    shared: &'a Shared,
}

impl View for Committed<'_> {
    fn look<R>(&self, key: &[u8], look: impl FnOnce(Option<&[u8]>) -> R) -> Result<R, EngineError> {
        match self.layers.get(key) {
            Some(slot) => Ok(look(slot.value().map(|value| &**value))),
            None => Ok(look(self.shared.index.get(key)?.as_deref())),
        }
    }
}

/// The committer of one store; lives on a thread of its own.
pub(super) struct Committer {
    shared: Arc<Shared>,
    journal: Journal,
}

impl Committer {
    pub(super) fn new(shared: Arc<Shared>, journal: Journal) -> Self {
        Self { shared, journal }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        loop {
            self.wait_for_room();
            let taken = self.shared.queue.take(GROUP, TICK);
            if self.shared.is_halted() {
                break;
            }
            match taken {
                Taken::Entries(requests) => self.commit(requests),
                Taken::Nothing => self.look_for_room(),
                Taken::Closed => break,
            }
            self.freeze_if_due();
        }
        self.stop();
    }

    /// Takes nothing while too much is undrained; meanwhile the queue fills,
    /// and writers are refused there.
    fn wait_for_room(&self) {
        let hard = self.shared.options.hard_bytes;
        while self.shared.layers.read().active.bytes() >= hard && !self.shared.is_halted() {
            if self.shared.read_only.read().is_some() {
                return;
            }
            self.shared.wait(TICK, |drain| drain.frozen.is_none());
            if self.shared.drain.lock().frozen.is_none() {
                return;
            }
        }
    }

    fn commit(&mut self, requests: Vec<Request>) {
        if self.shared.read_only.read().is_some() {
            return refuse(requests.into_iter().map(|request| request.answer));
        }
        metrics::histogram!("zelador_store_batch_size").record(count(requests.len()));
        let (changes, answers) = self.stage(requests);
        if changes.is_empty() {
            return confirm(answers);
        }
        let at = (self.shared.options.now)();
        match self.journal.append(at, changes.journalled()) {
            Ok(number) => {
                self.show(changes.into_all(), number);
                confirm(answers);
            }
            Err(AppendError::Full) => {
                self.shared.refuse("the disk is full");
                refuse(answers.into_iter().map(|(answer, _)| answer));
            }
            Err(AppendError::Fatal(error)) => self.shared.halt(&error),
        }
    }

    /// Checks the batches one after the other; tells those that failed.
    fn stage(&self, requests: Vec<Request>) -> (Changes, Vec<Answer>) {
        let view = Committed { layers: self.shared.layers.read(), shared: &self.shared };
        let mut group = Group::new(view);
        let mut answers = Vec::with_capacity(requests.len());
        for Request { batch, answer } in requests {
            match group.add(batch) {
                Ok(receipt) => answers.push((answer, receipt)),
                Err(error) => drop(answer.send(Err(error))),
            }
        }
        (group.finish(), answers)
    }

    /// Lets everybody see a durable group.
    fn show(&self, changes: Vec<Staged>, number: u64) {
        let mut layers = self.shared.layers.write();
        for Staged { key, value, fresh } in changes {
            layers.apply(key, value, fresh);
        }
        layers.group = number;
    }

    fn freeze_if_due(&mut self) {
        let options = &self.shared.options;
        let (bytes, group) = {
            let layers = self.shared.layers.read();
            (layers.active.bytes(), layers.group)
        };
        let full = bytes >= options.drain_bytes || self.journal.length() >= options.segment_bytes;
        let mut drain = self.shared.drain.lock();
        let wanted = full || drain.drained < drain.wanted;
        if drain.frozen.is_some() || !wanted || drain.drained == group {
            return;
        }
        if let Err(error) = self.journal.rotate() {
            drop(drain);
            return self.shared.stumble(&error);
        }
        self.shared.layers.write().freeze();
        drain.frozen = Some(group);
        drop(drain);
        self.shared.news.notify_all();
    }

    /// On a full disk: looks whether there is room again.
    fn look_for_room(&self) {
        if self.shared.read_only.read().is_none() {
            return;
        }
        let dir = &self.shared.files.dir;
        let undrained = self.shared.layers.read().undrained_bytes() as u64;
        let free = self.shared.files.disk.free_space(dir).unwrap_or(0);
        if free >= ROOM + 2 * undrained && self.probe().is_ok() {
            self.shared.accept();
        }
    }

    /// Quotas and reserves do not show in the free space, so as much is written.
    fn probe(&self) -> std::io::Result<()> {
        let path = self.shared.files.dir.join("probe");
        let disk = &self.shared.files.disk;
        let mut file = disk.create(&path)?;
        let piece = vec![0; PROBE_PIECE];
        let mut pieces = 0..ROOM.div_ceil(PROBE_PIECE as u64);
        let written = pieces.try_for_each(|_| file.append(&piece));
        drop(file);
        disk.remove(&path)?;
        written
    }

    fn stop(&mut self) {
        if self.shared.is_halted() {
            // Who still waits is told that the store is closed.
            while let Taken::Entries(rest) = self.shared.queue.take(GROUP, Duration::ZERO) {
                drop(rest);
            }
        } else {
            // What was refused a drain so far gets one at the end.
            while self.shared.drain.lock().frozen.is_some()
                && self.shared.read_only.read().is_none()
                && !self.shared.is_halted()
            {
                self.shared.wait(TICK, |drain| drain.frozen.is_none());
            }
            self.shared.want_drained(self.shared.layers.read().group);
            self.freeze_if_due();
        }
        self.shared.drain.lock().stopped = true;
        self.shared.news.notify_all();
    }
}

fn confirm(answers: Vec<Answer>) {
    for (answer, receipt) in answers {
        // A writer that went away does not take its batch with it.
        let _ = answer.send(Ok(receipt));
    }
}

fn refuse(answers: impl Iterator<Item = oneshot::Sender<Result<Receipt, EngineError>>>) {
    for answer in answers {
        let _ = answer.send(Err(EngineError::Full));
    }
}

fn count(entries: usize) -> f64 {
    f64::from(u32::try_from(entries).unwrap_or(u32::MAX))
}
