//! For tests: a world with a store in memory, a clock moved by hand and seeded
//! chance.

pub mod attended;
mod gate;

use std::sync::Arc;
use std::time::Duration;

use zelador_store::event::Events;
use zelador_store::id::TenantId;
use zelador_store::kv::memory::Memory;
use zelador_store::user::{Permissions, Status, User, UserType};
use zelador_store::{Query, Store, Timestamp};

use crate::engine::events::kinds;
use crate::engine::{Clock, Dice, Hand, Shell};

pub use gate::overtaken;

/// A person of a tenant, of whom nothing but the name is known.
pub fn person(tenant: TenantId, name: &str, at: Timestamp) -> User {
    User {
        tenant,
        name: name.to_owned(),
        email: None,
        user_type: UserType::User,
        permissions: Permissions::default(),
        profile: "{}".to_owned(),
        phone: None,
        address: None,
        zone: None,
        code: None,
        id_number: None,
        id_wispro: None,
        plan_id: None,
        plan: None,
        role: 0,
        status: Status::Active,
        status_since: at,
        status_reason: None,
        status_changes: 0,
        planned: Vec::new(),
        leaves: Vec::new(),
        version: 1,
        created_at: at,
        updated_at: at,
        deleted_at: None,
    }
}

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
    _judge: Judge,
}

/// At the end of a test holds its events against their types. Those that a test
/// made up tell nobody who had it done, and are let be.
struct Judge(Store);

/// Events looked at, at most.
const JUDGED: usize = 5000;

impl Drop for Judge {
    fn drop(&mut self) {
        let log = Query::all().limit(JUDGED);
        let Ok(page) = futures::executor::block_on(self.0.page::<Events>(&log)) else { return };
        // Of somebody who is erased there is less than was told.
        let erased = page.rows.iter().filter(|event| event.row.kind == "user.erased");
        let erased: Vec<_> = erased.map(|event| event.row.user).collect();
        for event in page.rows.into_iter().map(|stored| stored.row) {
            let whole = event.data.contains("\"initiated_by\"") && !erased.contains(&event.user);
            if whole && !std::thread::panicking() {
                let flaw = kinds::undocumented(&event.kind, &event.data);
                assert!(flaw.is_none(), "{flaw:?}: {}", event.data);
            }
        }
    }
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
        let judge = Judge(store.clone());
        Self { shell: Shell { store, clock, dice: Dice::seeded(7) }, hand, memory, _judge: judge }
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
#[expect(clippy::panic, reason = "a test that waits in vain ends here")]
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
