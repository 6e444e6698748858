//! What the daemon told at one moment.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use zelador_store::Timestamp;

/// All that is drawn from.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Look {
    /// How the daemon does.
    pub(super) status: Status,
    /// Its queues.
    pub(super) queues: Vec<Queue>,
    /// Jobs that are being worked on.
    pub(super) running: Vec<Job>,
    /// Jobs that were given up, the newest first.
    pub(super) failed: Vec<Job>,
    /// The newest jobs, or those that the filter asks for.
    pub(super) jobs: Vec<Job>,
}

/// `GET /status`, as far as it is drawn.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    #[serde(deserialize_with = "clean")]
    pub(super) version: String,
    pub(super) uptime_seconds: u64,
    pub(super) store_bytes: u64,
    pub(super) config_error: Option<String>,
    pub(super) actors: Vec<Actor>,
    pub(super) consumers: Vec<Consumer>,
    pub(super) sandbox: Vec<String>,
}

/// A part of the daemon.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Actor {
    #[serde(deserialize_with = "clean")]
    pub(super) name: String,
    pub(super) up: bool,
    pub(super) restarts: u64,
    pub(super) mailbox: u64,
}

/// A reader of the event log.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Consumer {
    #[serde(deserialize_with = "clean")]
    pub(super) name: String,
    pub(super) cursor: u64,
    pub(super) lag: u64,
    pub(super) parked: u64,
}

/// A lane of jobs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Queue {
    #[serde(deserialize_with = "clean")]
    pub(super) name: String,
    pub(super) paused: bool,
    pub(super) concurrency: u32,
    pub(super) ready: u64,
    pub(super) scheduled: u64,
    pub(super) running: u64,
    pub(super) failed: u64,
    /// Jobs that succeed per minute.
    pub(super) throughput: f64,
    pub(super) oldest_wait_seconds: Option<f64>,
}

/// A piece of work.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Job {
    #[serde(deserialize_with = "clean")]
    pub(super) id: String,
    #[serde(deserialize_with = "clean")]
    pub(super) kind: String,
    #[serde(deserialize_with = "clean")]
    pub(super) queue: String,
    #[serde(deserialize_with = "clean")]
    pub(super) state: String,
    pub(super) args: Value,
    pub(super) tries: u64,
    pub(super) max_tries: u64,
    pub(super) run_at: Option<Timestamp>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) progress: Option<Progress>,
    #[serde(deserialize_with = "maybe_clean")]
    pub(super) error: Option<String>,
    pub(super) history: Vec<Try>,
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Progress {
    pub(super) done: u64,
    pub(super) total: u64,
    #[serde(deserialize_with = "clean")]
    pub(super) text: String,
}

/// One try of a job.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Try {
    #[serde(rename = "try")]
    pub(super) number: u64,
    #[serde(deserialize_with = "clean")]
    pub(super) outcome: String,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    #[serde(deserialize_with = "maybe_clean")]
    pub(super) error: Option<String>,
}

impl Job {
    /// Whether any of what is shown of it holds these words, whatever their case.
    pub(super) fn is_about(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        let error = self.error.as_deref().unwrap_or_default();
        [self.kind.as_str(), &self.queue, &self.id, &self.state, error]
            .iter()
            .any(|text| text.to_lowercase().contains(&words))
    }
}

/// Nothing in it moves the cursor or breaks the line.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn clean<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(harmless(&Option::<String>::deserialize(from)?.unwrap_or_default()))
}

fn maybe_clean<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(|text| harmless(&text)))
}
