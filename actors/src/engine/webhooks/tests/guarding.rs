//! What is not connected to, and what is not borne.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::HeaderMap;
use zelador_store::delivery::DeliveryStatus;

use super::Post;
use crate::engine::webhooks::client::Client;
use crate::engine::webhooks::guard::{Denied, Guard, LookUp};
use crate::engine::webhooks::messages::NewSecret;
use crate::engine::webhooks::settings::WebhookSettings;
use crate::engine::webhooks::sink::{Say, Sink};

/// Answers each look-up with the next of these, and the last for ever.
struct Stub {
    answers: Vec<Vec<&'static str>>,
    asked: AtomicUsize,
}

impl Stub {
    fn new(answers: &[&[&'static str]]) -> Arc<Self> {
        let answers = answers.iter().map(|one| one.to_vec()).collect();
        Arc::new(Self { answers, asked: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl LookUp for Stub {
    async fn look_up(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let at = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        Ok(self.answers[at].iter().map(|text| text.parse().unwrap()).collect())
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_by_one_address_leads_nowhere() {
    for inside in ["127.0.0.1", "10.0.0.8", "::1", "169.254.169.254", "fd00:ec2::254"] {
        let guard = Guard::new(Stub::new(&[&["8.8.8.8", inside]]), true);
        assert_eq!(guard.addresses("example.com").await, Err(Denied::NotPublic), "{inside}");
    }
    let guard = Guard::new(Stub::new(&[&[]]), true);
    assert_eq!(guard.addresses("example.com").await, Err(Denied::Unknown));
    let guard = Guard::new(Stub::new(&[&["8.8.8.8"], &["127.0.0.1"]]), true);
    assert!(guard.addresses("example.com").await.is_ok());
    assert_eq!(guard.addresses("example.com").await, Err(Denied::NotPublic), "each time anew");
}

#[tokio::test]
async fn localhost_is_this_machine_and_only_where_it_is_permitted() {
    let here = || Stub::new(&[&["127.0.0.1", "::1"]]);
    assert!(Guard::new(here(), true).addresses("localhost").await.is_ok());
    assert_eq!(Guard::new(here(), false).addresses("localhost").await, Err(Denied::NotPublic));
    let elsewhere = Guard::new(Stub::new(&[&["10.0.0.1"]]), true);
    assert_eq!(elsewhere.addresses("localhost").await, Err(Denied::NotPublic));
}

/// The listener would be connected to if anything but the guard's answer were: the
/// name rebinds to it after the first look-up, and from then on.
#[tokio::test]
async fn no_connection_is_made_to_where_a_name_rebinds() {
    let denied = Sink::start(|_| Say::Status(200)).await.unwrap();
    let port = denied.address.port();
    // The first answer passes the guard; IANA has given it to nobody.
    let stub = Stub::new(&[&["2d00::1"], &["127.0.0.1"], &["::1", "127.0.0.1"]]);
    let settings = WebhookSettings {
        allowed_ports: vec![port],
        backoff_seconds: vec![0; 5],
        timeout_seconds: 1,
        ..WebhookSettings::default()
    };
    let post = Post::with(settings, stub.clone()).await;
    let url = format!("https://rebind.example.com:{port}/");
    let hook = post.hook_of(post.tenant, &url, &["booking.*"], NewSecret::None).await;
    let event = post.happens("a").await;
    post.until(hook.id, event, DeliveryStatus::Failed, 6).await;
    let row = post.delivery(hook.id, event).await.unwrap();
    let error = row.history.last().unwrap().error.clone().unwrap();
    assert_eq!(error, Denied::NotPublic.to_string());
    assert_eq!(stub.asked.load(Ordering::SeqCst), 6, "once for each connection");
    assert_eq!(denied.connections(), 0);
}

/// What is checked is what is connected to: the one look-up there is says so.
#[tokio::test]
async fn the_address_that_was_looked_at_is_the_one_connected_to() {
    let sink = Sink::start(|_| Say::Status(200)).await.unwrap();
    let stub = Stub::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let client = Client::new(&Guard::new(stub.clone(), true)).unwrap();
    let url = format!("http://localhost:{}/", sink.address.port()).parse().unwrap();
    let limit = Duration::from_secs(10);
    let answer = client.post(&url, HeaderMap::new(), "{}".into(), limit).await;
    assert_eq!((answer.status, stub.asked.load(Ordering::SeqCst)), (Some(200), 1));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let inside = Sink::start(|_| Say::Status(200)).await.unwrap();
    let address = inside.address;
    let location: &'static str = Box::leak(format!("location: http://{address}/\r\n").into());
    for status in [301, 302, 303, 307, 308] {
        let sink = Sink::start(move |_| Say::With(status, location, String::new())).await.unwrap();
        let client = Client::new(&Guard::new(Stub::new(&[&[]]), true)).unwrap();
        let url = sink.url().parse().unwrap();
        let limit = Duration::from_secs(10);
        let answer = client.post(&url, HeaderMap::new(), "{}".into(), limit).await;
        assert_eq!(answer.status, Some(status));
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_huge_answer_is_cut_off_and_a_silent_one_left() {
    let client = Client::new(&Guard::new(Stub::new(&[&[]]), true)).unwrap();
    let limit = Duration::from_secs(10);
    let sink = Sink::start(|_| Say::Flood).await.unwrap();
    let url = sink.url().parse().unwrap();
    let answer = client.post(&url, HeaderMap::new(), "{}".into(), limit).await;
    assert_eq!(answer.status, Some(200));
    assert_eq!(answer.excerpt.map(|text| text.len()), Some(512));
    assert!(answer.took < limit, "{:?}", answer.took);
    let sink = Sink::start(|_| Say::Hang).await.unwrap();
    let url = sink.url().parse().unwrap();
    let limit = Duration::from_secs(1);
    let answer = client.post(&url, HeaderMap::new(), "{}".into(), limit).await;
    assert_eq!(answer.error.as_deref(), Some("no answer within 1 s"));
    let sink = Sink::start(|_| Say::Close).await.unwrap();
    let secret = format!("{}?token=geheim", sink.url());
    let answer = client.post(&secret.parse().unwrap(), HeaderMap::new(), "{}".into(), limit).await;
    let error = answer.error.unwrap();
    assert!(!error.contains("geheim"), "{error}");
}
