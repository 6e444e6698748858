//! `zelador sync wispro` and `zelador wispro …`.

use std::time::Duration;

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::Client;
use super::paths::segment;
use super::progress::Shown;
use super::table::{Column, show, show_one};
use super::{Common, Exit, Failure, print};

/// How often a run is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// What can be synced.
#[derive(Debug, Subcommand)]
pub enum Sync {
    /// Bring the users in step with the clients in Wispro
    Wispro {
        /// Follow the run to its end
        #[arg(long)]
        wait: bool,
        /// Change nothing; tell what would change
        #[arg(long)]
        dry_run: bool,
        /// Ask for so many pages at most
        #[arg(long, value_name = "N")]
        max_pages: Option<u32>,
        /// Ask for so many clients in a page
        #[arg(long, value_name = "N")]
        per_page: Option<u32>,
    },
}

/// What can be asked about runs of the sync, and done to them.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// List runs, the newest first
    Runs {
        /// So many at most
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Tell about a run, and what it says about clients
    Show {
        /// The run
        job_id: String,
    },
    /// Let a run go on that stopped and asks
    Approve {
        /// The run
        job_id: String,
    },
    /// End a run that stopped and asks, without a change
    Discard {
        /// The run
        job_id: String,
    },
}

const RUNS: &[Column] = &[
    Column("run", "/job_id"),
    Column("state", "/state"),
    Column("dry run", "/dry_run"),
    Column("created", "/created"),
    Column("updated", "/updated"),
    Column("unchanged", "/unchanged"),
    Column("skipped", "/skipped"),
    Column("errors", "/errors"),
    Column("pages", "/pages"),
    Column("began", "/started_at"),
    Column("seconds", "/duration_seconds"),
];

const RUN: &[Column] = &[
    Column("run", "/job_id"),
    Column("state", "/state"),
    Column("dry run", "/dry_run"),
    Column("created", "/created"),
    Column("updated", "/updated"),
    Column("unchanged", "/unchanged"),
    Column("skipped", "/skipped"),
    Column("errors", "/errors"),
    Column("would create", "/would_create"),
    Column("would update", "/would_update"),
    Column("fields", "/fields"),
    Column("said", "/said"),
    Column("brake", "/brake"),
    Column("error", "/error"),
];

const LINES: &[Column] = &[
    Column("client", "/client_id"),
    Column("sort", "/sort"),
    Column("code", "/code"),
    Column("detail", "/detail"),
    Column("user", "/user_id"),
];

/// Begins a run, and follows it if asked to.
pub(super) async fn sync(common: &Common, client: &Client, what: Sync) -> Result<(), Failure> {
    let Sync::Wispro { wait, dry_run, max_pages, per_page } = what;
    let mut body = json!({ "dry_run": dry_run });
    if let Some(body) = body.as_object_mut() {
        body.extend(max_pages.map(|pages| ("max_pages".to_owned(), pages.into())));
        body.extend(per_page.map(|clients| ("per_page".to_owned(), clients.into())));
    }
    let begun = client.call(Method::POST, "users/sync-wispro-all", Some(&body)).await?.body;
    let id = begun.get("job_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !wait {
        return show_one(common, &[Column("run", "/job_id"), Column("", "/message")], &begun);
    }
    let run = follow(client, &id).await?;
    show_one(common, RUN, &run)?;
    match run.get("state").and_then(Value::as_str) {
        Some("completed") => Ok(()),
        Some("braked") => {
            let next = format!("it asks: zelador wispro approve {id}, or discard {id}");
            Err(Failure::new(Exit::No, next))
        }
        state => Err(Failure::new(Exit::No, format_args!("the sync is {}", state.unwrap_or("?")))),
    }
}

/// Watches a run until it is over or asks.
async fn follow(client: &Client, id: &str) -> Result<Value, Failure> {
    let mut shown = Shown::new();
    loop {
        let run = client.get(&format!("wispro/syncs/{}", segment(id))).await?;
        let state = run.get("state").and_then(Value::as_str).unwrap_or_default();
        if ["completed", "failed", "discarded", "cancelled", "braked"].contains(&state) {
            return Ok(run);
        }
        shown.set(state, run.get("progress").unwrap_or(&Value::Null));
        tokio::time::sleep(LOOK).await;
    }
}

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    let one = |id: &str, verb: &str| format!("wispro/syncs/{}{verb}", segment(id));
    match action {
        Action::Runs { limit } => show(common, RUNS, &client.list("wispro/syncs", limit).await?),
        Action::Show { job_id } => {
            let run = client.get(&one(&job_id, "")).await?;
            show_one(common, RUN, &run)?;
            let lines = run.get("lines").and_then(Value::as_array).cloned().unwrap_or_default();
            if common.json || lines.is_empty() {
                return Ok(());
            }
            print("")?;
            show(common, LINES, &lines)
        }
        Action::Approve { job_id } => {
            let run = client.call(Method::POST, &one(&job_id, "/approve"), None).await?.body;
            show_one(common, RUN, &run)
        }
        Action::Discard { job_id } => {
            let run = client.call(Method::POST, &one(&job_id, "/discard"), None).await?.body;
            show_one(common, RUN, &run)
        }
    }
}
