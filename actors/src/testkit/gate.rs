//! Who is faster than whom: a write that is held back while others go through.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::future::BoxFuture;
use tokio::sync::{Semaphore, SemaphorePermit};
use zelador_store::Store;
use zelador_store::kv::memory::Memory;
use zelador_store::kv::{Batch, Engine, EngineError, Health, Receipt, Span};

use super::World;

/// An engine that holds back one write while others go through.
struct Gate {
    inner: Arc<Memory>,
    hold_next: AtomicBool,
    held: Semaphore,
    open: Semaphore,
}

#[async_trait]
impl Engine for Gate {
    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.inner.get(key).await
    }

    async fn scan(
        &self,
        span: &Span,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, EngineError> {
        self.inner.scan(span, limit).await
    }

    async fn apply(&self, batch: Batch) -> Result<Receipt, EngineError> {
        if self.hold_next.swap(false, Ordering::SeqCst) {
            self.held.add_permits(1);
            // A gate that is gone is open.
            drop(self.open.acquire().await.map(SemaphorePermit::forget));
        }
        self.inner.apply(batch).await
    }

    fn health(&self) -> Health {
        self.inner.health()
    }
}

/// Runs `command`, on a store of its own above the world's rows, up to its first
/// write, then `meanwhile`, then the rest.
///
/// # Panics
/// If the command does.
pub async fn overtaken<T: Send + 'static>(
    world: &World,
    command: impl FnOnce(Store) -> BoxFuture<'static, T>,
    meanwhile: impl Future<Output = ()>,
) -> T {
    let gate = Arc::new(Gate {
        inner: world.memory.clone(),
        hold_next: AtomicBool::new(true),
        held: Semaphore::new(0),
        open: Semaphore::new(0),
    });
    let running = tokio::spawn(command(Store::new(gate.clone())));
    drop(gate.held.acquire().await.map(SemaphorePermit::forget));
    meanwhile.await;
    gate.open.add_permits(1);
    match running.await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
