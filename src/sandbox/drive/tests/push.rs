//! Channels, and what comes through them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::super::{PERSON, SHARED_DRIVE};
use super::{ALL, Got, Rig};

pub(super) const NAMES: [&str; 10] = [
    "watch answers id, resourceId, expiration as a string",
    "default 3600 s, at most 604800 s for changes, 86400 s for files",
    "HTTPS only",
    "channelIdNotUnique",
    "sync comes first, number 1",
    "the headers of a notification",
    "message numbers grow, not by one",
    "two channels overlap",
    "stop answers 204, then 404",
    "retried on 500, 502, 503, 504",
];

type Headers = BTreeMap<String, String>;

/// Takes what is posted, and answers these in turn, then 200.
async fn receiver(answers: Vec<u16>) -> (String, Arc<Mutex<Vec<Headers>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/drive/notifications", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (to, mut answers) = (heard.clone(), answers.into_iter());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = String::new();
            while !text.contains("\r\n\r\n") {
                let mut chunk = [0; 4096];
                let Ok(length @ 1..) = stream.read(&mut chunk).await else { break };
                text.push_str(std::str::from_utf8(&chunk[..length]).unwrap());
            }
            let lines = text.lines().skip(1).filter_map(|line| line.split_once(": "));
            to.lock().push(lines.map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect());
            let status = answers.next().unwrap_or(200);
            let answer =
                format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, heard)
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn watch(rig: &Rig, body: Value) -> Got {
    let token = rig.get(&format!("changes/startPageToken?{ALL}&driveId={SHARED_DRIVE}")).await.ok();
    let token = token["startPageToken"].as_str().unwrap();
    rig.post(&format!("changes/watch?{ALL}&driveId={SHARED_DRIVE}&pageToken={token}"), body).await
}

fn channel(id: &str, address: &str) -> Value {
    json!({"id": id, "type": "web_hook", "address": address, "token": "secret"})
}

/// Rows: `watch answers id, resourceId, expiration as a string`; `default 3600 s, at
/// most 604800 s for changes, 86400 s for files`; `HTTPS only`; `channelIdNotUnique`.
#[tokio::test]
async fn a_channel_is_opened_for_a_time() {
    let rig = Rig::new().await;
    let at = "https://example.org/drive/notifications";
    let now = rig.sandbox.stage.now().as_millis();
    let opened = watch(&rig, channel("one", at)).await.ok();
    assert_eq!((&opened["kind"], &opened["id"]), (&json!("api#channel"), &json!("one")));
    assert!(opened["resourceId"].as_str().unwrap().len() > 20);
    assert_eq!(opened["expiration"], (now + 3_600_000).to_string());
    let mut long = channel("two", at);
    long["expiration"] = (now + 999_999_999_999).to_string().into();
    assert_eq!(watch(&rig, long.clone()).await.ok()["expiration"], (now + 604_800_000).to_string());
    long["id"] = "three".into();
    let folder = rig.folder("novos", SHARED_DRIVE).await;
    let of_file = rig.post(&format!("files/{folder}/watch?{ALL}"), long).await.ok();
    assert_eq!(of_file["expiration"], (now + 86_400_000).to_string());
    let mut past = channel("four", at);
    past["expiration"] = now.into();
    assert_eq!(watch(&rig, past).await.status, 400);
    watch(&rig, channel("one", at)).await.refused(400, "channelIdNotUnique");
    let plain = channel("five", "http://example.org/");
    watch(&rig, plain).await.refused(400, "push.webhookUrlNotHttps");
    rig.hand.advance(Duration::from_secs(3601));
    assert_eq!(rig.sandbox.channels(), ["three", "two"]);
}

