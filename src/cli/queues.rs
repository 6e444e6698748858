//! `zelador queues …`.

use clap::Subcommand;
use reqwest::Method;

use super::client::Client;
use super::paths::segment;
use super::table::{Column, show, show_one};
use super::{Common, Failure};

/// What can be asked about queues, and done to them.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// List queues and what is in them
    List,
    /// Start nothing more of a queue; what runs goes on
    Pause {
        /// The queue
        name: String,
    },
    /// Start jobs of a queue again
    Resume {
        /// The queue
        name: String,
    },
}

const LIST: &[Column] = &[
    Column("name", "/name"),
    Column("paused", "/paused"),
    Column("at once", "/concurrency"),
    Column("ready", "/ready"),
    Column("scheduled", "/scheduled"),
    Column("running", "/running"),
    Column("failed", "/failed"),
    Column("per minute", "/throughput"),
    Column("oldest wait (s)", "/oldest_wait_seconds"),
];

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    let (name, what) = match action {
        Action::List => return show(common, LIST, &client.list("queues", usize::MAX).await?),
        Action::Pause { name } => (name, "pause"),
        Action::Resume { name } => (name, "resume"),
    };
    let path = format!("queues/{}/{what}", segment(&name));
    let queue = client.call(Method::POST, &path, None).await?.body;
    show_one(common, &[Column("name", "/name"), Column("paused", "/paused")], &queue)
}
