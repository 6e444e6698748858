//! Who is faster than whom: a write that is held back while others go through.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::future::BoxFuture;
use tokio::sync::{Semaphore, SemaphorePermit};
use zelador_store::Store;

use super::World;
use super::attended::{Attendant, Attended};

/// Holds back one write while others go through.
struct Gate {
    hold_next: AtomicBool,
    held: Semaphore,
    open: Semaphore,
}

#[async_trait]
impl Attendant for Gate {
    async fn before_apply(&self) {
        if self.hold_next.swap(false, Ordering::SeqCst) {
            self.held.add_permits(1);
            // A gate that is gone is open.
            drop(self.open.acquire().await.map(SemaphorePermit::forget));
        }
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
    let gate =
        Gate { hold_next: AtomicBool::new(true), held: Semaphore::new(0), open: Semaphore::new(0) };
    let engine = Attended::new(world.memory.clone(), gate);
    let running = tokio::spawn(command(Store::new(engine.clone())));
    drop(engine.by.held.acquire().await.map(SemaphorePermit::forget));
    meanwhile.await;
    engine.by.open.add_permits(1);
    match running.await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
