//! `zelador webhooks …`.

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::client::Client;
use super::paths::{segment, with_query};
use super::table::{Column, render, show, show_one};
use super::{Common, Exit, Failure, print};

/// A webhook, as most commands name one.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The tenant's id
    #[arg(value_name = "TENANT_ID")]
    tenant: String,
    /// The webhook's id, as `webhooks list` shows it
    #[arg(value_name = "WEBHOOK_ID")]
    id: String,
}

/// What can be asked about webhooks, and done to them.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// List the webhooks of a tenant
    List {
        /// The tenant's id
        #[arg(value_name = "TENANT_ID")]
        tenant: String,
    },
    /// Show a webhook, and how it does
    Show(Which),
    /// Have events sent to an address
    Add {
        /// The tenant's id
        #[arg(value_name = "TENANT_ID")]
        tenant: String,
        /// Where
        #[arg(value_name = "ADDRESS")]
        target: String,
        /// Which events: a type, booking.*, or *; repeat it for several
        #[arg(long = "event", value_name = "EVENT", default_value = "*")]
        events: Vec<String>,
        /// A file with the secret that signs; its last line break is no part of it
        #[arg(long, value_name = "FILE")]
        secret_file: Option<std::path::PathBuf>,
        /// Make a secret, and print it this once
        #[arg(long, conflicts_with = "secret_file")]
        generate_secret: bool,
    },
    /// Change a webhook; what is left out stays
    Edit {
        /// Which
        #[command(flatten)]
        which: Which,
        /// Where
        #[arg(long = "to", value_name = "ADDRESS")]
        target: Option<String>,
        /// Which events; replaces all; repeat it for several
        #[arg(long = "event", value_name = "EVENT")]
        events: Vec<String>,
        /// Switch it on or off
        #[arg(long, value_name = "true|false")]
        active: Option<bool>,
    },
    /// Delete a webhook
    Remove(Which),
    /// List what was sent, the newest event first
    Deliveries {
        /// Which
        #[command(flatten)]
        which: Which,
        /// Only these: pending, delivered, failed
        #[arg(long)]
        status: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Send again: one delivery, or a range of events
    Redeliver {
        /// Which
        #[command(flatten)]
        which: Which,
        /// One delivery, as `webhooks deliveries` shows it
        #[arg(long, value_name = "ID", conflicts_with = "from")]
        delivery: Option<String>,
        /// From this event on (its seq), or from last-success
        #[arg(long, value_name = "SEQ|last-success", required_unless_present = "delivery")]
        from: Option<String>,
        /// Up to this event
        #[arg(long, value_name = "SEQ")]
        until: Option<u64>,
        /// Which of them: failed, undelivered, all
        #[arg(long)]
        status: Option<String>,
        /// Count them, and send nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Send an event of type webhook.test
    Test(Which),
    /// Replace the secret; for 24 hours the one before signs as well
    Rotate {
        /// Which
        #[command(flatten)]
        which: Which,
        /// A file with the new secret; without it one is made, and printed this once
        #[arg(long, value_name = "FILE")]
        secret_file: Option<std::path::PathBuf>,
    },
}

const LIST: &[Column] = &[
    Column("id", "/id"),
    Column("url", "/url"),
    Column("events", "/events"),
    Column("active", "/is_active"),
    Column("secret", "/has_secret"),
    Column("failing since", "/failing_since"),
    Column("last success", "/last_success_at"),
];

const ONE: &[Column] = &[
    Column("id", "/id"),
    Column("tenant", "/tenant_id"),
    Column("url", "/url"),
    Column("events", "/events"),
    Column("active", "/is_active"),
    Column("switched off", "/disabled/reason"),
    Column("has a secret", "/has_secret"),
    Column("secret", "/secret"),
    Column("old secret until", "/previous_secret_until"),
    Column("failing since", "/failing_since"),
    Column("last error", "/last_error"),
    Column("last success", "/last_success_at"),
    Column("last event", "/last_success_seq"),
    Column("replay from", "/replay_from"),
    Column("version", "/version"),
];

const DELIVERIES: &[Column] = &[
    Column("id", "/id"),
    Column("seq", "/seq"),
    Column("event", "/event"),
    Column("status", "/status"),
    Column("tries", "/attempts"),
    Column("answer", "/response_code"),
    Column("ms", "/duration_ms"),
    Column("next", "/next_attempt_at"),
    Column("error", "/error"),
];

const AGAIN: &[Column] =
    &[Column("count", "/count"), Column("from", "/from"), Column("next", "/next")];

impl Which {
    fn path(&self) -> String {
        format!("{}/{}", all(&self.tenant), segment(&self.id))
    }
}

fn all(tenant: &str) -> String {
    format!("tenants/{}/webhooks", segment(tenant))
}

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    match action {
        Action::List { tenant } => {
            show(common, LIST, &client.list(&all(&tenant), usize::MAX).await?)
        }
        Action::Show(which) => show_one(common, ONE, &client.get(&which.path()).await?),
        Action::Add { tenant, target, events, secret_file, generate_secret } => {
            let mut draft = json!({ "url": target, "events": events });
            let more = draft.as_object_mut();
            if let (Some(members), Some(file)) = (more, &secret_file) {
                members.insert("secret".to_owned(), secret(file)?.into());
            }
            if generate_secret && let Some(members) = draft.as_object_mut() {
                members.insert("generate_secret".to_owned(), true.into());
            }
            sent(common, client, Method::POST, &all(&tenant), &draft).await
        }
        Action::Edit { which, target, events, active } => {
            let mut change = Map::new();
            let events = (!events.is_empty()).then(|| json!(events));
            let members = [
                ("url", target.map(Value::from)),
                ("events", events),
                ("is_active", active.map(Value::from)),
            ];
            for (name, value) in members {
                change.extend(value.map(|value| (name.to_owned(), value)));
            }
            sent(common, client, Method::PATCH, &which.path(), &change.into()).await
        }
        Action::Remove(which) => {
            client.call(Method::DELETE, &which.path(), None).await?;
            Ok(())
        }
        Action::Deliveries { which, status, limit } => {
            let path = format!("{}/deliveries", which.path());
            let path = with_query(&path, &[("status", status.as_deref())]);
            show(common, DELIVERIES, &client.list(&path, limit).await?)
        }
        Action::Redeliver { which, delivery: Some(id), .. } => {
            let path = format!("{}/deliveries/{}/redeliver", which.path(), segment(&id));
            delivery(common, client, &path).await
        }
        Action::Redeliver { which, from, until, status, dry_run, .. } => {
            let draft = range(from.as_deref().unwrap_or_default(), until, status)?;
            let dry_run = dry_run.then_some("true");
            let path = with_query(&format!("{}/redeliver", which.path()), &[("dry_run", dry_run)]);
            let done = client.call(Method::POST, &path, Some(&draft)).await?.body;
            show_one(common, AGAIN, &done)
        }
        Action::Test(which) => delivery(common, client, &format!("{}/test", which.path())).await,
        Action::Rotate { which, secret_file } => {
            let secret = secret_file.as_deref().map(secret).transpose()?;
            let draft = secret.map_or_else(|| json!({}), |secret| json!({ "secret": secret }));
            let path = format!("{}/rotate", which.path());
            sent(common, client, Method::POST, &path, &draft).await
        }
    }
}

