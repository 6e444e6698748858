//! A port whose calls are counted: how long, and how they ended.

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::time::Instant;

use super::port::Port;
use super::rules::{AccountId, Edit, Seen, ServerStatus, Trouble, Wanted};

/// Any port, measured.
pub(super) struct Metered<P>(pub(super) P);

async fn measured<T>(call: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let began = Instant::now();
    let result = call.await;
    let outcome = result.as_ref().map_or_else(|trouble| trouble.class.word(), |_| "ok");
    metrics::histogram!("zelador_upstream_request_seconds",
        "upstream" => "nextcloud", "outcome" => outcome)
    .record(began.elapsed().as_secs_f64());
    result
}

#[async_trait]
impl<P: Port> Port for Metered<P> {
    async fn status(&self) -> Result<ServerStatus, Trouble> {
        measured(self.0.status()).await
    }

    async fn find(&self, id: &AccountId) -> Result<Option<Seen>, Trouble> {
        measured(self.0.find(id)).await
    }

    async fn create(&self, wanted: &Wanted, password: &SecretString) -> Result<(), Trouble> {
        measured(self.0.create(wanted, password)).await
    }

    async fn edit(&self, id: &AccountId, edit: &Edit) -> Result<(), Trouble> {
        measured(self.0.edit(id, edit)).await
    }

    async fn delete(&self, id: &AccountId) -> Result<(), Trouble> {
        measured(self.0.delete(id)).await
    }

    async fn count(&self) -> Result<u64, Trouble> {
        measured(self.0.count()).await
    }

    async fn list(&self, offset: u64, limit: u32) -> Result<Vec<String>, Trouble> {
        measured(self.0.list(offset, limit)).await
    }

    fn has_scarce_edits(&self) -> bool {
        self.0.has_scarce_edits()
    }
}
