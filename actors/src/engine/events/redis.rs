//! The outlet `redis`: Redis Streams, for programs that read them already.
//!
//! `booking.*` goes to one stream; the deletions of a tenant, a user or a resource
//! go to the other. An entry has three fields: `event_type`, `payload` and
//! `metadata`, the last two JSON. `metadata` holds the tenant, and the event's id
//! and number, by which one that was sent twice is recognised.
//!
//! A batch is one transaction: all of it is in the streams, or nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::sync::{Mutex, watch};
use zelador_store::event::Event;

use super::outlet::Outlet;

/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The deletions that others must follow.
const DELETIONS: [&str; 3] = ["resource.deleted", "tenant.deleted", "user.deleted"];

/// Where the streams are.
#[derive(Clone)]
pub struct RedisSettings {
    /// The server; `None`: nothing is sent.
    pub url: Option<SecretString>,
    /// Entries that a stream keeps, about.
    pub max_len: u64,
    /// The stream of bookings.
    pub booking_stream: String,
    /// The stream of deletions.
    pub deletion_stream: String,
}

impl PartialEq for RedisSettings {
    fn eq(&self, other: &Self) -> bool {
        let url = |of: &Self| of.url.as_ref().map(|url| url.expose_secret().to_owned());
        url(self) == url(other)
            && self.max_len == other.max_len
            && self.booking_stream == other.booking_stream
            && self.deletion_stream == other.deletion_stream
    }
}

/// Without the address, which may hold a password.
impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSettings").field("on", &self.url.is_some()).finish_non_exhaustive()
    }
}

/// Whether this is the address of a Redis server (`redis://`, `rediss://`, `unix://`).
pub fn is_url(text: &str) -> bool {
    redis::Client::open(text).is_ok()
}

/// The stream that an event goes to.
fn stream_of<'a>(settings: &'a RedisSettings, event: &Event) -> Option<&'a str> {
    if event.kind.starts_with("booking.") {
        Some(&settings.booking_stream)
    } else if DELETIONS.contains(&event.kind.as_str()) {
        Some(&settings.deletion_stream)
    } else {
        None
    }
}

fn metadata(seq: u64, event: &Event) -> String {
    json!({
        "tenant_id": event.tenant, "event_id": event.id, "seq": seq, "occurred_at": event.at,
    })
    .to_string()
}

/// A connection, and the settings that it was made with.
type Link = (Arc<RedisSettings>, MultiplexedConnection);

/// Sends to Redis Streams.
pub struct RedisStreams {
    settings: watch::Receiver<Arc<RedisSettings>>,
    link: Mutex<Option<Link>>,
    trouble: parking_lot::Mutex<Option<String>>,
}

impl RedisStreams {
    /// With live settings.
    pub fn new(settings: watch::Receiver<Arc<RedisSettings>>) -> Self {
        Self { settings, link: Mutex::default(), trouble: parking_lot::Mutex::default() }
    }

    fn current(&self) -> Arc<RedisSettings> {
        self.settings.borrow().clone()
    }

    /// Runs commands on the connection, which is made anew after a failure.
    async fn run(
        &self,
        settings: &Arc<RedisSettings>,
        commands: &redis::Pipeline,
    ) -> Result<(), redis::RedisError> {
        let mut link = self.link.lock().await;
        let mut connection = match link.take() {
            Some((made_with, connection)) if made_with == *settings => connection,
            _ => connect(settings).await?,
        };
        commands.exec_async(&mut connection).await?;
        *link = Some((settings.clone(), connection));
        Ok(())
    }

    async fn done(
        &self,
        settings: &Arc<RedisSettings>,
        commands: &redis::Pipeline,
    ) -> Result<(), String> {
        let done = self.run(settings, commands).await.map_err(|error| error.to_string());
        let trouble = done.as_ref().err().cloned();
        if trouble.is_none() && self.trouble.lock().is_some() {
            tracing::info!("redis answers again");
        }
        *self.trouble.lock() = trouble;
        done
    }
}

