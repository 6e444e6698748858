//! Consumers for programs over HTTP.

use std::time::Duration;

use serde_json::{Value, json};
use zelador_store::Write;
use zelador_store::event::Event;
use zelador_store::id::TenantId;

use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

async fn append(house: &House, tenant: Option<TenantId>) {
    let shell = &house.world.shell;
    let mut write = Write::new();
    write.event(&Event {
        id: shell.id(),
        kind: "job.failed".to_owned(),
        tenant,
        user: None,
        key: String::new(),
        at: shell.now(),
        data: "{}".to_owned(),
    });
    shell.store.commit(write).await.unwrap();
}

fn post(house: &House, path: &str, draft: &Value) -> reqwest::RequestBuilder {
    house.order("POST", &format!("/events/consumers{path}")).json(draft)
}

fn seqs(events: &Value) -> Vec<u64> {
    events.as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_consumer_is_made_read_and_removed() {
    let house = house().await;
    append(&house, None).await;
    let draft = json!({ "name": "crm", "types": ["job.failed"], "from": "oldest" });
    let keyed = || post(&house, "", &draft).header("Idempotency-Key", "k");
    let response = keyed().send().await.unwrap();
    assert_eq!(response.headers()["location"], "/events/consumers/crm");
    let made = body(response, 201).await;
    assert_eq!(
        made,
        json!({
            "name": "crm", "kind": "external", "cursor": 0, "lag": 1, "pending": 1, "parked": 0,
            "tries": 0, "retry_at": null, "last_error": null, "detached": false, "known": true,
            "types": ["job.failed"], "tenant_id": null, "ack_seconds": 60, "held": 0,
        })
    );
    assert_eq!(ok(keyed(), 201).await, made, "the same request, the same answer");
    let twice = post(&house, "", &json!({ "name": "crm" })).send().await.unwrap();
    is(&problem(twice).await, 409, "consumer_exists");
    let read = ok(post(&house, "/crm/read", &json!({ "member": "a" })), 200).await;
    assert_eq!((seqs(&read), &read[0]["deliveries"]), (vec![1], &json!(1)));
    assert_eq!(read[0]["lease_until"], "2025-12-01T12:01:00.000Z");
    let held = ok(house.order("GET", "/events/consumers/crm/pending"), 200).await;
    assert_eq!((&held[0]["member"], &held[0]["id"]), (&json!("a"), &read[0]["id"]));
    let claim = json!({ "member": "b", "min_idle_seconds": 0 });
    let claimed = ok(post(&house, "/crm/claim", &claim), 200).await;
    assert_eq!(claimed[0]["deliveries"], 2);
    let done = ok(post(&house, "/crm/ack", &json!({ "ids": [read[0]["id"]], "seqs": [9] })), 200);
    assert_eq!(done.await, json!({ "acknowledged": 1, "unknown": 1 }));
    ok(house.order("DELETE", "/events/consumers/crm"), 204).await;
    let gone = post(&house, "/crm/read", &json!({})).send().await.unwrap();
    is(&problem(gone).await, 404, "not_found");
}

#[tokio::test]
async fn a_draft_says_where_to_begin() {
    let house = house().await;
    append(&house, None).await;
    append(&house, None).await;
    for (from, lag) in [(json!("oldest"), 2), (json!("now"), 0), (json!(2), 1), (json!(3), 0)] {
        let name = format!("c{lag}-{}", from.to_string().len());
        let made = ok(post(&house, "", &json!({ "name": name, "from": from })), 201).await;
        assert_eq!(made["lag"], lag, "{from}");
    }
    let wrong = |draft: Value| flaws(post(&house, "", &draft));
    let far = wrong(json!({ "name": "x", "from": 4 })).await;
    assert_eq!(far, [("from".to_owned(), "out_of_range".to_owned())]);
    assert_eq!(wrong(json!({ "name": "x", "from": "later" })).await[0].0, "from");
    assert_eq!(wrong(json!({ "name": "a@b" })).await, [("name".to_owned(), "pattern".to_owned())]);
    let zero = wrong(json!({ "name": "x", "ack_seconds": 0 })).await;
    assert_eq!(zero, [("ack_seconds".to_owned(), "minimum".to_owned())]);
    let absent =
        json!({ "name": "x", "tenant_id": house.world.shell.id::<zelador_store::id::Tenant>() });
    is(&problem(post(&house, "", &absent).send().await.unwrap()).await, 404, "not_found");
}

#[tokio::test]
async fn a_tenants_callers_have_consumers_of_their_own() {
    let house = house().await;
    let draft = json!({ "name": "Sol", "domain": "sol.example" });
    let made = ok(house.order("POST", "/tenants").json(&draft), 201).await;
    let tenant: TenantId = made["id"].as_str().unwrap().parse().unwrap();
    append(&house, None).await;
    append(&house, Some(tenant)).await;
    let token = house.bound(tenant, &["events:*"]).await;
    let call = |method: &str, path: &str| {
        house.ask(method, &format!("/events/consumers{path}")).bearer_auth(&token)
    };
    let draft = json!({ "name": "crm", "types": ["job.failed"], "from": "oldest" });
    let made = ok(call("POST", "").json(&draft), 201).await;
    let full = format!("crm@{tenant}");
    assert_eq!((&made["name"], &made["tenant_id"]), (&json!(full), &json!(tenant)));
    ok(post(&house, "", &draft), 201).await;
    for name in ["crm", full.as_str()] {
        let path = format!("/{name}/read");
        let events = ok(call("POST", &path).json(&json!({})), 200).await;
        let expected = if name == "crm" { vec![3] } else { vec![] };
        assert_eq!(seqs(&events), expected, "its own, once");
    }
    let listed = ok(call("GET", ""), 200).await;
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["name"]), (1, &json!(full)));
    let other: TenantId = house.world.shell.id();
    for name in ["picky".to_owned(), format!("crm@{other}")] {
        let path = format!("/{name}/pending");
        is(&problem(call("GET", &path).send().await.unwrap()).await, 404, "not_found");
    }
}

#[tokio::test]
async fn a_reader_waits_for_an_event() {
    let house = house().await;
    ok(post(&house, "", &json!({ "name": "crm" })), 201).await;
    let began = tokio::time::Instant::now();
    let read = post(&house, "/crm/read", &json!({ "wait_seconds": 20 }));
    let (read, ()) = tokio::join!(ok(read, 200), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        append(&house, None).await;
    });
    assert_eq!(seqs(&read), [1]);
    assert!(began.elapsed() < Duration::from_secs(15));
    let read = post(&house, "/crm/read", &json!({ "wait_seconds": 1 }));
    assert_eq!(ok(read, 200).await, json!([]), "what is held is not handed out again");
}
