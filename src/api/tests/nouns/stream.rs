//! The event log as a stream.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use zelador_store::event::{Event, Events};
use zelador_store::id::TenantId;
use zelador_store::{Query, Write};

use crate::api::live::sse::{Message, Reader};
use crate::api::tests::house::{House, house, ok};
use crate::api::tests::lab::{is, problem};

const PATIENCE: Duration = Duration::from_secs(30);

async fn append(house: &House, count: usize, tenant: Option<TenantId>, filling: usize) {
    let shell = &house.world.shell;
    let mut write = Write::new();
    for number in 0..count {
        write.event(&Event {
            id: shell.id(),
            kind: ["user.created", "job.failed"][number % 2].to_owned(),
            tenant,
            user: None,
            key: String::new(),
            at: shell.now(),
            data: json!({ "n": number, "filling": "x".repeat(filling) }).to_string(),
        });
    }
    shell.store.commit(write).await.unwrap();
}

/// Reads messages from an open stream.
struct Follower {
    response: Response,
    reader: Reader,
    found: Vec<Message>,
}

impl Follower {
    async fn new(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(response.headers().get("content-encoding").is_none());
        Self { response, reader: Reader::default(), found: Vec::new() }
    }

    /// The next message that holds; `None` if the stream ends first.
    async fn next(&mut self, holds: impl Fn(&Message) -> bool) -> Option<Message> {
        let read = timeout(PATIENCE, async {
            loop {
                while !self.found.is_empty() {
                    let message = self.found.remove(0);
                    if holds(&message) {
                        return Some(message);
                    }
                }
                match self.response.chunk().await {
                    Ok(Some(piece)) => self.found = self.reader.read(&piece),
                    Ok(None) | Err(_) => return None,
                }
            }
        });
        read.await.expect("a message, or the end")
    }

    async fn told(&mut self, count: usize) -> Vec<Message> {
        let mut told = Vec::new();
        while told.len() < count {
            told.push(self.next(|message| !message.data.is_empty()).await.expect("a message"));
        }
        told
    }

    async fn rest(mut self) -> Vec<Message> {
        let mut told = Vec::new();
        while let Some(message) = self.next(|message| !message.data.is_empty()).await {
            told.push(message);
        }
        told
    }
}

fn ids(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.id.parse().unwrap()).collect()
}

fn stream(house: &House, query: &str) -> reqwest::RequestBuilder {
    house.order("GET", &format!("/events/stream?{query}"))
}

#[tokio::test]
async fn a_stream_tells_what_the_list_shows() {
    let house = house().await;
    let tenant: TenantId = house.world.shell.id();
    append(&house, 3, Some(tenant), 1).await;
    append(&house, 3, None, 1).await;
    let read = async |query: &str| Follower::new(stream(&house, query)).await.rest().await;
    let told = read("after=0&follow=false").await;
    let listed = ok(house.order("GET", "/events"), 200).await;
    let as_list: Vec<Value> =
        told.iter().map(|message| serde_json::from_str(&message.data).unwrap()).collect();
    assert_eq!(json!(as_list), listed);
    assert_eq!(ids(&told), [1, 2, 3, 4, 5, 6]);
    assert_eq!(told[1].event, "job.failed");
    assert_eq!(ids(&read("after=4&follow=false").await), [5, 6]);
    assert_eq!(ids(&read("after=0&type=job.failed&follow=false").await), [2, 5]);
    let own = format!("after=0&tenant_id={tenant}&follow=false");
    assert_eq!(ids(&read(&own).await), [1, 2, 3]);
    assert_eq!(ids(&read("after=0&tenant_id=nonsense&follow=false").await), [0; 0]);
    let resumed = stream(&house, "after=0&follow=false").header("Last-Event-ID", "5");
    assert_eq!(ids(&Follower::new(resumed).await.rest().await), [6]);
    let bound = house.bound(tenant, &["events:read"]).await;
    let request = house.ask("GET", "/events/stream?after=0&follow=false").bearer_auth(&bound);
    assert_eq!(ids(&Follower::new(request).await.rest().await), [1, 2, 3]);
    let wrong = stream(&house, "").header("Last-Event-ID", "a").send().await.unwrap();
    is(&problem(wrong).await, 422, "validation_failed");
}

#[tokio::test]
async fn a_stream_goes_on_and_is_resumed_without_loss() {
    let house = house().await;
    append(&house, 2, None, 1).await;
    let mut follower = Follower::new(stream(&house, "type=user.created")).await;
    // It is known to be at the end once it gives a sign of life.
    let sign = follower.next(|message| message.id == "2").await.unwrap();
    assert!(sign.data.is_empty(), "from now on: {sign:?}");
    append(&house, 4, None, 1).await;
    assert_eq!(ids(&follower.told(2).await), [3, 5]);
    let sign = follower.next(|message| message.id == "6").await.unwrap();
    assert!(sign.data.is_empty(), "what was not wanted is passed, too");
    drop(follower);
    append(&house, 2, None, 1).await;
    let again = stream(&house, "type=user.created").header("Last-Event-ID", sign.id);
    assert_eq!(ids(&Follower::new(again).await.told(1).await), [7]);
}

