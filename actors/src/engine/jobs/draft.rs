//! New jobs, as their authors describe them.

use serde::Serialize;
use zelador_store::Timestamp;
use zelador_store::id::{BatchId, TenantId, UserId};
use zelador_store::job::{Job, JobState};

use crate::engine::settings::kind_default;

/// The priority of a job that says nothing about it; 0 to 9, the higher first.
pub const DEFAULT_PRIORITY: u8 = 5;

/// A job that is about to be enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// What to do.
    pub kind: String,
    /// With what: a JSON object, as text.
    pub args: String,
    /// The lane; `None`: that of its kind.
    pub queue: Option<String>,
    /// Not before this instant; `None`: at once.
    pub run_at: Option<Timestamp>,
    /// 0 to 9, the higher first.
    pub priority: u8,
    /// While it is live, no other job may have the same.
    pub unique: Option<String>,
    /// The jobs it is started together with.
    pub batch: Option<BatchId>,
    /// Whose it is.
    pub tenant: Option<TenantId>,
    /// Whom it is about.
    pub user: Option<UserId>,
}

impl NewJob {
    /// A job of a kind. Arguments that cannot be written as JSON become `{}`,
    /// which the handler then refuses.
    pub fn new<A: Serialize>(kind: &str, args: &A) -> Self {
        Self {
            kind: kind.to_owned(),
            args: serde_json::to_string(args).unwrap_or_else(|_| "{}".into()),
            queue: None,
            run_at: None,
            priority: DEFAULT_PRIORITY,
            unique: None,
            batch: None,
            tenant: None,
            user: None,
        }
    }

    /// Not before this instant.
    pub fn at(mut self, run_at: Timestamp) -> Self {
        self.run_at = Some(run_at);
        self
    }

    /// The only live one of its key.
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique = Some(key.into());
        self
    }

    /// About a person.
    pub fn about(mut self, tenant: TenantId, user: UserId) -> Self {
        self.tenant = Some(tenant);
        self.user = Some(user);
        self
    }

    /// The row, ready to be enqueued.
    pub fn build(self, now: Timestamp) -> Job {
        let known = kind_default(&self.kind);
        let queue = self.queue.or_else(|| known.map(|row| row.queue.to_owned()));
        let run_at = self.run_at.unwrap_or(now);
        Job {
            queue: queue.unwrap_or_else(|| "default".to_owned()),
            state: if run_at <= now { JobState::Ready } else { JobState::Scheduled },
            priority: self.priority.min(9),
            args: self.args,
            run_at: Some(run_at),
            created_at: now,
            started_at: None,
            ended_at: None,
            tries: 0,
            max_tries: known.map_or(1, |row| u16::try_from(row.tries).unwrap_or(u16::MAX)),
            refunds: 0,
            batch: self.batch,
            unique: self.unique,
            tenant: self.tenant,
            user: self.user,
            checkpoint: None,
            checkpoint_try: 0,
            progress: None,
            cancel_requested: false,
            error: None,
            history: Vec::new(),
            kind: self.kind,
        }
    }
}
