//! What is up and what is down, for `/status`, `/ready` and the watchdog.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use zelador_store::Timestamp;

/// How one part is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The concern it belongs to: `users`, `engine`, ….
    pub concern: &'static str,
    /// Whether it works; a part that fell and is being started again does not.
    pub up: bool,
    /// It fell too often and is tried again slowly.
    pub down: bool,
    /// How often it was started again since the daemon began.
    pub restarts: u64,
    /// Messages that wait for it.
    pub waiting: usize,
    /// What it said when it fell last.
    pub last_fall: Option<(Timestamp, String)>,
}

/// All parts by name; clones are the same board.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<BTreeMap<String, Part>>>);

impl Board {
    /// A copy of everything.
    pub fn parts(&self) -> BTreeMap<String, Part> {
        self.0.lock().clone()
    }

    /// Whether every part of a concern works.
    pub fn is_up(&self, concern: &str) -> bool {
        self.0.lock().values().filter(|part| part.concern == concern).all(|part| part.up)
    }

    /// The concerns that are marked down.
    pub fn down(&self) -> Vec<&'static str> {
        let parts = self.0.lock();
        let mut down: Vec<_> =
            parts.values().filter(|part| part.down).map(|part| part.concern).collect();
        down.dedup();
        down
    }

    pub(super) fn change(&self, name: &str, concern: &'static str, change: impl FnOnce(&mut Part)) {
        let mut parts = self.0.lock();
        let part = parts.entry(name.to_owned()).or_insert(Part {
            concern,
            up: true,
            down: false,
            restarts: 0,
            waiting: 0,
            last_fall: None,
        });
        change(part);
    }

    pub(super) fn fell(&self, name: &str, concern: &'static str, at: Timestamp, word: &str) {
        metrics::counter!("zelador_actor_restarts_total", "actor" => name.to_owned()).increment(1);
        self.change(name, concern, |part| {
            part.restarts += 1;
            part.last_fall = Some((at, word.to_owned()));
        });
    }
}
