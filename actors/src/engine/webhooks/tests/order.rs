//! The order within a booking, and that nothing else waits.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::Value;
use zelador_store::Write;
use zelador_store::delivery::{Deliveries, Delivery, DeliveryStatus};
use zelador_store::event::Event;
use zelador_store::webhook::Webhooks;

use super::{Post, by, run};
use crate::engine::Shell;
use crate::engine::webhooks::consumer::delivery;
use crate::engine::webhooks::messages::NewSecret;
use crate::engine::webhooks::rules::turn::Tried;
use crate::engine::webhooks::settings::WebhookSettings;
use crate::engine::webhooks::sink::{Got, Say, Sink};
use crate::testkit::{self, eventually};

fn booking(got: &Got) -> String {
    let body: Value = serde_json::from_str(&got.body).unwrap();
    body["data"]["booking_id"].as_str().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn a_failing_delivery_holds_up_later_ones_of_its_booking_alone() {
    let post = Post::new().await;
    let failing = Arc::new(Mutex::new(true));
    let answer = failing.clone();
    let sink = Sink::start(move |got| {
        let bad = *answer.lock() && booking(got) == "bad";
        Say::Status(if bad { 500 } else { 200 })
    })
    .await
    .unwrap();
    let hook = post.hook_of(post.tenant, &sink.url(), &["booking.*"], NewSecret::None).await;
    let mut bad = Vec::new();
    for _ in 0..4 {
        bad.push(post.happens("bad").await);
    }
    let mut good = Vec::new();
    for number in 0..50 {
        good.push(post.happens(&format!("good{number}")).await);
    }
    for event in &good {
        post.until(hook.id, *event, DeliveryStatus::Delivered, 1).await;
    }
    post.until(hook.id, bad[0], DeliveryStatus::Pending, 1).await;
    let tried = sink.got().iter().filter(|got| booking(got) == "bad").count();
    assert_eq!(tried, 1, "those behind it are not even tried");
    *failing.lock() = false;
    // One that comes while others are held has its place behind them.
    bad.push(post.happens("bad").await);
    post.passes(12);
    for (event, tries) in bad.iter().zip([2, 1, 1, 1, 1]) {
        post.until(hook.id, *event, DeliveryStatus::Delivered, tries).await;
    }
    let order: Vec<_> = sink.got().iter().filter(|got| booking(got) == "bad").cloned().collect();
    let ids: Vec<_> = order.iter().skip(1).map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids, bad.iter().map(ToString::to_string).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_fails_for_good_frees_those_behind_it() {
    let settings = WebhookSettings { backoff_seconds: vec![10], ..WebhookSettings::default() };
    let post = Post::with(settings, Arc::new(super::SystemLookUp)).await;
    let first = Arc::new(Mutex::new(None::<String>));
    let never = first.clone();
    let sink = Sink::start(move |got| {
        let id = got.header("webhook-id").to_owned();
        let first = never.lock().get_or_insert_with(|| id.clone()).clone();
        Say::Status(if id == first { 500 } else { 200 })
    })
    .await
    .unwrap();
    let hook = post.hook_of(post.tenant, &sink.url(), &["booking.*"], NewSecret::None).await;
    let (one, two) = (post.happens("a").await, post.happens("a").await);
    post.until(hook.id, one, DeliveryStatus::Pending, 1).await;
    post.passes(12);
    post.until(hook.id, one, DeliveryStatus::Failed, 2).await;
    post.until(hook.id, two, DeliveryStatus::Delivered, 1).await;
    // Sent again, it goes out again, after whatever came later.
    let which = post.which(hook.id);
    let again = post.desk.redeliver(which, one, &by(), None).await.unwrap();
    assert_eq!(again.delivery.status, DeliveryStatus::Pending);
    post.until(hook.id, one, DeliveryStatus::Pending, 1).await;
}

/// While the end of a delivery is being written, the one behind it is put aside: it must
/// not be left there, for nobody would free it.
#[tokio::test]
async fn whoever_is_put_aside_behind_one_that_ends_is_freed() {
    let post = Post::new().await;
    // Nobody works: the courier's two hands are moved by this test.
    post.desk.courier().stop(Duration::ZERO).await;
    let hook = post.hook_of(post.tenant, "http://127.0.0.1:9/", &["user.*"], NewSecret::None).await;
    let shell = &post.world.shell;
    let (first, second) = (post.happens("a").await, post.happens("a").await);
    let mut write = Write::new();
    for (seq, event) in [(1, first), (2, second)] {
        let happened = Event {
            id: event,
            kind: "booking.created".to_owned(),
            tenant: Some(post.tenant),
            user: None,
            key: "booking:a".to_owned(),
            at: shell.now(),
            data: "{}".to_owned(),
        };
        let row = delivery(post.tenant, seq, &happened, shell.now());
        // Others have waited behind the first one before.
        write.insert::<Deliveries>(&(hook.id, event), &Delivery { followed: seq == 1, ..row });
    }
    shell.store.commit(write).await.unwrap();
    let row = async |event| shell.store.get::<Deliveries>(&(hook.id, event)).await.unwrap();
    let (head, behind) = (row(first).await.unwrap(), row(second).await.unwrap());
    let webhook = shell.store.get::<Webhooks>(&hook.id).await.unwrap().unwrap();
    let arrived =
        Tried { status: Some(200), error: None, ..Tried::not_sent(shell.now(), "nothing", false) };
    let gated = |store| -> BoxFuture<'static, ()> {
        let shell = Shell { store, ..shell.clone() };
        let desk = super::desk_on(shell, WebhookSettings::default(), Arc::new(super::SystemLookUp));
        Box::pin(async move { desk.courier().settle(&webhook, head, &arrived).await })
    };
    testkit::overtaken(&post.world, gated, async {
        let aside = HashMap::from([((hook.id, first), vec![behind])]);
        assert!(post.desk.courier().put_aside(aside).await.unwrap());
        assert!(row(second).await.unwrap().row.held);
    })
    .await;
    assert_eq!(row(first).await.unwrap().row.status, DeliveryStatus::Delivered);
    let next = row(second).await.unwrap().row;
    assert!(next.status == DeliveryStatus::Pending && !next.held, "{next:?}");
}

/// Judges what a sink got of many bookings' events, given in the order in which
/// they happened: each arrived, none before an earlier one of its booking had.
#[track_caller]
fn judge(happened: &[(String, String)], arrived: &[(String, String)]) {
    let mut seen = HashSet::new();
    let mut order: HashMap<&str, Vec<&str>> = HashMap::new();
    for (booking, id) in arrived {
        if seen.insert(id.as_str()) {
            order.entry(booking).or_default().push(id);
        }
    }
    let mut expected: HashMap<&str, Vec<&str>> = HashMap::new();
    for (booking, id) in happened {
        expected.entry(booking).or_default().push(id);
    }
    assert_eq!(order, expected);
}

/// A small storm: thirty in a hundred fail, a few hang, and the courier is ended in
/// the middle of it and begins again from the store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_with_an_end_in_the_middle_loses_nothing_and_keeps_the_order() {
    let settings = WebhookSettings {
        backoff_seconds: vec![1; 30],
        timeout_seconds: 5,
        ..WebhookSettings::default()
    };
    let mut post = Post::with(settings.clone(), Arc::new(super::SystemLookUp)).await;
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let note = arrived.clone();
    let rolls = Mutex::new(0_u32);
    let sink = Sink::start(move |got| {
        let roll = {
            let mut rolls = rolls.lock();
            *rolls = rolls.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (*rolls >> 16) % 1000
        };
        match roll {
            0..300 => Say::Status(500),
            300..305 => Say::Hang,
            305..320 => Say::Close,
            _ => {
                note.lock().push((booking(got), got.header("webhook-id").to_owned()));
                Say::Status(200)
            }
        }
    })
    .await
    .unwrap();
    let hook = post.hook_of(post.tenant, &sink.url(), &["booking.*"], NewSecret::None).await;
    let hand = post.world.hand.clone();
    let ticking = tokio::spawn(async move {
        loop {
            hand.advance(Duration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut happened = Vec::new();
    for number in 0..400 {
        let booking = format!("b{}", number % 40);
        happened.push((booking.clone(), post.happens(&booking).await));
    }
    eventually("the half has arrived", async || (arrived.lock().len() > 200).then_some(())).await;
    // What the one had in its head is lost; the other finds it in the store.
    post.desk.courier().stop(Duration::ZERO).await;
    // A consumer that still worked would tell a courier that is not there any more.
    post.running.take().unwrap().end().await;
    let desk = super::desk(&post.world, settings, Arc::new(super::SystemLookUp));
    let _stop = run(&post.world, &desk).await;
    for (_, event) in &happened {
        eventually("it arrives", async || {
            let row = post.delivery(hook.id, *event).await?;
            (row.status == DeliveryStatus::Delivered).then_some(())
        })
        .await;
    }
    ticking.abort();
    let happened: Vec<_> =
        happened.into_iter().map(|(booking, event)| (booking, event.to_string())).collect();
    judge(&happened, &arrived.lock());
}
