//! `zelador schedules …`.

use clap::Subcommand;
use reqwest::Method;

use super::client::Client;
use super::paths::segment;
use super::table::{Column, show, show_one};
use super::{Common, Failure};

/// What can be asked about schedules, and done to them.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// List schedules with their next and last run
    List,
    /// Start a schedule's job now, beside the plan
    Run {
        /// The schedule
        name: String,
    },
}

const LIST: &[Column] = &[
    Column("name", "/name"),
    Column("kind", "/kind"),
    Column("cron", "/cron"),
    Column("time zone", "/timezone"),
    Column("next run", "/next_run_at"),
    Column("last run", "/last_run_at"),
    Column("last job", "/last_job_id"),
    Column("its state", "/last_job_state"),
    Column("skipped", "/skipped"),
];

const JOB: &[Column] = &[Column("job", "/id"), Column("kind", "/kind"), Column("state", "/state")];

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    match action {
        Action::List => show(common, LIST, &client.list("schedules", usize::MAX).await?),
        Action::Run { name } => {
            let path = format!("schedules/{}/run", segment(&name));
            let job = client.call(Method::POST, &path, None).await?.body;
            show_one(common, JOB, &job)
        }
    }
}
