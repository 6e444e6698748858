//! The desk: the consumers there are, and their rows.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use zelador_store::event::{Consumer, Consumers};
use zelador_store::{Query, Stored, Write};

use super::consumer::{Begin, Consume};
use super::outlet::Outlet;
use super::tail::Tail;
use crate::engine::Shell;
use crate::error::{During, Error, Refusal};

/// Rows of consumers read at once; there are a handful.
const PAGE: usize = 1000;

/// How often a command is decided anew because others were faster.
pub(super) const REPEATS: usize = 20;

/// The event log and its consumers; clones are the same one.
#[derive(Clone)]
pub struct EventDesk(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) shell: Shell,
    pub(super) consumers: Vec<Arc<dyn Consume>>,
    pub(super) outlets: Vec<Arc<dyn Outlet>>,
    pub(super) closing: CancellationToken,
    /// Up to which event each consumer notes what it is about to handle.
    pub(super) wary: Mutex<HashMap<&'static str, u64>>,
    pub(super) tail: Tail,
}

impl EventDesk {
    /// A desk that does nothing yet; each consumer's loop is [`EventDesk::work`].
    pub fn new(shell: Shell, consumers: Vec<Arc<dyn Consume>>) -> Self {
        Self::with_outlets(shell, consumers, Vec::new())
    }

    /// The same, which also sends to these.
    pub fn with_outlets(
        shell: Shell,
        consumers: Vec<Arc<dyn Consume>>,
        outlets: Vec<Arc<dyn Outlet>>,
    ) -> Self {
        let (closing, wary) = (CancellationToken::new(), Mutex::default());
        let tail = Tail::default();
        Self(Arc::new(Inner { shell, consumers, outlets, closing, wary, tail }))
    }

    /// The names of the consumers, each with a loop to keep running.
    pub fn names(&self) -> Vec<&'static str> {
        let consumers = self.0.consumers.iter().map(|consumer| consumer.name());
        consumers.chain(self.0.outlets.iter().map(|outlet| outlet.name())).collect()
    }

    /// Ends every loop after the event that it is handling.
    pub fn stop(&self) {
        self.0.closing.cancel();
    }

    /// Makes a row for every consumer that has none. To be called before anything
    /// is appended at a start, so that no consumer misses what came before its
    /// first turn; their loops do it as well.
    pub async fn attach(&self) -> Result<(), Error> {
        for consumer in &self.0.consumers {
            self.place(consumer.as_ref()).await?;
        }
        for outlet in self.0.outlets.iter().filter(|outlet| outlet.is_on()) {
            self.outlet_place(outlet.name()).await?;
        }
        Ok(())
    }

    pub(super) fn consumer(&self, name: &str) -> Result<&Arc<dyn Consume>, Error> {
        let found = self.0.consumers.iter().find(|consumer| consumer.name() == name);
        found.ok_or_else(|| Refusal::Absent { what: "consumer" }.into())
    }

    /// Whether this release has such a consumer.
    pub(super) fn has(&self, name: &str) -> bool {
        self.consumer(name).is_ok() || self.outlet(name).is_some()
    }

    /// Refuses the name of no consumer, built-in or external.
    pub(super) async fn exists(&self, name: &str) -> Result<(), Error> {
        if self.has(name) || self.external(name).await?.is_some() {
            return Ok(());
        }
        Err(Refusal::Absent { what: "consumer" }.into())
    }

    /// Where a consumer stands.
    pub(super) async fn place(&self, consumer: &dyn Consume) -> Result<Stored<Consumers>, Error> {
        for _ in 0..REPEATS {
            if let Some(stored) = self.row(consumer.name()).await? {
                return Ok(stored);
            }
            let cursor = match consumer.begins() {
                Begin::Oldest => 0,
                Begin::Now => self.tip().await?,
            };
            let row = Consumer { cursor, ..Consumer::default() };
            let mut write = Write::new();
            write.insert::<Consumers>(&consumer.name().to_owned(), &row);
            self.commit(write, "placing a consumer").await?;
        }
        Err(busy())
    }

    pub(super) async fn row(&self, name: &str) -> Result<Option<Stored<Consumers>>, Error> {
        self.0.shell.store.get::<Consumers>(&name.to_owned()).await.during("reading a consumer")
    }

    pub(super) async fn rows(&self) -> Result<Vec<Stored<Consumers>>, Error> {
        let page = self.0.shell.store.page::<Consumers>(&Query::all().limit(PAGE)).await;
        Ok(page.during("listing consumers")?.rows)
    }

    /// Commits; whether nobody was faster.
    pub(super) async fn commit(&self, write: Write, doing: &'static str) -> Result<bool, Error> {
        match self.0.shell.store.commit(write).await {
            Err(error) if error.is_conflict() => Ok(false),
            other => other.during(doing).map(|_| true),
        }
    }
}

pub(super) fn busy() -> Error {
    Error::Busy { what: "consumer", retry_after: std::time::Duration::from_secs(1) }
}
