//! What `/ready`, `/status` and `/metrics` tell, gathered from the parts.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;
use zelador_actors::engine::supervisor::Board;
use zelador_store::Timestamp;
use zelador_store::job::JobState;
use zelador_store::kv::Engine;
use zelador_store::kv::embedded::Embedded;

use crate::api::doors::Doors;
use crate::api::health::{
    ActorStatus, Checks, Configuration, ConsumerStatus, NoticeStatus, QueueStatus, Status, Vitals,
    WebhookStatus,
};
use crate::config::{Config, ConfigState, Watch};
use crate::telemetry::Metrics;

/// Parts without which nobody can be served.
const NEEDED: [&str; 3] = ["database", "users", "booking"];

/// Less free space than this is worth a word.
const LOW_DISK: u64 = 64 * 1024 * 1024;

/// Gathers the facts.
pub(super) struct Report {
    doors: Doors,
    engine: Arc<Embedded>,
    board: Board,
    config: watch::Receiver<ConfigState>,
    settings: watch::Receiver<Arc<Config>>,
    metrics: Metrics,
    started_at: Timestamp,
}

impl Report {
    pub(super) fn gather(
        doors: &Doors,
        engine: &Arc<Embedded>,
        board: Board,
        config: &Watch,
        metrics: Metrics,
    ) -> Arc<dyn Vitals> {
        Arc::new(Self {
            started_at: doors.shell.now(),
            doors: doors.clone(),
            engine: engine.clone(),
            board,
            config: config.state(),
            settings: config.config(),
            metrics,
        })
    }

    async fn queues(&self) -> Vec<QueueStatus> {
        let queues = self.doors.jobs.queues().await.unwrap_or_else(|error| {
            tracing::warn!(error = error.chain(), "the queues cannot be read");
            Vec::new()
        });
        queues
            .into_iter()
            .map(|queue| QueueStatus {
                paused: queue.paused,
                ready: queue.count(JobState::Ready),
                scheduled: queue.count(JobState::Scheduled),
                running: queue.count(JobState::Running),
                failed: queue.count(JobState::Failed),
                name: queue.name,
            })
            .collect()
    }

    fn notices(&self) -> NoticeStatus {
        let health = self.doors.notices.health();
        NoticeStatus {
            email: health.email,
            gateway: health.gateway,
            error: health.error,
            texts: health.overridden,
            text_problems: health.problems.iter().map(ToString::to_string).collect(),
        }
    }

    fn webhooks(&self) -> WebhookStatus {
        let status = self.doors.webhooks.courier().status();
        WebhookStatus {
            running: status.running as u64,
            waiting: status.waiting as u64,
            delivered: status.delivered,
            failed: status.failed,
        }
    }

    async fn consumers(&self) -> Vec<ConsumerStatus> {
        let consumers = self.doors.events.consumers().await.unwrap_or_else(|error| {
            tracing::warn!(error = error.chain(), "the consumers cannot be read");
            Vec::new()
        });
        consumers
            .into_iter()
            .map(|consumer| ConsumerStatus {
                cursor: consumer.row.cursor,
                lag: consumer.lag,
                parked: consumer.parked,
                name: consumer.name,
            })
            .collect()
    }
}

impl Report {
    /// What `/ready` says, as numbers: an alarm asks for nothing else.
    #[expect(clippy::cast_precision_loss, reason = "petabytes fit a double")]
    fn measure(&self) {
        let health = self.engine.health();
        let flag = |is: bool| f64::from(u8::from(is));
        metrics::gauge!("zelador_store_read_only").set(flag(health.read_only.is_some()));
        metrics::gauge!("zelador_store_disk_bytes").set(health.disk_bytes as f64);
        metrics::gauge!("zelador_disk_free_bytes").set(health.free_bytes as f64);
        let refused = self.config.borrow().error.is_some();
        metrics::gauge!("zelador_config_refused").set(flag(refused));
        metrics::gauge!("zelador_parts_down").set(self.board.down().len() as f64);
    }
}

#[async_trait]
impl Vitals for Report {
    async fn checks(&self) -> Checks {
        let mut checks = Checks::default();
        let mut note = |part: &'static str, reason: Option<String>| {
            checks.parts.insert(part, reason.is_none());
            if let Some(reason) = reason {
                checks.reasons.insert(part, reason);
            }
        };
        let health = self.engine.health();
        note("database", health.read_only);
        let low = health.free_bytes > 0 && health.free_bytes < LOW_DISK;
        note("disk", low.then(|| format!("only {} bytes are free", health.free_bytes)));
        note("config", self.config.borrow().error.clone());
        // It is true where it is not configured.
        note("redis", self.doors.events.trouble("redis"));
        let down = self.board.down();
        note("supervisor", (!down.is_empty()).then(|| format!("down: {}", down.join(", "))));
        let mut concerns: Vec<&'static str> =
            self.board.parts().values().map(|part| part.concern).collect();
        concerns.sort_unstable();
        concerns.dedup();
        for concern in concerns {
            let is_down = down.contains(&concern);
            note(concern, is_down.then(|| "it fell too often and is tried every 30 s".to_owned()));
        }
        checks.ready = NEEDED.iter().all(|part| checks.parts.get(part).copied().unwrap_or(true));
        checks
    }

    async fn status(&self) -> Status {
        let actors = self.board.parts().into_iter().map(|(name, part)| ActorStatus {
            name,
            up: part.up,
            restarts: part.restarts,
            mailbox: part.waiting as u64,
        });
        let config = self.config.borrow().clone();
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_seconds: self.doors.shell.now().since(self.started_at).as_secs(),
            config_generation: config.generation,
            config_error: config.error,
            actors: actors.collect(),
            queues: self.queues().await,
            consumers: self.consumers().await,
            notifications: self.notices(),
            webhooks: self.webhooks(),
            store_bytes: self.engine.health().disk_bytes,
            sandbox: self.sandbox(),
        }
    }

    fn metrics(&self) -> String {
        self.measure();
        self.metrics.render()
    }

    fn sandbox(&self) -> Vec<String> {
        let settings = serde_json::to_value(&**self.settings.borrow()).unwrap_or_default();
        let sections = settings.as_object().into_iter().flatten();
        let made_up = sections.filter(|(_, section)| section["mode"] == "sandbox");
        made_up.map(|(concern, _)| concern.clone()).collect()
    }

    fn configuration(&self) -> Configuration {
        let state = self.config.borrow().clone();
        Configuration {
            generation: state.generation,
            loaded_at: Some(state.loaded_at),
            error: state.error,
            needs_restart: state.needs_restart.into_iter().map(str::to_owned).collect(),
            // Secrets print themselves masked.
            settings: serde_json::to_value(&**self.settings.borrow()).unwrap_or_default(),
        }
    }
}
