//! An engine that gives way before and after everything it does, so that a task
//! on it can be ended between any two steps, also between a commit and its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use tokio::task::yield_now;
use zelador_store::Store;

use crate::engine::Shell;
use crate::testkit::World;
use crate::testkit::attended::{Attendant, Attended};

/// See the module.
#[derive(Default)]
pub(crate) struct Stutter {
    applied: AtomicU64,
}

impl Stutter {
    /// The same world on an engine that stutters.
    pub(crate) fn under(world: &World) -> (Shell, Arc<Attended<Self>>) {
        let engine = Attended::new(world.memory.clone(), Self::default());
        let store = Store::new(engine.clone());
        (Shell { store, ..world.shell.clone() }, engine)
    }

    /// Batches applied so far.
    pub(crate) fn applied(&self) -> u64 {
        self.applied.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Attendant for Stutter {
    async fn before_get(&self) {
        yield_now().await;
    }

    async fn before_scan(&self) {
        yield_now().await;
    }

    async fn before_apply(&self) {
        yield_now().await;
    }

    async fn after_apply(&self) {
        self.applied.fetch_add(1, Ordering::SeqCst);
        yield_now().await;
    }
}
