//! Deliveries that wait for others: a sound store, and one with each flaw.

use super::{at, each_is_named, told_of};
use crate::Write;
use crate::delivery::{Deliveries, Delivery, DeliveryStatus};
use crate::id::{EventId, TenantId, WebhookId};
use crate::webhook::{Webhook, Webhooks};

struct Story {
    webhook: bool,
    deliveries: Vec<Delivery>,
}

fn delivery(seq: u64, key: &str, held: bool, followed: bool) -> Delivery {
    Delivery {
        tenant: TenantId::new(at(0), [9; 10]),
        seq,
        kind: "booking.created".into(),
        key: key.into(),
        status: DeliveryStatus::Pending,
        held,
        followed,
        due: at(1),
        tries: 0,
        history: Vec::new(),
        excerpt: None,
        payload: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// Of one key the first holds two, of the other nobody is held.
fn story() -> Story {
    Story {
        webhook: true,
        deliveries: vec![
            delivery(1, "a", false, true),
            delivery(2, "b", false, false),
            delivery(3, "a", true, true),
            delivery(4, "a", true, true),
        ],
    }
}

async fn findings(story: &Story) -> Vec<String> {
    let webhook = WebhookId::new(at(0), [1; 10]);
    let mut write = Write::new();
    if story.webhook {
        let row = Webhook {
            tenant: TenantId::new(at(0), [9; 10]),
            url: "https://aviso.example".into(),
            events: vec!["*".into()],
            secret: None,
            previous: None,
            is_active: true,
            disabled: None,
            replay_from: None,
            active_since: at(0),
            version: 1,
            created_at: at(0),
            updated_at: at(0),
        };
        write.insert::<Webhooks>(&webhook, &row);
    }
    for (n, row) in (10..).zip(&story.deliveries) {
        write.insert::<Deliveries>(&(webhook, EventId::new(at(0), [n; 10])), row);
    }
    told_of(write).await
}

#[tokio::test]
async fn what_is_held_behind_another_is_sound() {
    assert_eq!(findings(&story()).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_nobody_will_free_is_named() {
    type Spoil = fn(&mut Story);
    let spoils: [(Spoil, &str); 4] = [
        (|s| drop(s.deliveries.remove(0)), "before it would free it"),
        (|s| s.deliveries[0].status = DeliveryStatus::Delivered, "before it would free it"),
        (|s| s.deliveries[0].followed = false, "of «a» before it"),
        (|s| s.deliveries[1].held = true, "of «b» before it"),
    ];
    each_is_named(story, findings, &spoils).await;
}

/// The webhook goes first, then what was on its way.
#[tokio::test]
async fn what_a_deleted_webhook_leaves_is_sound() {
    let mut story = story();
    story.webhook = false;
    story.deliveries.remove(0);
    assert_eq!(findings(&story).await, Vec::<String>::new());
}
