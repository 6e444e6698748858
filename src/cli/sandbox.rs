//! `zelador sandbox …`.

use clap::Subcommand;
use reqwest::Method;

use super::client::Client;
use super::table::{Column, show_one};
use super::{Common, Failure};

/// What can be done with what was made against stand-ins.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Delete the users that a sync with a stand-in has made
    Purge,
}

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    match action {
        Action::Purge => {
            let purged = client.call(Method::DELETE, "sandbox", None).await?.body;
            show_one(common, &[Column("users deleted", "/users")], &purged)
        }
    }
}
