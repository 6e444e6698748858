//! An engine that gives way before and after everything it does, so that a task
//! on it can be ended between any two steps, also between a commit and its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use zelador_store::kv::memory::Memory;
use zelador_store::kv::{Batch, EngineError, Health, Receipt, Span};
use zelador_store::{Engine, Store};

use crate::engine::Shell;
use crate::testkit::World;

/// See the module.
pub(crate) struct Stutter {
    memory: Arc<Memory>,
    applied: AtomicU64,
}

impl Stutter {
    /// The same world on an engine that stutters.
    pub(crate) fn under(world: &World) -> (Shell, Arc<Self>) {
        let engine = Arc::new(Self { memory: world.memory.clone(), applied: AtomicU64::new(0) });
        let store = Store::new(engine.clone());
        (Shell { store, ..world.shell.clone() }, engine)
    }

    /// Batches applied so far.
    pub(crate) fn applied(&self) -> u64 {
        self.applied.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Engine for Stutter {
    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        tokio::task::yield_now().await;
        self.memory.get(key).await
    }

    async fn scan(
        &self,
        span: &Span,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, EngineError> {
        tokio::task::yield_now().await;
        self.memory.scan(span, limit).await
    }

    async fn apply(&self, batch: Batch) -> Result<Receipt, EngineError> {
        tokio::task::yield_now().await;
        let receipt = self.memory.apply(batch).await;
        self.applied.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        receipt
    }

    fn health(&self) -> Health {
        self.memory.health()
    }
}
