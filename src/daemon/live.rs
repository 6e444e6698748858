//! What follows the configuration while the daemon runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use zelador_actors::engine::events::EventDesk;
use zelador_actors::identity::keys::Keys;

use super::keys::{OwnKeys, signing_keys};
use crate::api::Api;
use crate::config::Config;
use crate::telemetry::{Metrics, Telemetry};

/// How often samples are folded away when nobody reads the metrics.
const UPKEEP: Duration = Duration::from_secs(5);

/// A part of the configuration: changes only when that part does.
pub(super) fn part<P: PartialEq + Send + Sync + 'static>(
    mut config: watch::Receiver<Arc<Config>>,
    of: impl Fn(&Config) -> P + Send + 'static,
) -> watch::Receiver<Arc<P>> {
    let (sender, receiver) = watch::channel(Arc::new(of(&config.borrow_and_update())));
    tokio::spawn(async move {
        while config.changed().await.is_ok() {
            let next = of(&config.borrow_and_update());
            if sender.is_closed() {
                return;
            }
            sender.send_if_modified(|old| {
                let changed = **old != next;
                if changed {
                    *old = Arc::new(next);
                }
                changed
            });
        }
    });
    receiver
}

/// The keys that sign and verify; changed keys are in force at once.
pub(super) fn keys(
    mut config: watch::Receiver<Arc<Config>>,
    own: OwnKeys,
) -> watch::Receiver<Arc<Keys>> {
    let mut seen = config.borrow_and_update().auth.clone();
    let (sender, receiver) = watch::channel(Arc::new(signing_keys(&seen, &own)));
    tokio::spawn(async move {
        while config.changed().await.is_ok() {
            let auth = config.borrow_and_update().auth.clone();
            if auth != seen {
                sender.send_replace(Arc::new(signing_keys(&auth, &own)));
                seen = auth;
            }
        }
    });
    receiver
}

/// The edge takes over changed settings.
pub(super) async fn follow_edge(mut config: watch::Receiver<Arc<Config>>, api: Api) {
    while config.changed().await.is_ok() {
        let settings = config.borrow_and_update().api.clone();
        api.configure(&settings);
    }
}

/// The log takes over a changed level.
pub(super) async fn follow_level(mut config: watch::Receiver<Arc<Config>>, telemetry: Telemetry) {
    while config.changed().await.is_ok() {
        let level = config.borrow_and_update().telemetry.level.clone();
        if let Err(error) = telemetry.set_level(&level) {
            tracing::error!(%error, "the log level stays as it was");
        }
    }
}

/// Keeps the metrics small, and those up to date that nobody else sees to.
pub(super) async fn upkeep(metrics: Metrics, events: EventDesk) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        if let Err(error) = events.show_lags().await {
            tracing::debug!(error = error.chain(), "consumers cannot be read");
        }
        metrics.upkeep();
    }
}
