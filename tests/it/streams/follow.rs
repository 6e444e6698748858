//! A reader that follows through kills: nothing is lost, nothing comes twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use reqwest::Method;
use zelador::api::live::sse::Reader;

use super::{Scene, events_of};
use crate::harness::{Client, Home, PATIENCE, eventually};

/// What a reader has seen: numbers, and the address it reads from.
#[derive(Default)]
struct Seen {
    ids: Mutex<Vec<u64>>,
    last: AtomicU64,
}

/// Follows one daemon until it is gone, from where it was.
async fn follow(client: Client, seen: Arc<Seen>) {
    let last = seen.last.load(Ordering::SeqCst);
    let request = client.request(Method::GET, "/events/stream?after=0");
    let Ok(mut response) = request.header("Last-Event-ID", last.to_string()).send().await else {
        return;
    };
    assert_eq!(response.status(), 200);
    let mut reader = Reader::default();
    while let Ok(Some(piece)) = response.chunk().await {
        for message in reader.read(&piece) {
            assert_ne!(message.event, "reset");
            let Ok(id) = message.id.parse() else { continue };
            if !message.data.is_empty() {
                seen.ids.lock().push(id);
            }
            seen.last.store(id, Ordering::SeqCst);
        }
    }
}

#[tokio::test]
async fn a_reader_that_resumes_misses_nothing() {
    let home = Home::new("").await;
    let mut daemon = home.start().await;
    let scene = Scene::new(daemon.client()).await;
    let seen = Arc::new(Seen::default());
    for _ in 0..3 {
        let reader = tokio::spawn(follow(daemon.client().clone(), seen.clone()));
        let before = seen.ids.lock().len();
        let writer = scene.writing(daemon.client(), 10_000);
        eventually("it follows", PATIENCE, || async {
            (seen.ids.lock().len() > before + 30).then_some(())
        })
        .await;
        daemon.kill().await;
        writer.await.unwrap();
        reader.await.unwrap();
        daemon = home.start().await;
    }
    let reader = tokio::spawn(follow(daemon.client().clone(), seen.clone()));
    let all: Vec<_> = events_of(daemon.client(), "").await;
    let all: Vec<_> = all.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert!(all.len() > 90, "{}", all.len());
    eventually("it has seen the last", PATIENCE, || async {
        (seen.last.load(Ordering::SeqCst) >= *all.last().unwrap()).then_some(())
    })
    .await;
    let ids = seen.ids.lock()[..all.len()].to_vec();
    assert_eq!(ids, all, "each once, in order");
    let (code, took) = daemon.stop().await;
    assert_eq!(code, Some(0));
    assert!(took < std::time::Duration::from_secs(10), "a stop waits for no reader: {took:?}");
    reader.await.unwrap();
}
