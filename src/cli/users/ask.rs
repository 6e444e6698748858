//! What the commands ask of the daemon.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Action, Why, provision};
use crate::cli::client::Client;
use crate::cli::paths::{segment, with_query};
use crate::cli::table::{Column, show, show_one};
use crate::cli::{Common, Failure, print};

const LIST: &[Column] = &[
    Column("id", "/id"),
    Column("name", "/name"),
    Column("e-mail", "/email"),
    Column("status", "/status"),
    Column("next", "/next_status"),
    Column("when", "/scheduled_status_change_at"),
];

const ONE: &[Column] = &[
    Column("id", "/id"),
    Column("tenant", "/tenant_id"),
    Column("name", "/name"),
    Column("e-mail", "/email"),
    Column("type", "/user_type"),
    Column("status", "/status"),
    Column("since", "/status_since"),
    Column("reason", "/status_reason"),
    Column("next", "/next_status"),
    Column("when", "/scheduled_status_change_at"),
    Column("ban reason", "/scheduled_ban_reason"),
    Column("phone", "/phone"),
    Column("code", "/code"),
    Column("nextcloud", "/nextcloud_status"),
    Column("nextcloud error", "/nextcloud_error"),
    Column("registered at", "/created_at"),
];

const STATUS: &[Column] = &[
    Column("at", "/at"),
    Column("status", "/status"),
    Column("since", "/since"),
    Column("reason", "/reason"),
    Column("planned", "/planned"),
];

const LEAVES: &[Column] = &[
    Column("id", "/id"),
    Column("from", "/date_in"),
    Column("to", "/date_out"),
    Column("state", "/state"),
    Column("reason", "/reason"),
];

const SESSIONS: &[Column] = &[
    Column("id", "/id"),
    Column("since", "/created_at"),
    Column("refreshed at", "/refreshed_at"),
    Column("expires at", "/expires_at"),
    Column("from", "/address"),
    Column("with", "/agent"),
];

const TIMELINE: &[Column] =
    &[Column("at", "/occurred_at"), Column("what", "/type"), Column("data", "/data")];

/// Does it.
pub(in crate::cli) async fn run(
    common: &Common,
    client: &Client,
    action: Action,
) -> Result<(), Failure> {
    match action {
        Action::List { tenant, status, search, limit } => {
            let members = [
                ("tenant_id", tenant.as_deref()),
                ("status", status.as_deref()),
                ("q", search.as_deref()),
            ];
            show(common, LIST, &client.list(&with_query("users", &members), limit).await?)
        }
        Action::Show { id } => show_one(common, ONE, &client.get(&of(&id, "")).await?),
        Action::Status { id, set: None, at, .. } => {
            let path = with_query(&of(&id, "/status"), &[("at", at.as_deref())]);
            show_one(common, STATUS, &client.get(&path).await?)
        }
        Action::Status { id, set: Some(status), at: None, why } => {
            set(common, client, &id, &status, &why).await
        }
        Action::Status { id, set: Some(status), at: Some(at), why } => {
            let body = json!({ "status": status, "at": at, "reason": why.reason });
            let path = why.on(&of(&id, "/scheduled-status"));
            send(common, client, Method::POST, &path, &body).await
        }
        Action::Ban { id, at: None, why } => set(common, client, &id, "BANNED", &why).await,
        Action::Ban { id, at: Some(at), why } => {
            let body = json!({ "user_id": id, "date": at, "reason": why.reason });
            let path = why.on("admin/scheduled-bans");
            send(common, client, Method::POST, &path, &body).await
        }
        Action::Unban { id, why } => unban(common, client, &id, &why).await,
        Action::Leave { id, from: Some(from), to: Some(to), why, .. } => {
            let body = json!({ "date_in": from, "date_out": to, "reason": why.reason });
            let made = client.call(Method::POST, &why.on(&of(&id, "/leave")), Some(&body)).await?;
            tell(common, LEAVES, &made.body)
        }
        Action::Leave { id, cancel: Some(leave), why, .. } => {
            let path = of(&id, &format!("/leave/{}", segment(&leave)));
            undo(common, client, &why.on(&path)).await
        }
        Action::Leave { id, .. } => {
            show(common, LEAVES, &client.list(&of(&id, "/leave"), usize::MAX).await?)
        }
        Action::Sessions { id, revoke: true } => end(client, &of(&id, "/sessions")).await,
        Action::Sessions { id, revoke: false } => {
            let open = client.get(&of(&id, "/sessions")).await?;
            show(common, SESSIONS, open.as_array().map_or(&[], Vec::as_slice))
        }
        Action::Timeline { id, limit } => {
            show(common, TIMELINE, &client.list(&of(&id, "/timeline"), limit).await?)
        }
        Action::Provision { id, wait, link, to, .. } => {
            provision::run(common, client, provision::Wanted { id, wait, link, to }).await
        }
        Action::Export { id } => print(&client.get(&of(&id, "/export")).await?.to_string()),
        Action::Delete { id, erase, dry_run } => delete(common, client, &id, erase, dry_run).await,
    }
}

