//! What a kind of job must be able to do, and what it is given to do it with.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use zelador_store::id::JobId;
use zelador_store::job::{Job, Jobs};
use zelador_store::{Stored, Timestamp, Write};

use super::progress::ProgressBoard;
use crate::engine::Shell;
use crate::error::Error;

/// Why a try did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Another try may help.
    Retry {
        /// In words an operator can act on.
        error: String,
        /// Not sooner than this, if somebody said so.
        after: Option<Duration>,
    },
    /// Another try cannot help: bad input, a refusal for good.
    Permanent {
        /// In words an operator can act on.
        error: String,
    },
    /// Not now: this costs no try. `None`: until somebody decides.
    Snooze {
        /// Not before.
        until: Option<Timestamp>,
        /// What it waits for.
        reason: String,
    },
}

impl Failure {
    /// A failure that another try may mend.
    pub fn retry(error: impl std::fmt::Display) -> Self {
        Self::Retry { error: error.to_string(), after: None }
    }

    /// A failure for good.
    pub fn permanent(error: impl std::fmt::Display) -> Self {
        Self::Permanent { error: error.to_string() }
    }
}

/// A refusal is for good, everything else may mend.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::permanent(refusal),
            Error::Busy { retry_after, .. } => {
                Self::Retry { error: error.to_string(), after: Some(retry_after) }
            }
            other => Self::Retry { error: other.chain(), after: None },
        }
    }
}

impl From<zelador_store::Error> for Failure {
    fn from(error: zelador_store::Error) -> Self {
        Error::from_store("reading the store", error).into()
    }
}

/// The work of one kind of job.
///
/// A handler may run again after a crash, and within one try if what it read
/// was changed under it; a second run must do no harm.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Does the work. What it answers is committed together with the job's
    /// success. The future is dropped when the time is up or the job is called
    /// off.
    async fn run(&self, cx: JobCx) -> Result<Write, Failure>;

    /// Whether a try that took too long is the last one.
    fn fails_on_timeout(&self) -> bool {
        false
    }

    /// What else must be so once a job that has not started is called off;
    /// committed together with its end.
    async fn called_off(&self, _shell: &Shell, _id: JobId, _job: &Job) -> Result<Write, Error> {
        Ok(Write::new())
    }

    /// What else must be so once a try has ended without success; committed
    /// together with that end, whatever caused it: an error, a panic, the time
    /// limit, an order, a crash. `next` is the job as it will stand: failed,
    /// cancelled, or waiting for another try.
    async fn fell_short(&self, _shell: &Shell, _id: JobId, _next: &Job) -> Result<Write, Error> {
        Ok(Write::new())
    }
}

/// What a running job may use.
#[derive(Clone)]
pub struct JobCx {
    /// The store, the time, chance.
    pub shell: Shell,
    /// The job's id: also the idempotency key for what it sends out.
    pub id: JobId,
    /// The job as its try began.
    pub job: Job,
    pub(super) row: Arc<Mutex<Stored<Jobs>>>,
    pub(super) board: ProgressBoard,
    pub(super) cancel: CancellationToken,
}

impl JobCx {
    /// The arguments; what does not decode is a failure for good.
    pub fn args<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.job.args)
            .map_err(|error| Failure::permanent(format!("the arguments are wrong: {error}")))
    }

    /// What an earlier try noted last.
    pub fn resume<T: DeserializeOwned>(&self) -> Option<T> {
        self.job.checkpoint.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    /// Shows how far it is, live; costs nothing durable.
    pub fn progress(&self, done: u64, total: u64, line: impl Into<String>) {
        self.board.show(self.id, done, total, line.into());
    }

    /// Notes durably how far it is. A try that a crash cuts off after this
    /// costs nothing.
    pub async fn checkpoint<T: Serialize + Sync>(&self, state: &T) -> Result<(), Failure> {
        self.checkpoint_with(state, Write::new()).await
    }

    /// Notes how far it is, together with what it has done so far.
    pub async fn checkpoint_with<T: Serialize + Sync>(
        &self,
        state: &T,
        work: Write,
    ) -> Result<(), Failure> {
        let text = serde_json::to_string(state).map_err(Failure::permanent)?;
        let mut row = self.row.lock().await;
        let next = Job {
            checkpoint: Some(text),
            checkpoint_try: row.row.tries,
            progress: self.board.get(self.id),
            ..row.row.clone()
        };
        let mut write = work;
        write.update::<Jobs>(&row, &next);
        self.shell.store.commit(write).await?;
        *row = row.rewritten(next).map_err(zelador_store::Error::from)?;
        Ok(())
    }

    /// Whether somebody wants it called off, for handlers that can stop at a
    /// better place than anywhere.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}