async fn connect(settings: &RedisSettings) -> Result<MultiplexedConnection, redis::RedisError> {
    let url = settings.url.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_WITHIN))
        .set_response_timeout(Some(ANSWER_WITHIN));
    redis::Client::open(url)?.get_multiplexed_async_connection_with_config(&config).await
}

#[async_trait]
impl Outlet for RedisStreams {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn wants(&self, event: &Event) -> bool {
        event.kind.starts_with("booking.") || DELETIONS.contains(&event.kind.as_str())
    }

    fn is_on(&self) -> bool {
        self.settings.borrow().url.is_some()
    }

    fn changes(&self) -> BoxStream<'static, ()> {
        let changed = |mut settings: watch::Receiver<_>| async move {
            settings.changed().await.ok().map(|()| ((), settings))
        };
        stream::unfold(self.settings.clone(), changed).chain(stream::pending()).boxed()
    }

    async fn send(&self, batch: &[(u64, &Event)]) -> Result<(), String> {
        let settings = self.current();
        let mut pipe = redis::pipe();
        pipe.atomic();
        for (seq, event) in batch {
            let Some(stream) = stream_of(&settings, event) else { continue };
            pipe.cmd("XADD").arg(stream).arg("MAXLEN").arg("~").arg(settings.max_len).arg("*");
            pipe.arg("event_type").arg(&event.kind);
            pipe.arg("payload").arg(&event.data);
            pipe.arg("metadata").arg(metadata(*seq, event)).ignore();
        }
        self.done(&settings, &pipe).await
    }

    async fn probe(&self) -> Result<(), String> {
        let mut pipe = redis::pipe();
        pipe.cmd("PING").ignore();
        self.done(&self.current(), &pipe).await
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::World;

    fn settings() -> RedisSettings {
        RedisSettings {
            url: Some("redis://:hunter2@127.0.0.1:1/".into()),
            max_len: 10,
            booking_stream: "booking-events".to_owned(),
            deletion_stream: "deletion-events".to_owned(),
        }
    }

    fn event(kind: &str) -> Event {
        let shell = World::new().shell;
        Event {
            id: shell.id(),
            kind: kind.to_owned(),
            tenant: None,
            user: None,
            key: String::new(),
            at: shell.now(),
            data: "{}".to_owned(),
        }
    }

    #[test]
    fn bookings_and_deletions_have_their_streams() {
        let settings = settings();
        let outlet = RedisStreams::new(watch::channel(Arc::new(settings.clone())).1);
        for (kind, stream) in [
            ("booking.created", Some("booking-events")),
            ("booking.hold_expired", Some("booking-events")),
            ("user.deleted", Some("deletion-events")),
            ("resource.deleted", Some("deletion-events")),
            ("tenant.deleted", Some("deletion-events")),
            ("category.deleted", None),
            ("user.created", None),
        ] {
            assert_eq!(stream_of(&settings, &event(kind)), stream, "{kind}");
            assert_eq!(outlet.wants(&event(kind)), stream.is_some(), "{kind}");
        }
    }

    #[test]
    fn metadata_tells_duplicates_apart() {
        let event = event("booking.created");
        let metadata: serde_json::Value = serde_json::from_str(&metadata(7, &event)).unwrap();
        assert_eq!((&metadata["seq"], &metadata["event_id"]), (&json!(7), &json!(event.id)));
        assert!(metadata["tenant_id"].is_null() && metadata["occurred_at"].is_string());
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_told_of_without_its_password() {
        let outlet = RedisStreams::new(watch::channel(Arc::new(settings())).1);
        let error = outlet.probe().await.unwrap_err();
        assert_eq!(outlet.trouble(), Some(error.clone()));
        assert!(!error.contains("hunter2") && !format!("{:?}", settings()).contains("hunter2"));
        for (text, good) in
            [("redis://x", true), ("rediss://x:1/0", true), ("http://x", false), ("", false)]
        {
            assert_eq!(is_url(text), good, "{text}");
        }
    }
}