/// A path under a user's.
fn of(id: &str, rest: &str) -> String {
    format!("users/{}{rest}", segment(id))
}

impl Why {
    fn on(&self, path: &str) -> String {
        with_query(path, &[("dry_run", self.dry_run.then_some("true"))])
    }
}

async fn send(
    common: &Common,
    client: &Client,
    method: Method,
    path: &str,
    body: &Value,
) -> Result<(), Failure> {
    tell(common, ONE, &client.call(method, path, Some(body)).await?.body)
}

/// Shows a record; of a trial, also what would follow.
fn tell(common: &Common, columns: &[Column], record: &Value) -> Result<(), Failure> {
    show_one(common, columns, record)?;
    match record.get("would") {
        Some(would) if !common.json => print(&trial(would)),
        _ => Ok(()),
    }
}

/// What a trial says, in a line.
fn trial(would: &Value) -> String {
    let all = |member| would.get(member).and_then(Value::as_array);
    let count = |member: &str| would.get(member).and_then(Value::as_u64).unwrap_or_default();
    let (sessions, bookings) = (count("sessions_revoked"), count("bookings_cancelled"));
    let plans = all("plans_ended").map_or(0, Vec::len);
    let actions: Vec<_> = all("actions").into_iter().flatten().filter_map(Value::as_str).collect();
    let actions = if actions.is_empty() { "nothing".to_owned() } else { actions.join(", ") };
    format!(
        "\nA trial: nothing is changed. Sessions that would end: {sessions}, bookings that would be \
         called off: {bookings}, plans that would end: {plans}; what would be started: {actions}"
    )
}

async fn set(
    common: &Common,
    client: &Client,
    id: &str,
    status: &str,
    why: &Why,
) -> Result<(), Failure> {
    let body = json!({ "status": status, "reason": why.reason });
    send(common, client, Method::PUT, &why.on(&of(id, "/status")), &body).await
}

/// Whoever is banned becomes active; of others the planned ban is called off.
async fn unban(common: &Common, client: &Client, id: &str, why: &Why) -> Result<(), Failure> {
    let user = client.get(&of(id, "")).await?;
    if user.get("status").and_then(Value::as_str) == Some("BANNED") {
        return set(common, client, id, "ACTIVE", why).await;
    }
    undo(common, client, &why.on(&format!("admin/scheduled-bans/{}", segment(id)))).await
}

/// Undoes something; on trial, shows what would be.
async fn undo(common: &Common, client: &Client, path: &str) -> Result<(), Failure> {
    let left = client.call(Method::DELETE, path, None).await?.body;
    if left.is_null() { Ok(()) } else { tell(common, ONE, &left) }
}

async fn delete(
    common: &Common,
    client: &Client,
    id: &str,
    erase: bool,
    dry_run: bool,
) -> Result<(), Failure> {
    let flag = |on: bool| on.then_some("true");
    let members = [("erase", flag(erase)), ("dry_run", flag(dry_run))];
    let path = with_query(&of(id, ""), &members);
    undo(common, client, &path).await
}

async fn end(client: &Client, path: &str) -> Result<(), Failure> {
    client.call(Method::DELETE, path, None).await.map(|_| ()).map_err(Failure::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_says_what_would_follow() {
        let would = json!({"sessions_revoked": 2, "bookings_cancelled": 1, "plans_ended": [{}],
            "actions": ["revoke_sessions", "cancel_bookings"]});
        let told = trial(&would);
        for seen in ["end: 2,", "off: 1,", "end: 1;", "revoke_sessions, cancel_bookings"] {
            assert!(told.contains(seen), "{seen}: {told}");
        }
        assert!(trial(&json!({})).ends_with("nothing"));
    }
}
