//! For tests: a world with a store in memory, a clock moved by hand and seeded
//! chance.

use std::sync::Arc;
use std::time::Duration;

use zelador_store::kv::memory::Memory;
use zelador_store::{Store, Timestamp};

use crate::engine::{Clock, Dice, Hand, Shell};

/// How long [`eventually`] waits: far longer than anything takes on a machine
/// that does nothing else.
const PATIENCE: Duration = Duration::from_secs(30);

/// A store in memory, a clock moved by hand, seeded chance.
pub struct World {
    /// What shells are given.
    pub shell: Shell,
    /// Moves the clock.
    pub hand: Hand,
    /// The engine beneath the store.
    pub memory: Arc<Memory>,
}

impl World {
    /// A world that begins at 2025-12-01T12:00:00Z.
    pub fn new() -> Self {
        Self::at("2025-12-01T12:00:00Z")
    }

    /// A world that begins at an instant in RFC 3339.
    pub fn at(start: &str) -> Self {
        let start: Timestamp = start.parse().unwrap_or_default();
        let (clock, hand) = Clock::manual(start);
        let memory = Arc::new(Memory::new());
        let store = Store::new(memory.clone());
        Self { shell: Shell { store, clock, dice: Dice::seeded(7) }, hand, memory }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// Waits until `check` answers something.
///
/// # Panics
/// If it does not within a generous time.
#[track_caller]
pub fn eventually<T, F>(what: &str, check: F) -> impl Future<Output = T>
where
    F: AsyncFn() -> Option<T>,
{
    let asked_at = std::panic::Location::caller();
    let what = what.to_owned();
    async move {
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(found) = check().await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        let Ok(found) = found.await else {
            panic!("{what}: not within {PATIENCE:?} ({asked_at})");
        };
        found
    }
}