/// Rows: `sync comes first, number 1`; `the headers of a notification`; `message numbers
/// grow, not by one`.
#[tokio::test]
async fn whoever_watches_is_told() {
    let rig = Rig::new().await;
    let (address, heard) = receiver(vec![]).await;
    let opened = watch(&rig, channel("one", &address)).await.ok();
    until("sync", || !heard.lock().is_empty()).await;
    rig.sandbox.drop_file(PERSON, SHARED_DRIVE, "a.pdf", "x").unwrap();
    until("a change", || heard.lock().len() == 2).await;
    rig.sandbox.drop_file(PERSON, SHARED_DRIVE, "b.pdf", "x").unwrap();
    until("another", || heard.lock().len() == 3).await;
    let heard = heard.lock();
    let of = |at: usize, name: &str| heard[at].get(name).cloned().unwrap_or_default();
    assert_eq!(
        (of(0, "x-goog-resource-state"), of(0, "x-goog-message-number")),
        ("sync".into(), "1".into())
    );
    assert_eq!(of(1, "x-goog-resource-state"), "change");
    for (name, value) in [
        ("x-goog-channel-id", "one"),
        ("x-goog-channel-token", "secret"),
        ("x-goog-resource-id", opened["resourceId"].as_str().unwrap()),
        ("content-length", "0"),
    ] {
        assert_eq!(of(1, name), value, "{name}");
    }
    assert!(of(1, "x-goog-channel-expiration").ends_with("GMT"));
    let number = |at: usize| of(at, "x-goog-message-number").parse::<u64>().unwrap();
    assert!(number(1) > 1 && number(2) > number(1) && number(2) > 3);
}

/// Rows: `two channels overlap`; `stop answers 204, then 404`.
#[tokio::test]
async fn channels_overlap_until_one_is_stopped() {
    let rig = Rig::new().await;
    let (address, heard) = receiver(vec![]).await;
    let first = watch(&rig, channel("one", &address)).await.ok();
    watch(&rig, channel("two", &address)).await.ok();
    until("both sync", || heard.lock().len() == 2).await;
    rig.sandbox.drop_file(PERSON, SHARED_DRIVE, "a.pdf", "x").unwrap();
    until("both tell", || heard.lock().len() == 4).await;
    let stop = json!({"id": "one", "resourceId": first["resourceId"]});
    let other = rig.person(PERSON);
    let url = format!("{}/drive/v3/channels/stop", rig.sandbox.url());
    let foreign = rig.client.post(url).bearer_auth(other).json(&stop);
    assert_eq!(super::got(foreign).await.status, 404, "only who opened it");
    assert_eq!(rig.post("channels/stop", stop.clone()).await.status, 204);
    assert_eq!(rig.post("channels/stop", stop).await.status, 404);
    assert_eq!(rig.sandbox.channels(), ["two"]);
}

/// Rows: `retried on 500, 502, 503, 504`.
#[tokio::test]
async fn a_receiver_in_trouble_is_told_again_and_one_that_refuses_is_not() {
    let rig = Rig::new().await;
    let (address, heard) = receiver(vec![503, 200, 404]).await;
    watch(&rig, channel("one", &address)).await.ok();
    until("sync, twice", || heard.lock().len() == 2).await;
    rig.sandbox.drop_file(PERSON, SHARED_DRIVE, "a.pdf", "x").unwrap();
    until("a change that is refused", || rig.sandbox.pushed() == 2).await;
    assert_eq!(heard.lock().len(), 3);
}

#[tokio::test]
async fn notifications_are_lost_and_doubled_on_order() {
    let rig = Rig::new().await;
    let (address, heard) = receiver(vec![]).await;
    rig.sandbox.set(|faults| faults.duplicate_percent = 100);
    watch(&rig, channel("one", &address)).await.ok();
    until("sync twice", || rig.sandbox.pushed() == 2).await;
    rig.sandbox.set(|faults| (faults.duplicate_percent, faults.lose_percent) = (0, 100));
    rig.sandbox.drop_file(PERSON, SHARED_DRIVE, "a.pdf", "x").unwrap();
    until("it was lost", || rig.sandbox.stage.lost() == 1).await;
    rig.sandbox.set(|faults| faults.lose_percent = 0);
    rig.sandbox.drop_file(PERSON, SHARED_DRIVE, "b.pdf", "x").unwrap();
    until("the next one", || rig.sandbox.pushed() == 3).await;
    let last = heard.lock().last().unwrap()["x-goog-message-number"].clone();
    assert_eq!(last, "4", "3 was never heard");
    rig.sandbox.kill_channels();
    assert!(rig.sandbox.channels().is_empty());
    rig.sandbox.set(|faults| faults.watch_error = "push.webhookUrlUnauthorized".to_owned());
    watch(&rig, channel("two", &address)).await.refused(401, "push.webhookUrlUnauthorized");
}
