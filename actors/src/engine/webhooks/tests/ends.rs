//! How a webhook comes to be switched off, and what there is to do then.

use std::sync::Arc;

use parking_lot::Mutex;
use zelador_store::delivery::{Deliveries, DeliveryStatus};
use zelador_store::event::Consumers;
use zelador_store::id::WebhookId;
use zelador_store::{Query, Timestamp};

use super::{Post, by};
use crate::engine::webhooks::messages::{
    Delete, NewSecret, Range, Revise, SecretChange, Since, WebhookDraft,
};
use crate::engine::webhooks::sink::{Say, Sink};
use crate::error::{Error, Refusal};
use crate::testkit::eventually;

const LAST_SUCCESS: Range =
    Range { from: Since::LastSuccess, until: None, only_failed: false, delivered_too: false };

async fn switch(post: &Post, hook: WebhookId, is_active: bool) {
    let record = post.record(hook).await;
    let (url, events) = (record.webhook.url, record.webhook.events);
    let command = Revise {
        which: post.which(hook),
        draft: WebhookDraft { url, events, is_active },
        secret: SecretChange::Keep,
        if_version: None,
        by: by(),
    };
    post.desk.revise(command).await.unwrap();
}

#[tokio::test]
async fn gone_is_gone_until_it_is_switched_on_and_what_was_missed_is_sent_again() {
    let post = Post::new().await;
    let status = Arc::new(Mutex::new(200));
    let answer = status.clone();
    let sink = Sink::start(move |_| Say::Status(*answer.lock())).await.unwrap();
    let hook = post.hook_of(post.tenant, &sink.url(), &["booking.*"], NewSecret::None).await;
    let first = post.happens("a").await;
    post.until(hook.id, first, DeliveryStatus::Delivered, 1).await;
    *status.lock() = 410;
    let gone = post.happens("b").await;
    post.until(hook.id, gone, DeliveryStatus::Failed, 1).await;
    let record = post.record(hook.id).await;
    assert!(!record.webhook.is_active);
    assert_eq!(record.webhook.disabled.as_ref().unwrap().why, "gone");
    let told = post.told("webhook.disabled").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["webhook_id"], hook.id.to_string());
    assert_eq!(told[0]["reason"], "gone");
    // Nothing is made for one that is off.
    let missed = post.happens("c").await;
    let refused = post.desk.redeliver(post.which(hook.id), first, &by(), None).await;
    assert!(matches!(
        refused,
        Err(Error::Refused(Refusal::Conflict { code: "webhook_inactive", .. }))
    ));
    eventually("the consumer is through", async || {
        let name = "webhooks".to_owned();
        let found = post.world.shell.store.get::<Consumers>(&name).await.unwrap();
        let cursor = found?.row.cursor;
        (cursor >= super::queries::tip(&post.world.shell).await.unwrap()).then_some(())
    })
    .await;
    assert_eq!(post.delivery(hook.id, missed).await, None);
    *status.lock() = 200;
    post.passes(1);
    switch(&post, hook.id, true).await;
    assert_eq!(post.record(hook.id).await.webhook.disabled, None);
    // Something arrives before anybody thinks of what was missed.
    let later = post.happens("d").await;
    post.until(hook.id, later, DeliveryStatus::Delivered, 1).await;
    let which = post.which(hook.id);
    let trial = post.desk.redeliver_range(which, LAST_SUCCESS, &by(), true).await.unwrap();
    assert_eq!(trial.count, 2, "what came to 410, and what was never sent");
    assert_eq!(sink.count(), 3);
    let done = post.desk.redeliver_range(which, LAST_SUCCESS, &by(), false).await.unwrap();
    assert_eq!((done.count, done.from, done.next), (2, trial.from, None));
    for event in [gone, missed] {
        post.until(hook.id, event, DeliveryStatus::Delivered, 1).await;
    }
    let again = post.desk.redeliver_range(which, LAST_SUCCESS, &by(), true).await.unwrap();
    assert_eq!(again.count, 0, "and nothing is left");
}

#[tokio::test]
async fn five_days_of_failures_switch_it_off() {
    let post = Post::new().await;
    let sink = Sink::start(|_| Say::Status(503)).await.unwrap();
    let hook = post.hook_of(post.tenant, &sink.url(), &["booking.*"], NewSecret::None).await;
    post.happens("a").await;
    let start: Timestamp = post.world.shell.now();
    let mut count = 0;
    let off = loop {
        count += 1;
        // A new one every six hours, and time for its first try.
        let event = post.happens(&format!("b{count}")).await;
        eventually("it is tried", async || {
            // One that is not there is tried seldom.
            post.passes(1);
            let row = post.delivery(hook.id, event).await;
            let off = !post.record(hook.id).await.webhook.is_active;
            (off || row.is_some_and(|row| row.tries > 0)).then_some(())
        })
        .await;
        if !post.record(hook.id).await.webhook.is_active {
            break post.world.shell.now();
        }
        post.passes(6 * 3600);
    };
    let days = off.since(start).as_secs_f64() / 86_400.0;
    assert!((5.0..5.5).contains(&days), "{days}");
    let told = post.told("webhook.disabled").await;
    assert_eq!((told.len(), told[0]["reason"].as_str()), (1, Some("failing")));
    assert_eq!(told[0]["last_error"], "answered 503");
    // Switched on again, it has five days anew.
    switch(&post, hook.id, true).await;
    let event = post.happens("z").await;
    post.until(hook.id, event, DeliveryStatus::Pending, 1).await;
    assert!(post.record(hook.id).await.webhook.is_active);
}

#[tokio::test]
async fn a_deleted_one_is_sent_nothing() {
    let post = Post::new().await;
    let sink = Sink::start(|_| Say::Status(500)).await.unwrap();
    let hook = post.hook_of(post.tenant, &sink.url(), &["booking.*"], NewSecret::None).await;
    let event = post.happens("a").await;
    post.until(hook.id, event, DeliveryStatus::Pending, 1).await;
    let command = Delete { which: post.which(hook.id), if_version: None, by: by() };
    post.desk.delete(command).await.unwrap();
    // Another webhook shows that the courier has seen to both events' time.
    let other = Sink::start(|_| Say::Status(200)).await.unwrap();
    let live = post.hook_of(post.tenant, &other.url(), &["booking.*"], NewSecret::None).await;
    post.passes(3600);
    let later = post.happens("b").await;
    post.until(live.id, later, DeliveryStatus::Delivered, 1).await;
    assert_eq!(sink.count(), 1);
    let jobs =
        post.world.shell.store.page::<zelador_store::job::Jobs>(&Query::all()).await.unwrap();
    assert!(jobs.rows.iter().any(|job| job.row.kind == "webhooks.clear"));
    let left = post.world.shell.store.page::<Deliveries>(&Query::all()).await.unwrap();
    let new = left.rows.iter().filter(|row| row.key.0 == hook.id && row.key.1 != event);
    assert_eq!(new.count(), 0, "nothing new is made");
}