#[tokio::test]
async fn a_reader_is_told_what_it_missed() {
    let house = house().await;
    append(&house, 6, None, 1).await;
    let front = Query::all().to_key(&4);
    let old = house.world.shell.store.page::<Events>(&front).await.unwrap();
    let mut write = Write::new();
    for event in &old.rows {
        write.remove::<Events>(event);
    }
    house.world.shell.store.commit(write).await.unwrap();
    let told = Follower::new(stream(&house, "after=1&follow=false")).await.rest().await;
    assert_eq!((told[0].event.as_str(), told[0].id.as_str()), ("reset", "3"));
    let data: Value = serde_json::from_str(&told[0].data).unwrap();
    assert_eq!(data, json!({ "asked_after": 1, "continues_at": 4 }));
    assert_eq!(ids(&told[1..]), [4, 5, 6]);
    let told = Follower::new(stream(&house, "after=9&follow=false")).await.rest().await;
    assert_eq!((told.len(), told[0].event.as_str(), told[0].id.as_str()), (1, "reset", "6"));
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let house = house().await;
    let made = json!({ "name": "reader", "scopes": ["events:read"] });
    let made = ok(house.order("POST", "/tokens").json(&made), 201).await;
    let token = made["token"].as_str().unwrap();
    let request = house.ask("GET", "/events/stream").bearer_auth(token);
    let mut follower = Follower::new(request).await;
    let first = follower.next(|_| true).await;
    assert!(first.is_some());
    let path = format!("/tokens/{}", made["id"].as_str().unwrap());
    ok(house.order("DELETE", &path), 204).await;
    assert!(follower.next(|_| false).await.is_none(), "it ends");
}

#[tokio::test]
async fn there_are_so_many_streams_and_no_more() {
    let house = house().await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(Follower::new(stream(&house, "")).await);
    }
    let fifth = stream(&house, "").send().await.unwrap();
    assert!(fifth.headers().contains_key("retry-after"));
    is(&problem(fifth).await, 503, "too_many_streams");
    drop(open.pop());
    let deadline = Instant::now() + PATIENCE;
    while stream(&house, "").send().await.unwrap().status() != 200 {
        assert!(Instant::now() < deadline, "a place becomes free");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A stream whose reader takes nothing after the first bytes.
async fn stalled(house: &House) -> TcpStream {
    let mut socket = TcpStream::connect(house.address()).await.unwrap();
    let head = format!(
        "GET /events/stream?after=0 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        house.operator
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    socket.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    socket
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut_off() {
    let house = house().await;
    // More than sockets hold.
    for _ in 0..16 {
        append(&house, 16, None, 60_000).await;
    }
    let _sockets = [
        stalled(&house).await,
        stalled(&house).await,
        stalled(&house).await,
        stalled(&house).await,
    ];
    let deadline = Instant::now() + PATIENCE;
    while stream(&house, "").send().await.unwrap().status() != 200 {
        assert!(Instant::now() < deadline, "its place becomes free");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let told = Follower::new(stream(&house, "after=0&follow=false")).await.rest().await;
    assert_eq!(told.len(), 256, "whoever comes again misses nothing");
}

#[tokio::test]
async fn a_stop_waits_for_no_stream() {
    let mut house = house().await;
    for _ in 0..16 {
        append(&house, 16, None, 60_000).await;
    }
    let mut follower = Follower::new(stream(&house, "")).await;
    let mut socket = stalled(&house).await;
    let began = Instant::now();
    house.stop();
    assert!(follower.next(|_| false).await.is_none());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let gone = async {
        while TcpStream::connect(house.address()).await.is_ok() {
            tokio::task::yield_now().await;
        }
        // Not even for one that takes nothing.
        house.stopped().await;
    };
    timeout(Duration::from_secs(10), gone).await.expect("it ends without waiting for the grace");
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest).await;
}

#[tokio::test]
async fn a_stream_works_over_http_2() {
    let house = house().await;
    append(&house, 2, None, 1).await;
    let mut socket = TcpStream::connect(house.address()).await.unwrap();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    // GET, http, by the static table of HPACK; the rest as it is.
    let mut block = vec![0x82, 0x86];
    let mut literal = |head: u8, name: Option<&str>, value: &str| {
        block.push(head);
        if let Some(name) = name {
            block.push(u8::try_from(name.len()).unwrap());
            block.extend(name.as_bytes());
        }
        block.push(u8::try_from(value.len()).unwrap());
        block.extend(value.as_bytes());
    };
    literal(0x04, None, "/events/stream?after=0");
    literal(0x01, None, "localhost");
    literal(0x00, Some("x-api-key"), &house.operator);
    bytes.extend([0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1]);
    bytes.extend(block);
    socket.write_all(&bytes).await.unwrap();
    let read = timeout(PATIENCE, async {
        let (mut reader, mut ids) = (Reader::default(), Vec::new());
        while ids.len() < 3 {
            let mut head = [0; 9];
            socket.read_exact(&mut head).await.unwrap();
            let length =
                usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
            let mut payload = vec![0; length];
            socket.read_exact(&mut payload).await.unwrap();
            if head[3] == 0 {
                let found = reader.read(&payload).into_iter();
                ids.extend(found.filter(|m| !m.id.is_empty()).map(|m| (m.id, !m.data.is_empty())));
            }
        }
        ids
    });
    let ids = read.await.expect("messages, then a sign of life");
    let expected = [("1", true), ("2", true), ("2", false)];
    assert_eq!(ids, expected.map(|(id, told)| (id.to_owned(), told)));
}
