//! `zelador tokens …`.

use clap::{Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::Client;
use super::paths::segment;
use super::table::{Column, show, show_one};
use super::{Common, Failure};

/// What can be done to tokens.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Make a token and print its text, this once
    Create {
        /// What it is for
        name: String,
        /// What its bearer is
        #[arg(long, value_enum, default_value_t = Role::Service)]
        role: Role,
        /// What a service may do, such as jobs:read, folders:* or *; may be repeated
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// The one tenant it is good for
        #[arg(long, value_name = "TENANT_ID")]
        tenant: Option<String>,
        /// From when on it is refused, such as 2026-12-31T23:59:59-03:00
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// List tokens, revoked ones too
    List,
    /// Revoke a token; the very next request with it is refused
    Revoke {
        /// The token's id, as `tokens list` shows it
        #[arg(value_name = "TOKEN_ID")]
        id: String,
    },
}

/// What the bearer of a token is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// May do everything
    Operator,
    /// May do what its scopes say
    Service,
}

const LIST: &[Column] = &[
    Column("id", "/id"),
    Column("name", "/name"),
    Column("role", "/role"),
    Column("scopes", "/scopes"),
    Column("tenant", "/tenant_id"),
    Column("made", "/created_at"),
    Column("expires", "/expires_at"),
    Column("revoked", "/revoked_at"),
];

const MADE: &[Column] = &[
    Column("id", "/id"),
    Column("name", "/name"),
    Column("role", "/role"),
    Column("scopes", "/scopes"),
    Column("expires", "/expires_at"),
    Column("token", "/token"),
];

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    match action {
        Action::List => show(common, LIST, &client.list("tokens", usize::MAX).await?),
        Action::Create { name, role, scopes, tenant, expires } => {
            let role = match role {
                Role::Operator => "operator",
                Role::Service => "service",
            };
            let draft: Value = json!({
                "name": name, "role": role, "scopes": scopes, "tenant_id": tenant,
                "expires_at": expires,
            });
            let made = client.call(Method::POST, "tokens", Some(&draft)).await?.body;
            show_one(common, MADE, &made)
        }
        Action::Revoke { id } => {
            let path = format!("tokens/{}", segment(&id));
            client.call(Method::DELETE, &path, None).await.map(|_| ()).map_err(Failure::from)
        }
    }
}
