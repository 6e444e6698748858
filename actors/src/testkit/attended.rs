//! An engine at which somebody stands by: to count, to hold up, to go first.

use std::sync::Arc;

use async_trait::async_trait;
use zelador_store::Engine;
use zelador_store::kv::{Batch, Bytes, EngineError, Health, Pair, Receipt, Span};

/// What happens around what an engine is asked for; by itself nothing does.
#[async_trait]
pub trait Attendant: Send + Sync + 'static {
    /// Before a value is read.
    async fn before_get(&self) {}

    /// Before a page is read.
    async fn before_scan(&self) {}

    /// Once a page of this span is read, before it is answered.
    async fn after_scan(&self, _span: &Span) {}

    /// Before a batch is applied.
    async fn before_apply(&self) {}

    /// Once a batch is applied or refused, before it is answered.
    async fn after_apply(&self) {}
}

/// An engine with an attendant.
pub struct Attended<A> {
    engine: Arc<dyn Engine>,
    /// The attendant.
    pub by: A,
}

impl<A: Attendant> Attended<A> {
    /// The same engine, attended.
    pub fn new(engine: Arc<dyn Engine>, by: A) -> Arc<Self> {
        Arc::new(Self { engine, by })
    }
}

#[async_trait]
impl<A: Attendant> Engine for Attended<A> {
    async fn get(&self, key: &[u8]) -> Result<Option<Bytes>, EngineError> {
        self.by.before_get().await;
        self.engine.get(key).await
    }

    async fn scan(&self, span: &Span, limit: usize) -> Result<Vec<Pair>, EngineError> {
        self.by.before_scan().await;
        let found = self.engine.scan(span, limit).await;
        self.by.after_scan(span).await;
        found
    }

    async fn apply(&self, batch: Batch) -> Result<Receipt, EngineError> {
        self.by.before_apply().await;
        let applied = self.engine.apply(batch).await;
        self.by.after_apply().await;
        applied
    }

    fn health(&self) -> Health {
        self.engine.health()
    }
}