async fn sent(
    common: &Common,
    client: &Client,
    method: Method,
    path: &str,
    draft: &Value,
) -> Result<(), Failure> {
    show_one(common, ONE, &client.call(method, path, Some(draft)).await?.body)
}

async fn delivery(common: &Common, client: &Client, path: &str) -> Result<(), Failure> {
    let made = client.call(Method::POST, path, None).await?.body;
    if common.json {
        return print(&made.to_string());
    }
    print(&render(DELIVERIES, &[made]))
}

fn range(from: &str, until: Option<u64>, status: Option<String>) -> Result<Value, Failure> {
    let from = match (from, from.parse::<u64>()) {
        ("last-success", _) => Value::from("last_success"),
        (_, Ok(seq)) => seq.into(),
        _ => {
            let told = "--from: the number of an event, or last-success";
            return Err(Failure::new(Exit::Usage, told));
        }
    };
    let mut range = Map::from_iter([("from".to_owned(), from)]);
    range.extend(until.map(|until| ("until".to_owned(), until.into())));
    range.extend(status.map(|status| ("status".to_owned(), status.into())));
    Ok(range.into())
}

/// A secret is read from a file: a command line is seen by everybody on the machine.
fn secret(file: &std::path::Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(Exit::No, format_args!("{}: {error}", file.display())))?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_begins_with_a_number_or_at_the_last_success() {
        let status = Some("failed".to_owned());
        assert_eq!(
            range("12", Some(20), status).unwrap(),
            json!({ "from": 12, "until": 20, "status": "failed" })
        );
        assert_eq!(range("last-success", None, None).unwrap(), json!({ "from": "last_success" }));
        assert_eq!(range("yesterday", None, None).unwrap_err().exit, Exit::Usage);
    }
}
