//! Nobody waits for somebody else's receiver.

use std::time::Duration;

use zelador_store::delivery::DeliveryStatus;

use super::Post;
use crate::engine::webhooks::messages::NewSecret;
use crate::engine::webhooks::sink::{Say, Sink};
use crate::testkit::eventually;

#[tokio::test]
async fn receivers_that_hang_keep_nobody_waiting() {
    let post = Post::new().await;
    let hanging = Sink::start(|_| Say::Hang).await.unwrap();
    let good = Sink::start(|_| Say::Status(200)).await.unwrap();
    let other = super::tenant(&post.world).await;
    // The tenant's own, and as many of another's as it may have.
    post.hook_of(post.tenant, &hanging.url(), &["booking.*"], NewSecret::None).await;
    for _ in 0..10 {
        post.hook_of(other, &hanging.url(), &["booking.*"], NewSecret::None).await;
    }
    let hook = post.hook_of(post.tenant, &good.url(), &["booking.*"], NewSecret::None).await;
    for number in 0..30 {
        post.happens_to(other, &format!("o{number}"), "booking.created").await;
    }
    eventually("places are taken", async || (hanging.count() >= 32).then_some(())).await;
    let began = std::time::Duration::from_secs(5);
    let mut last = None;
    for number in 0..30 {
        last = Some(post.happens(&format!("b{number}")).await);
    }
    let arrives = post.until(hook.id, last.unwrap(), DeliveryStatus::Delivered, 1);
    tokio::time::timeout(began, arrives).await.expect("while others hang");
    assert!(post.desk.courier().status().running <= 64);
    post.desk.courier().stop(Duration::ZERO).await;
}
