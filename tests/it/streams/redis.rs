//! Redis Streams, with a real server.

use redis::AsyncCommands as _;
use redis::streams::{StreamRangeReply, StreamReadOptions, StreamReadReply};
use serde_json::{Value, json};

use super::server::Redis;
use super::{Scene, events_of};
use crate::harness::{Daemon, Home, PATIENCE, eventually, skipped};

const BOOKINGS: &str = "booking.created,booking.updated,booking.cancelled";
const DELETIONS: &str = "resource.deleted,tenant.deleted,user.deleted";

/// One entry of a stream.
#[derive(Debug)]
struct Entry {
    seq: u64,
    event_id: String,
    kind: String,
    payload: Value,
    metadata: Value,
}

fn config(url: &str) -> String {
    format!("[redis]\nurl = \"{url}\"\n")
}

async fn entries(redis: &Redis, stream: &str) -> Vec<Entry> {
    let reply: StreamRangeReply = redis.connect().await.xrange_all(stream).await.unwrap();
    let entry = |id: redis::streams::StreamId| {
        let text = |name| id.get::<String>(name).unwrap();
        assert_eq!(id.map.len(), 3, "{id:?}");
        let metadata: Value = serde_json::from_str(&text("metadata")).unwrap();
        Entry {
            seq: metadata["seq"].as_u64().unwrap(),
            event_id: metadata["event_id"].as_str().unwrap().to_owned(),
            kind: text("event_type"),
            payload: serde_json::from_str(&text("payload")).unwrap(),
            metadata,
        }
    };
    reply.ids.into_iter().map(entry).collect()
}

/// Waits until everything is published; where the consumer stands.
async fn published(daemon: &Daemon) -> Value {
    eventually("everything is published", PATIENCE, || async {
        let list = daemon.client().get("/events/consumers").await.is(200);
        let redis = list.as_array().unwrap().iter().find(|one| one["name"] == "redis").cloned()?;
        (redis["pending"] == 0 && redis["tries"] == 0).then_some(redis)
    })
    .await
}

/// The stream holds these events, in their order; what is there twice is the same.
fn complete(entries: &[Entry], events: &[Value]) -> usize {
    let mut last = 0;
    let mut firsts = Vec::new();
    for entry in entries {
        let event = events.iter().find(|event| event["seq"] == entry.seq);
        let event = event.unwrap_or_else(|| panic!("an entry without an event: {entry:?}"));
        assert_eq!(event["id"], entry.event_id.as_str());
        assert_eq!(event["type"], entry.kind.as_str());
        assert_eq!(event["data"], entry.payload);
        assert_eq!(event["tenant_id"], entry.metadata["tenant_id"]);
        if entry.seq > last {
            last = entry.seq;
            firsts.push(entry.seq);
        }
    }
    let expected: Vec<_> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(firsts, expected, "each is there, and first in its order");
    entries.len() - firsts.len()
}

#[tokio::test]
async fn nothing_is_lost_whatever_is_killed() {
    let mut redis = match Redis::start().await {
        Ok(redis) => redis,
        Err(why) => return skipped(why),
    };
    let home = Home::new(&config(&redis.url())).await;
    let mut daemon = home.start().await;
    let scene = Scene::new(daemon.client()).await;
    for round in 0..4 {
        let writer = scene.writing(daemon.client(), 40);
        match round {
            0 => {}
            1 => daemon.kill().await,
            2 => {
                redis.kill();
                daemon
                    .answers("/ready", PATIENCE, "redis is missed", |ready| {
                        ready["checks"]["redis"] == false && ready["status"] == "ready"
                    })
                    .await;
                redis.go().await.unwrap();
            }
            _ => {
                redis.kill();
                daemon.kill().await;
                redis.go().await.unwrap();
            }
        }
        writer.await.unwrap();
        if round % 2 == 1 {
            daemon = home.start().await;
        }
    }
    scene.delete_things(daemon.client()).await;
    let place = published(&daemon).await;
    assert_eq!((&place["parked"], &place["kind"]), (&json!(0), &json!("built_in")));
    let bookings = events_of(daemon.client(), BOOKINGS).await;
    assert!(bookings.len() > 80, "{}", bookings.len());
    let found = entries(&redis, "booking-events").await;
    let twice = complete(&found, &bookings);
    let deletions = events_of(daemon.client(), DELETIONS).await;
    assert!(deletions.len() >= 2);
    complete(&entries(&redis, "deletion-events").await, &deletions);
    println!("{} bookings' events published, {twice} of them twice", bookings.len());
    groups(&redis, found.len()).await;
    let metrics = daemon.client().get("/metrics").await.text;
    assert!(metrics.contains("zelador_event_lag{consumer=\"redis\"}"), "{metrics}");
}

