//! `zelador sandbox …`.

use clap::Subcommand;
use reqwest::Method;

use super::client::Client;
use super::table::{Column, show_one};
use super::{Common, Failure};

/// What can be done with what was made against stand-ins.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Remove users, instances, accounts and folders that were made against stand-ins
    Purge,
}

const PURGED: &[Column] = &[
    Column("users deleted", "/users"),
    Column("instances forgotten", "/instances"),
    Column("accounts forgotten", "/accounts"),
    Column("folders forgotten", "/folders"),
];

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    match action {
        Action::Purge => {
            let purged = client.call(Method::DELETE, "sandbox", None).await?.body;
            show_one(common, PURGED, &purged)
        }
    }
}
