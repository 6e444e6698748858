//! `zelador users provision`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::client::Client;
use crate::cli::paths::segment;
use crate::cli::progress::Shown;
use crate::cli::table::{Column, show_one};
use crate::cli::{Common, Exit, Failure};

/// How often an account is looked at.
const LOOK: std::time::Duration = std::time::Duration::from_millis(200);

const ACCOUNT: &[Column] = &[
    Column("status", "/status"),
    Column("instance", "/instance"),
    Column("account", "/account_id"),
    Column("quota", "/quota"),
    Column("class", "/error/class"),
    Column("error", "/error/message"),
    Column("job", "/job_id"),
];

/// What is wanted.
pub(super) struct Wanted {
    pub(super) id: Option<String>,
    pub(super) wait: bool,
    pub(super) link: bool,
    pub(super) to: Option<String>,
}

/// Does it; without a user, every account that has failed is tried anew.
pub(super) async fn run(common: &Common, client: &Client, wanted: Wanted) -> Result<(), Failure> {
    let Some(id) = wanted.id else {
        let path = "admin/nextcloud/retry-failed";
        let done = client.call(Method::POST, path, None).await?.body;
        return show_one(common, &[Column("requeued", "/requeued")], &done);
    };
    let path = format!("users/{}/nextcloud", segment(&id));
    if wanted.link {
        let made = client.call(Method::POST, &format!("{path}/link"), None).await?.body;
        return show_one(common, &[Column("link", "/url"), Column("until", "/expires_at")], &made);
    }
    let begun = match wanted.to {
        Some(to) => {
            let body = json!({ "instance_id": to });
            client.call(Method::POST, &format!("{path}/move"), Some(&body)).await?.body
        }
        None => client.call(Method::POST, &path, None).await?.body,
    };
    if !wanted.wait {
        return show_one(common, ACCOUNT, &begun);
    }
    let ended = follow(client, &path).await?;
    show_one(common, ACCOUNT, &ended)?;
    match ended.get("status").and_then(Value::as_str) {
        Some("active") => Ok(()),
        _ => Err(Failure::new(Exit::No, "the account could not be made")),
    }
}

/// Watches an account until it stands or is given up.
async fn follow(client: &Client, path: &str) -> Result<Value, Failure> {
    let mut shown = Shown::new();
    loop {
        let account = client.get(path).await?;
        let text = |at: &str| account.pointer(at).and_then(Value::as_str).unwrap_or_default();
        let status = text("/status");
        if matches!(status, "active" | "failed" | "none") {
            return Ok(account);
        }
        let what = [text("/instance"), text("/error/message")].join(" ");
        shown.set(status, &json!({ "done": 0, "total": 0, "text": what.trim() }));
        tokio::time::sleep(LOOK).await;
    }
}
