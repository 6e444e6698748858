//! `zelador events …`.

use std::io::{ErrorKind, Write as _};
use std::time::Duration;

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Client, ClientError};
use super::paths::{segment, with_query};
use super::table::{Column, cell, show, show_one};
use super::{Common, Exit, Failure};
use crate::api::live::sse;

/// How long a follower waits before it takes up a stream that has ended.
const PAUSE: Duration = Duration::from_millis(500);
/// Events asked for at once.
const PAGE: usize = 500;

/// What can be asked about events.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Print the latest events, one a line
    Tail {
        /// Go on with what happens from now on
        #[arg(long, short)]
        follow: bool,
        /// Begin so many events before the end of the log
        #[arg(long, short = 'n', default_value_t = 10,
              value_parser = clap::value_parser!(u64).range(1..=500))]
        last: u64,
        /// Begin after this sequence number instead
        #[arg(long, value_name = "SEQ")]
        after: Option<u64>,
        /// Only of these types, separated by commas
        #[arg(long = "type", value_name = "TYPES")]
        kinds: Option<String>,
        /// Only of this tenant
        #[arg(long, value_name = "TENANT_ID")]
        tenant: Option<String>,
    },
    /// List the readers of the log
    Consumers,
    /// Let a consumer handle everything again from an event on
    Replay {
        /// The consumer
        name: String,
        /// The first event
        #[arg(long, value_name = "SEQ")]
        from: u64,
    },
    /// See to the events that a consumer gave up on
    #[command(subcommand)]
    Park(Park),
}

/// What can be done with parked events.
#[derive(Debug, Subcommand)]
pub enum Park {
    /// List them
    List {
        /// The consumer
        name: String,
    },
    /// Hand them to their consumer once more
    Retry {
        /// The consumer
        name: String,
        /// Only this one
        #[arg(value_name = "SEQ")]
        seq: Option<u64>,
    },
    /// Forget one: nobody will handle it
    Discard {
        /// The consumer
        name: String,
        /// Which
        #[arg(value_name = "SEQ")]
        seq: u64,
    },
}

const CONSUMERS: &[Column] = &[
    Column("name", "/name"),
    Column("kind", "/kind"),
    Column("cursor", "/cursor"),
    Column("lag", "/lag"),
    Column("pending", "/pending"),
    Column("parked", "/parked"),
    Column("detached", "/detached"),
    Column("last error", "/last_error"),
];

const PARKED: &[Column] = &[
    Column("seq", "/seq"),
    Column("type", "/event/type"),
    Column("parked at", "/parked_at"),
    Column("tries", "/tries"),
    Column("error", "/error"),
];

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    match action {
        Action::Tail { follow, last, after, kinds, tenant } => {
            let tail = Tail { kinds, tenant, follow };
            tail.run(common, client, after, last).await
        }
        Action::Consumers => {
            show(common, CONSUMERS, &client.list("events/consumers", usize::MAX).await?)
        }
        Action::Replay { name, from } => {
            let path = format!("events/consumers/{}/replay", segment(&name));
            let body = json!({ "from": from });
            let done = client.call(Method::POST, &path, Some(&body)).await?.body;
            show_one(common, &[Column("consumer", "/name"), Column("from", "/from")], &done)
        }
        Action::Park(park) => parked(common, client, park).await,
    }
}

async fn parked(common: &Common, client: &Client, park: Park) -> Result<(), Failure> {
    let at = |name: &str| format!("events/consumers/{}/parked", segment(name));
    match park {
        Park::List { name } => show(common, PARKED, &client.list(&at(&name), usize::MAX).await?),
        Park::Retry { name, seq: None } => {
            let path = format!("{}/retry-all", at(&name));
            let done = client.call(Method::POST, &path, None).await?.body;
            let columns = [Column("handled", "/handled"), Column("failed again", "/failed")];
            show_one(common, &columns, &done)
        }
        Park::Retry { name, seq: Some(seq) } => {
            let path = format!("{}/{seq}/retry", at(&name));
            let done = client.call(Method::POST, &path, None).await?.body;
            let columns =
                [Column("seq", "/seq"), Column("handled", "/handled"), Column("error", "/error")];
            show_one(common, &columns, &done)
        }
        Park::Discard { name, seq } => {
            client.call(Method::DELETE, &format!("{}/{seq}", at(&name)), None).await?;
            Ok(())
        }
    }
}

