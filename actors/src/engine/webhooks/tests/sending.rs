//! What arrives, and how.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};
use zelador_store::delivery::DeliveryStatus;

use super::{Post, by};
use crate::engine::webhooks::messages::{NewSecret, Rotate, Test};
use crate::engine::webhooks::rules::sign;
use crate::engine::webhooks::sink::{Say, Sink};
use crate::testkit::eventually;

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

#[tokio::test]
async fn an_event_arrives_signed_both_ways() {
    let post = Post::new().await;
    let sink = Sink::start(|_| Say::Status(200)).await.unwrap();
    let given = NewSecret::Given(secret("meu-secret-opcional"));
    let hook = post.hook_of(post.tenant, &sink.url(), &["booking.created"], given).await;
    let event = post.happens("a").await;
    post.happens_to(post.tenant, "a", "booking.cancelled").await;
    post.until(hook.id, event, DeliveryStatus::Delivered, 1).await;
    let got = sink.got();
    let [got] = got.as_slice() else { panic!("one, not {}", got.len()) };
    let tenant = post.tenant;
    let body =
        json!({"event": "booking.created", "data": {"booking_id": "a", "tenant_id": tenant}});
    assert_eq!(serde_json::from_str::<Value>(&got.body).unwrap(), body);
    assert_eq!(got.header("webhook-id"), event.to_string());
    assert_eq!(got.header("content-type"), "application/json");
    assert!(got.header("user-agent").starts_with("zelador/"));
    let key = secret("meu-secret-opcional");
    assert_eq!(got.header("x-webhook-signature"), sign::plain(&key, &got.body));
    let at: i64 = got.header("webhook-timestamp").parse().unwrap();
    assert_eq!(at, post.world.shell.now().as_millis() / 1000);
    let signed = sign::standard(&key, &event.to_string(), at, &got.body);
    assert_eq!(got.header("webhook-signature"), signed);
}

#[tokio::test]
async fn without_a_secret_nothing_is_signed() {
    let post = Post::new().await;
    let sink = Sink::start(|_| Say::Status(204)).await.unwrap();
    let hook = post.hook(&sink.url()).await;
    let event = post.happens("a").await;
    post.until(hook.id, event, DeliveryStatus::Delivered, 1).await;
    let got = sink.got();
    let one = got.iter().find(|one| one.header("webhook-id") == event.to_string()).unwrap();
    assert!(one.headers.keys().all(|name| !name.contains("signature")), "{one:?}");
    assert!(!one.header("webhook-timestamp").is_empty());
}

#[tokio::test]
async fn a_replaced_secret_signs_along_for_a_day() {
    let post = Post::new().await;
    let sink = Sink::start(|_| Say::Status(200)).await.unwrap();
    let old = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let hook =
        post.hook_of(post.tenant, &sink.url(), &["booking.*"], NewSecret::Given(old.clone())).await;
    let which = post.which(hook.id);
    let command = Rotate { which, secret: None, by: by(), keep: None };
    let new = post.desk.rotate(command).await.unwrap().made.unwrap();
    for (hours, overlap) in [(0, true), (23, true), (2, false)] {
        post.passes(hours * 3600);
        let event = post.happens("a").await;
        post.until(hook.id, event, DeliveryStatus::Delivered, 1).await;
        let got = sink.got().pop().unwrap();
        let at: i64 = got.header("webhook-timestamp").parse().unwrap();
        let sign = |key| sign::standard(key, &event.to_string(), at, &got.body);
        let expected = if overlap { format!("{} {}", sign(&new), sign(&old)) } else { sign(&new) };
        assert_eq!(got.header("webhook-signature"), expected, "after {hours} h");
        assert_eq!(got.header("x-webhook-signature"), sign::plain(&new, &got.body));
    }
    let shown = format!("{:?}", post.record(hook.id).await);
    assert!(!shown.contains("MfKQ9r8G"), "{shown}");
}

