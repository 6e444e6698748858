//! What the service manager's watchdog is fed with: the proof that the store
//! takes writes and the job desk turns, not the mere life of a thread.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use zelador_actors::engine::jobs::JobDesk;
use zelador_store::kv::embedded::Embedded;
use zelador_store::kv::{Batch, Engine, EngineError};

use crate::signals::service;

/// How long the store may take to answer an empty batch.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Feeds the watchdog for as long as the parts it watches are alive.
pub(super) async fn feed(engine: Arc<Embedded>, jobs: JobDesk) {
    let Some(interval) = service::watchdog_interval() else { return };
    let mut turns = None;
    loop {
        let store = timeout(ANSWER_WITHIN, engine.apply(Batch::default())).await;
        // A full disk is told of elsewhere; a restart would not mend it.
        let answers = matches!(store, Ok(Ok(_) | Err(EngineError::Full | EngineError::Overloaded)));
        let turned = turns.replace(jobs.turns()) != Some(jobs.turns());
        if answers && turned {
            service::watchdog();
        } else {
            tracing::error!(store = answers, jobs = turned, "the watchdog is not fed");
        }
        tokio::time::sleep(interval).await;
    }
}
