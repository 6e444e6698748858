//! `zelador jobs …`.

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::Client;
use super::paths::{segment, with_query};
use super::table::{Column, render, show, show_one};
use super::when::instant;
use super::{Common, Exit, Failure, print};

/// What can be asked about jobs, and done to them.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// List jobs, the newest first
    List {
        #[command(flatten)]
        filter: Filter,
        /// Only in this state: scheduled, ready, running, succeeded, failed, cancelled
        #[arg(long)]
        state: Option<String>,
        /// Only of this batch
        #[arg(long, value_name = "BATCH_ID")]
        batch: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show a job with its tries
    Show {
        /// The job
        #[arg(value_name = "JOB_ID")]
        id: String,
    },
    /// Enqueue a job
    Enqueue {
        /// What to do, such as diagnostic
        kind: String,
        /// With what: a JSON object
        #[arg(long, value_name = "JSON")]
        args: Option<String>,
        /// The lane, instead of that of the kind
        #[arg(long)]
        queue: Option<String>,
        /// Not before this time; without an offset, local to this machine
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// 0 to 9; the higher runs first within its queue
        #[arg(long, value_parser = clap::value_parser!(u8).range(0..=9))]
        priority: Option<u8>,
        /// While the job is live, no other has the same
        #[arg(long, value_name = "KEY")]
        unique_key: Option<String>,
    },
    /// Give a job that has ended all its tries again
    Retry {
        /// The job
        #[arg(value_name = "JOB_ID")]
        id: String,
    },
    /// Give every failed job all its tries again
    RetryAll {
        #[command(flatten)]
        filter: Filter,
    },
    /// Call a job off, running or not
    Cancel {
        /// The job
        #[arg(value_name = "JOB_ID")]
        id: String,
    },
    /// Let a job that waits for its time start at once
    Run {
        /// The job
        #[arg(value_name = "JOB_ID")]
        id: String,
    },
    /// Forget jobs that have ended
    Forget {
        #[command(flatten)]
        filter: Filter,
        /// How they ended: succeeded, failed, cancelled
        #[arg(long)]
        state: String,
    },
}

/// Which jobs.
#[derive(Debug, clap::Args)]
pub struct Filter {
    /// Only of this queue
    #[arg(long)]
    queue: Option<String>,
    /// Only of this kind
    #[arg(long)]
    kind: Option<String>,
}

const LIST: &[Column] = &[
    Column("id", "/id"),
    Column("kind", "/kind"),
    Column("queue", "/queue"),
    Column("state", "/state"),
    Column("try", "/tries"),
    Column("of", "/max_tries"),
    Column("run at", "/run_at"),
    Column("error", "/error"),
];

const ONE: &[Column] = &[
    Column("id", "/id"),
    Column("kind", "/kind"),
    Column("queue", "/queue"),
    Column("state", "/state"),
    Column("arguments", "/args"),
    Column("priority", "/priority"),
    Column("tries", "/tries"),
    Column("of", "/max_tries"),
    Column("run at", "/run_at"),
    Column("enqueued at", "/created_at"),
    Column("started at", "/started_at"),
    Column("ended at", "/ended_at"),
    Column("progress", "/progress/text"),
    Column("done", "/progress/done"),
    Column("of", "/progress/total"),
    Column("error", "/error"),
    Column("unique key", "/unique_key"),
    Column("batch", "/batch_id"),
    Column("user", "/user_id"),
];

const TRIES: &[Column] = &[
    Column("try", "/try"),
    Column("outcome", "/outcome"),
    Column("started at", "/started_at"),
    Column("ended at", "/ended_at"),
    Column("error", "/error"),
];

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    match action {
        Action::List { filter, state, batch, limit } => {
            let (state, batch) = (state.as_deref(), batch.as_deref());
            let path = filter.path("jobs", &[("state", state), ("batch", batch)]);
            show(common, LIST, &client.list(&path, limit).await?)
        }
        Action::Show { id } => {
            let job = client.get(&format!("jobs/{}", segment(&id))).await?;
            show_job(common, &job)
        }
        Action::Enqueue { kind, args, queue, at, priority, unique_key } => {
            let mut draft = json!({ "kind": kind });
            let args = args.as_deref().map(arguments).transpose()?;
            let at = at.as_deref().map(|at| instant("--at", at)).transpose()?;
            let members = [
                ("args", args),
                ("queue", queue.map(Value::from)),
                ("run_at", at.map(Value::from)),
                ("priority", priority.map(Value::from)),
                ("unique_key", unique_key.map(Value::from)),
            ];
            for (name, value) in members {
                if let (Some(value), Some(draft)) = (value, draft.as_object_mut()) {
                    draft.insert(name.to_owned(), value);
                }
            }
            let made = client.call(Method::POST, "jobs", Some(&draft)).await?;
            show_one(common, ONE, &made.body)
        }
        Action::Retry { id } => one(common, client, &id, "retry").await,
        Action::Cancel { id } => one(common, client, &id, "cancel").await,
        Action::Run { id } => one(common, client, &id, "run").await,
        Action::RetryAll { filter } => {
            let path = filter.path("jobs/retry-all", &[]);
            let done = client.call(Method::POST, &path, None).await?;
            show_one(common, &[Column("retried", "/retried")], &done.body)
        }
        Action::Forget { filter, state } => {
            let path = filter.path("jobs", &[("state", Some(&state))]);
            client.call(Method::DELETE, &path, None).await.map(|_| ()).map_err(Failure::from)
        }
    }
}

impl Filter {
    fn path(&self, path: &str, more: &[(&str, Option<&str>)]) -> String {
        let own = [("queue", self.queue.as_deref()), ("kind", self.kind.as_deref())];
        with_query(path, &[&own, more].concat())
    }
}

async fn one(common: &Common, client: &Client, id: &str, what: &str) -> Result<(), Failure> {
    let path = format!("jobs/{}/{what}", segment(id));
    let job = client.call(Method::POST, &path, None).await?.body;
    show_one(common, LIST, &job)
}

fn show_job(common: &Common, job: &Value) -> Result<(), Failure> {
    show_one(common, ONE, job)?;
    match job.get("history").and_then(Value::as_array) {
        Some(tries) if !common.json && !tries.is_empty() => {
            print(&format!("\n{}", render(TRIES, tries)))
        }
        _ => Ok(()),
    }
}

fn arguments(text: &str) -> Result<Value, Failure> {
    let usage = |error| Failure::new(Exit::Usage, format_args!("--args: {error}"));
    serde_json::from_str(text).map_err(usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_json() {
        assert_eq!(arguments("{\"a\": 1}").unwrap(), json!({ "a": 1 }));
        assert_eq!(arguments("{a: 1}").unwrap_err().exit, Exit::Usage);
    }
}