#[tokio::test]
async fn a_failed_try_is_made_again_under_the_same_id() {
    let post = Post::new().await;
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let sink =
        Sink::start(move |_| match tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Say::Status(500),
            1 => Say::With(503, "retry-after: 600\r\n", "later".into()),
            _ => Say::Status(200),
        })
        .await
        .unwrap();
    let hook = post.hook_of(post.tenant, &sink.url(), &["booking.*"], NewSecret::None).await;
    let event = post.happens("a").await;
    post.until(hook.id, event, DeliveryStatus::Pending, 1).await;
    // Another webhook shows that the courier has looked since.
    let other = Sink::start(|_| Say::Status(200)).await.unwrap();
    let live = post.hook_of(post.tenant, &other.url(), &["user.*"], NewSecret::None).await;
    post.passes(9);
    let witness = post.happens_to(post.tenant, "x", "user.updated").await;
    post.until(live.id, witness, DeliveryStatus::Delivered, 1).await;
    assert_eq!(sink.count(), 1, "not before its time");
    post.passes(3);
    post.until(hook.id, event, DeliveryStatus::Pending, 2).await;
    let row = post.delivery(hook.id, event).await.unwrap();
    assert_eq!(row.due.since(post.world.shell.now()), Duration::from_secs(600), "{row:?}");
    assert_eq!(row.excerpt.as_deref(), Some("later"));
    assert!(post.record(hook.id).await.health.failing_since.is_some());
    post.passes(601);
    post.until(hook.id, event, DeliveryStatus::Delivered, 3).await;
    let ids: Vec<_> = sink.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids, vec![event.to_string(); 3]);
    let bodies: Vec<_> = sink.got().into_iter().map(|got| got.body).collect();
    assert!(bodies.windows(2).all(|two| two[0] == two[1]));
    assert!(post.record(hook.id).await.health.failing_since.is_none());
}

#[tokio::test]
async fn a_test_is_sent_at_once_and_is_in_no_log() {
    let post = Post::new().await;
    let sink = Sink::start(|_| Say::Status(200)).await.unwrap();
    let hook = post.hook_of(post.tenant, &sink.url(), &["booking.*"], NewSecret::None).await;
    let command = Test { which: post.which(hook.id), by: by(), keep: None };
    let made = post.desk.test(command).await.unwrap();
    post.until(hook.id, made.id, DeliveryStatus::Delivered, 1).await;
    let body: Value = serde_json::from_str(&sink.got()[0].body).unwrap();
    assert_eq!(body["event"], "webhook.test");
    assert_eq!(body["data"]["webhook_id"], hook.id.to_string());
    assert!(post.told("webhook.test").await.is_empty());
}

#[tokio::test]
async fn who_is_told_is_who_wants_it_and_nobody_of_another_tenant() {
    let post = Post::new().await;
    let other = super::tenant(&post.world).await;
    let sinks = [
        Sink::start(|_| Say::Status(200)).await.unwrap(),
        Sink::start(|_| Say::Status(200)).await.unwrap(),
        Sink::start(|_| Say::Status(200)).await.unwrap(),
    ];
    post.hook_of(post.tenant, &sinks[0].url(), &["booking.created"], NewSecret::None).await;
    post.hook_of(post.tenant, &sinks[1].url(), &["booking.cancelled"], NewSecret::None).await;
    post.hook_of(other, &sinks[2].url(), &["booking.*"], NewSecret::None).await;
    for round in 0..5 {
        post.happens(&format!("a{round}")).await;
        post.happens_to(other, &format!("b{round}"), "booking.cancelled").await;
    }
    eventually("all have arrived", async || {
        (sinks[0].count() == 5 && sinks[2].count() == 5).then_some(())
    })
    .await;
    assert_eq!(sinks[1].count(), 0);
    let own = other.to_string();
    assert!(sinks[2].got().iter().all(|got| got.body.contains(&own)));
}