/// A group of readers as others have them, and what the operators of those look at.
async fn groups(redis: &Redis, length: usize) {
    let mut connection = redis.connect().await;
    let stream = "booking-events";
    let () = connection.xgroup_create(stream, "user-service", "0").await.unwrap();
    let options = StreamReadOptions::default().group("user-service", "worker-1").count(10);
    let read: StreamReadReply =
        connection.xread_options(&[stream], &[">"], &options).await.unwrap();
    let ids: Vec<_> = read.keys[0].ids.iter().map(|entry| entry.id.clone()).collect();
    assert_eq!(ids.len(), 10);
    let acknowledged: usize = connection.xack(stream, "user-service", &ids[..4]).await.unwrap();
    assert_eq!(acknowledged, 4);
    let count: usize = redis::cmd("XLEN").arg(stream).query_async(&mut connection).await.unwrap();
    assert_eq!(count, length);
    let pending: (usize, String, String, Vec<(String, String)>) = redis::cmd("XPENDING")
        .arg(stream)
        .arg("user-service")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!((pending.0, pending.3), (6, vec![("worker-1".to_owned(), "6".to_owned())]));
    let groups: redis::streams::StreamInfoGroupsReply =
        connection.xinfo_groups(stream).await.unwrap();
    assert_eq!((groups.groups[0].name.as_str(), groups.groups[0].pending), ("user-service", 6));
}

#[tokio::test]
async fn the_address_takes_effect_at_once_and_streams_are_bounded() {
    let redis = match Redis::start().await {
        Ok(redis) => redis,
        Err(why) => return skipped(why),
    };
    let home = Home::new("").await;
    let daemon = home.start().await;
    let scene = Scene::new(daemon.client()).await;
    scene.writing(daemon.client(), 3).await.unwrap();
    home.configure(&config("redis://127.0.0.1:1/"));
    daemon
        .answers("/ready", PATIENCE, "nobody is there", |ready| ready["checks"]["redis"] == false)
        .await;
    scene.writing(daemon.client(), 5).await.unwrap();
    home.configure(&format!("{}max_len = 100\n", config(&redis.url())));
    scene.writing(daemon.client(), 400).await.unwrap();
    published(&daemon).await;
    let found = entries(&redis, "booking-events").await;
    assert!(found.len() < 300, "about as many as are kept: {}", found.len());
    assert!(found.windows(2).all(|pair| pair[0].seq < pair[1].seq), "nothing is there twice");
    daemon
        .answers("/ready", PATIENCE, "redis is there", |ready| ready["checks"]["redis"] == true)
        .await;
}

/// Over TLS, with a certificate that is checked: one that nobody vouches for is
/// not talked to, and what waits meanwhile arrives once somebody does.
#[tokio::test]
async fn a_server_over_tls_must_show_a_certificate_that_is_trusted() {
    let redis = match Redis::start_with_tls().await {
        Ok(redis) => redis,
        Err(why) => return skipped(why),
    };
    let home = Home::new(&config(&redis.tls_url())).await;
    let mut daemon = home.start().await;
    Scene::new(daemon.client()).await;
    let missed = |ready: &Value| ready["checks"]["redis"] == false;
    daemon.answers("/ready", PATIENCE, "it is not trusted", missed).await;
    daemon.kill().await;
    assert!(entries(&redis, "booking-events").await.is_empty());
    let mut command = home.command(["serve"]);
    command.env("SSL_CERT_FILE", redis.certificate());
    let mut daemon = Daemon::spawn(&home, command);
    daemon.ready().await;
    published(&daemon).await;
    let bookings = events_of(daemon.client(), BOOKINGS).await;
    assert_eq!(complete(&entries(&redis, "booking-events").await, &bookings), 0);
}
