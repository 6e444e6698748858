//! The event log and its consumers over HTTP.

use serde_json::{Value, json};
use zelador_actors::testkit::eventually;
use zelador_store::Write;
use zelador_store::event::Event;
use zelador_store::id::TenantId;

use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

async fn append(house: &House, kind: &str, tenant: Option<TenantId>, data: &str) {
    let shell = &house.world.shell;
    let event = Event {
        id: shell.id(),
        kind: kind.to_owned(),
        tenant,
        user: None,
        key: String::new(),
        at: shell.now(),
        data: data.to_owned(),
    };
    let mut write = Write::new();
    write.event(&event);
    shell.store.commit(write).await.unwrap();
}

/// Ten events: three types in turn, the odd ones of a tenant.
async fn ten(house: &House) -> TenantId {
    let tenant: TenantId = house.world.shell.id();
    for number in 0..10 {
        let kind = ["user.created", "user.updated", "job.failed"][number % 3];
        let whose = (number % 2 == 0).then_some(tenant);
        append(house, kind, whose, &json!({ "n": number }).to_string()).await;
    }
    tenant
}

fn numbers(events: &Value) -> Vec<u64> {
    events.as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn the_log_is_read_from_any_place() {
    let house = house().await;
    let tenant = ten(&house).await;
    let read = async |query: &str| ok(house.order("GET", &format!("/events{query}")), 200).await;
    let all = read("").await;
    assert_eq!(numbers(&all), (1..=10).collect::<Vec<_>>());
    assert_eq!(
        all[0],
        json!({
            "seq": 1, "id": all[0]["id"], "type": "user.created", "tenant_id": tenant,
            "user_id": null, "occurred_at": "2025-12-01T12:00:00.000Z", "data": { "n": 0 },
        })
    );
    assert_eq!(numbers(&read("?after=8").await), [9, 10]);
    assert_eq!(numbers(&read("?after=10").await), [0; 0]);
    assert_eq!(numbers(&read("?last=3").await), [8, 9, 10]);
    assert_eq!(numbers(&read("?last=500&type=job.failed").await), [3, 6, 9]);
    assert_eq!(numbers(&read("?type=job.failed").await), [3, 6, 9]);
    assert_eq!(numbers(&read("?type=job.failed,user.updated&after=6").await), [8, 9]);
    assert_eq!(numbers(&read(&format!("?tenant_id={tenant}&after=4")).await), [5, 7, 9]);
    assert_eq!(read("?tenant_id=nonsense").await, json!([]));
    let wrong = flaws(house.order("GET", "/events?after=-1")).await;
    assert_eq!(wrong, [("after".to_owned(), "minimum".to_owned())]);
}

#[tokio::test]
async fn the_log_is_read_page_by_page() {
    let house = house().await;
    ten(&house).await;
    let mut path = "/api/events?after=2&type=user.created,user.updated&limit=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let response = house.order("GET", &path).send().await.unwrap();
        let next = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page = body(response, 200).await;
        assert!(page.as_array().unwrap().len() <= 2);
        seen.extend(numbers(&page));
        let Some(next) = next else { break };
        path = next.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    assert_eq!(seen, [4, 5, 7, 8, 10]);
}

#[tokio::test]
async fn a_tenants_token_sees_that_tenants_events() {
    let house = house().await;
    let tenant = ten(&house).await;
    let text = house.bound(tenant, &["events:read"]).await;
    let read = async |path: &str| house.ask("GET", path).bearer_auth(&text).send().await.unwrap();
    assert_eq!(numbers(&body(read("/events").await, 200).await), [1, 3, 5, 7, 9]);
    let other = house.world.shell.id::<zelador_store::id::Tenant>();
    for foreign in [other.to_string(), "nonsense".to_owned()] {
        let path = format!("/events?tenant_id={foreign}");
        assert_eq!(body(read(&path).await, 200).await, json!([]));
    }
    // None of the consumers is this tenant's.
    assert_eq!(body(read("/events/consumers").await, 200).await, json!([]));
}

#[tokio::test]
async fn a_consumer_is_seen_replayed_and_its_parked_events_retried() {
    let house = house().await;
    let events = house.doors.events.clone();
    tokio::spawn(async move { events.work("picky").await });
    append(&house, "a", None, "{}").await;
    append(&house, "b", None, "{\"n\":1}").await;
    let consumer = async || ok(house.order("GET", "/events/consumers"), 200).await[0].clone();
    let passed = eventually("it has passed", async || {
        let seen = consumer().await;
        (seen["lag"] == 0 && seen["parked"] == 1).then_some(seen)
    });
    let expected = json!({
        "name": "picky", "cursor": 2, "lag": 0, "pending": 0, "parked": 1, "tries": 0,
        "retry_at": null, "last_error": null, "detached": false, "known": true,
        "kind": "built_in", "types": [], "tenant_id": null, "ack_seconds": null, "held": 0,
    });
    assert_eq!(passed.await, expected);

    let parked = "/events/consumers/picky/parked";
    let listed = ok(house.order("GET", parked), 200).await;
    assert_eq!((&listed[0]["seq"], &listed[0]["event"]["type"]), (&json!(1), &json!("a")));
    assert_eq!(listed[0]["error"], "nothing in it");
    let again = ok(house.order("POST", &format!("{parked}/1/retry")), 200).await;
    assert_eq!(again, json!({ "seq": 1, "handled": false, "error": "nothing in it" }));
    let all = || house.order("POST", &format!("{parked}/retry-all")).header("Idempotency-Key", "k");
    assert_eq!(ok(all(), 200).await, json!({ "handled": 0, "failed": 1 }));
    assert_eq!(ok(all(), 200).await, json!({ "handled": 0, "failed": 1 }));

    let discarded = house.order("DELETE", &format!("{parked}/1"));
    ok(discarded, 204).await;
    assert_eq!(ok(house.order("GET", parked), 200).await, json!([]));

    let replay = |from: u64| {
        house.order("POST", "/events/consumers/picky/replay").json(&json!({ "from": from }))
    };
    assert_eq!(ok(replay(2), 202).await, json!({ "name": "picky", "from": 2 }));
    assert_eq!(flaws(replay(4)).await, [("from".to_owned(), "out_of_range".to_owned())]);
    assert_eq!(flaws(replay(0)).await, [("from".to_owned(), "minimum".to_owned())]);
    for path in [
        "/events/consumers/shy/parked/retry-all",
        "/events/consumers/picky/parked/7/retry",
        "/events/consumers/picky/parked/x/retry",
    ] {
        let response = house.order("POST", path).send().await.unwrap();
        is(&problem(response).await, 404, "not_found");
    }
    let response = house.order("GET", "/events/consumers/shy/parked").send().await.unwrap();
    is(&problem(response).await, 404, "not_found");
}