/// Prints the events of these types, one a line, as they happen from now on.
pub(super) async fn follow(common: &Common, client: &Client, kinds: &str) -> Result<(), Failure> {
    let tail = Tail { kinds: Some(kinds.to_owned()), tenant: None, follow: true };
    tail.run(common, client, None, 0).await
}

/// Which events, and whether for ever.
struct Tail {
    kinds: Option<String>,
    tenant: Option<String>,
    follow: bool,
}

impl Tail {
    async fn run(
        &self,
        common: &Common,
        client: &Client,
        after: Option<u64>,
        last: u64,
    ) -> Result<(), Failure> {
        let mut after = match after {
            Some(after) => after,
            None => tip(client).await?.saturating_sub(last),
        };
        loop {
            let events = client.list(&self.path("events", after), PAGE).await?;
            for event in &events {
                if !put(&line(common, event))? {
                    return Ok(());
                }
                after = seq(event).unwrap_or(after);
            }
            if events.len() == PAGE {
                continue;
            }
            if !self.follow {
                return Ok(());
            }
            // A stream that ends is taken up again where it was.
            while self.stream(common, client, &mut after).await? {
                tokio::time::sleep(PAUSE).await;
            }
            return Ok(());
        }
    }

    /// Prints what a stream tells until it ends; `false`: nobody reads any more.
    async fn stream(
        &self,
        common: &Common,
        client: &Client,
        after: &mut u64,
    ) -> Result<bool, Failure> {
        let path = self.path("events/stream", *after);
        let mut response = match client.open(Method::GET, &path).await {
            Ok(response) => response,
            // The daemon is being started again, or busy.
            Err(ClientError::Unreachable { .. }) => return Ok(true),
            Err(error) => return Err(error.into()),
        };
        let mut reader = sse::Reader::default();
        // A broken connection is an end like any other.
        while let Ok(Some(piece)) = response.chunk().await {
            for message in reader.read(&piece) {
                *after = message.id.parse().unwrap_or(*after);
                let Ok(data) = serde_json::from_str::<Value>(&message.data) else { continue };
                if message.event == "reset" {
                    let next = cell(&data, "/continues_at");
                    eprintln!("some events are no longer kept; going on with {next}");
                    continue;
                }
                if !put(&line(common, &data))? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn path(&self, what: &str, after: u64) -> String {
        let members = [
            ("after", Some(after.to_string())),
            ("type", self.kinds.clone()),
            ("tenant_id", self.tenant.clone()),
        ];
        let members = members.each_ref().map(|(name, value)| (*name, value.as_deref()));
        with_query(what, &members)
    }
}

/// The number of the last event.
async fn tip(client: &Client) -> Result<u64, Failure> {
    let last = client.list("events?last=1", 1).await?;
    Ok(last.first().and_then(seq).unwrap_or(0))
}

fn seq(event: &Value) -> Option<u64> {
    event.get("seq").and_then(Value::as_u64)
}

/// Prints a line; `false`: nobody reads any more.
fn put(line: &str) -> Result<bool, Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(Exit::No, error)),
    }
}

fn line(common: &Common, event: &Value) -> String {
    if common.json {
        return event.to_string();
    }
    let of = |at| cell(event, at);
    format!("{:>8}  {}  {:<28}  {}", of("/seq"), of("/occurred_at"), of("/type"), of("/data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_part_of_the_question() {
        let tail = Tail { kinds: Some("a,b".to_owned()), tenant: None, follow: false };
        assert_eq!(tail.path("events", 7), "events?after=7&type=a%2Cb");
    }

    #[test]
    fn an_event_is_a_line() {
        let event = json!({
            "seq": 7, "occurred_at": "2025-12-05T14:00:00.000Z", "type": "job.failed",
            "data": { "error": "no\nroom" },
        });
        let common = Common::default();
        let shown = line(&common, &event);
        assert!(
            shown.contains("job.failed") && shown.contains(r#"{"error":"no\nroom"}"#),
            "{shown}"
        );
        let shown = line(&Common { json: true, ..common }, &event);
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), event);
    }
}
