//! Jobs and batches over HTTP.

use serde_json::{Value, json};
use zelador_actors::testkit::eventually;

use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

fn work(house: &House) {
    let jobs = house.doors.jobs.clone();
    tokio::spawn(async move { jobs.work().await });
}

async fn reaches(house: &House, id: &Value, state: &str) -> Value {
    let path = format!("/jobs/{}", id.as_str().unwrap());
    eventually(state, async || {
        let job = ok(house.order("GET", &path), 200).await;
        (job["state"] == state).then_some(job)
    })
    .await
}

async fn enqueue(house: &House, draft: Value) -> Value {
    ok(house.order("POST", "/jobs").json(&draft), 201).await
}

#[tokio::test]
async fn a_job_has_the_shape_of_the_contract() {
    let house = house().await;
    let draft = json!({ "kind": "diagnostic", "args": { "sleep_ms": 1 }, "priority": 7 });
    let response = house.order("POST", "/api/jobs").json(&draft).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let made = body(response, 201).await;
    assert_eq!(location, format!("/api/jobs/{}", made["id"].as_str().unwrap()));
    let expected = json!({
        "id": made["id"], "kind": "diagnostic", "queue": "user-status-queue", "state": "ready",
        "args": { "sleep_ms": 1 }, "tries": 0, "max_tries": 3,
        "run_at": "2025-12-01T12:00:00.000Z", "priority": 7, "batch_id": null, "progress": null,
        "error": null, "history": [], "unique_key": null, "tenant_id": null, "user_id": null,
        "cancel_requested": false, "created_at": "2025-12-01T12:00:00.000Z",
        "started_at": null, "ended_at": null,
    });
    assert_eq!(made, expected);
    work(&house);
    let done = reaches(&house, &made["id"], "succeeded").await;
    assert_eq!(done["progress"], json!({ "done": 1, "total": 1, "text": "done" }));
    assert_eq!(
        done["history"],
        json!([{
            "try": 1, "started_at": "2025-12-01T12:00:00.000Z",
            "ended_at": "2025-12-01T12:00:00.000Z", "outcome": "succeeded", "error": null,
        }])
    );
}

#[tokio::test]
async fn a_job_without_arguments_and_one_for_later() {
    let house = house().await;
    let plain = enqueue(&house, json!({ "kind": "diagnostic", "args": null })).await;
    assert_eq!(plain["args"], json!({}));
    let later = json!({ "kind": "diagnostic", "run_at": "2025-12-01T10:00:00-03:00" });
    let later = enqueue(&house, later).await;
    assert_eq!((&later["state"], &later["priority"]), (&json!("scheduled"), &json!(5)));
    assert_eq!(later["run_at"], "2025-12-01T13:00:00.000Z");
    let now = house.order("POST", &format!("/jobs/{}/run", later["id"].as_str().unwrap()));
    assert_eq!(ok(now, 200).await["state"], "ready");
}

#[tokio::test]
async fn all_that_is_wrong_is_said() {
    let house = house().await;
    let wrong = async |path: &str, draft: Value| -> Vec<String> {
        let found = flaws(house.order("POST", path).json(&draft)).await;
        found.into_iter().map(|(field, code)| format!("{field} {code}")).collect()
    };
    let draft = json!({ "kind": "", "args": [], "priority": 10, "shoes": 1 });
    let mut found = wrong("/jobs", draft).await;
    found.sort();
    assert_eq!(found, ["args type", "kind empty", "priority maximum", "shoes unknown_field"]);
    let draft = json!({ "kind": "no.such", "queue": "nowhere" });
    assert_eq!(wrong("/jobs", draft).await, ["kind unknown_kind", "queue unknown_queue"]);
    let draft = json!({ "kind": "diagnostic", "run_at": "2025-12-05T14:00" });
    assert_eq!(wrong("/jobs", draft).await, ["run_at offset_required"]);
    let good = json!({ "kind": "diagnostic", "unique_key": "k" });
    let late = json!({ "kind": "diagnostic", "run_at": "soon" });
    assert_eq!(wrong("/jobs/batch", json!([good, late])).await, ["[1].run_at format"]);
    let bad = json!({ "kind": "no.such" });
    assert_eq!(wrong("/jobs/batch", json!([good, bad])).await, ["[1].kind unknown_kind"]);
    assert_eq!(wrong("/jobs/batch", json!([good, good])).await, ["[1].unique_key repeated_key"]);
    assert_eq!(wrong("/jobs/batch", json!([{}])).await, ["[0].kind required"]);
    assert_eq!(wrong("/jobs/batch", json!([])).await, ["body batch_size"]);
    let many = Value::from(vec![json!({ "kind": "diagnostic" }); 1001]);
    assert_eq!(wrong("/jobs/batch", many).await, ["body batch_size"]);
    let none = house.order("GET", "/jobs?state=ready&limit=1");
    assert_eq!(ok(none, 200).await, json!([]), "nothing was enqueued");
    for (path, expected) in [
        ("/jobs?state=tired", "state enum"),
        ("/jobs?limit=0", "limit range"),
        ("/jobs?color=red", "color unknown_parameter"),
    ] {
        let (field, code) = flaws(house.order("GET", path)).await.remove(0);
        assert_eq!(format!("{field} {code}"), expected);
    }
}

#[tokio::test]
async fn the_second_job_of_a_key_is_answered_with_the_first() {
    let house = house().await;
    let draft = json!({ "kind": "diagnostic", "unique_key": "k" });
    let first = enqueue(&house, draft.clone()).await;
    let second = house.order("POST", "/jobs").json(&draft).header("Idempotency-Key", "second");
    let again = second.try_clone().unwrap();
    assert_eq!(ok(second, 200).await["id"], first["id"]);
    let batch = house.order("POST", "/jobs/batch").json(&json!([draft]));
    is(&problem(batch.send().await.unwrap()).await, 409, "job_exists");
    // The answer to a repeated request stays, though the key is free by now.
    let cancel = format!("/jobs/{}/cancel", first["id"].as_str().unwrap());
    ok(house.order("POST", &cancel), 200).await;
    let response = again.send().await.unwrap();
    assert_eq!(response.headers()["idempotent-replayed"], "true");
    assert_eq!(body(response, 200).await["id"], first["id"]);
    assert_ne!(enqueue(&house, draft).await["id"], first["id"]);
}

#[tokio::test]
async fn a_repeated_request_does_nothing_twice() {
    let house = house().await;
    let requests = [
        ("/jobs", json!({ "kind": "diagnostic" })),
        ("/jobs/batch", json!([{ "kind": "diagnostic" }, { "kind": "diagnostic" }])),
    ];
    for (path, draft) in &requests {
        let request = || house.order("POST", path).json(draft).header("Idempotency-Key", "key");
        let first = ok(request(), 201).await;
        let response = request().send().await.unwrap();
        assert_eq!(response.headers()["idempotent-replayed"], "true");
        assert_eq!(body(response, 201).await, first);
    }
    let all = ok(house.order("GET", "/jobs"), 200).await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    let id = all[0]["id"].as_str().unwrap();
    for (path, twice) in [
        (format!("/jobs/{id}/cancel"), "job_has_ended"),
        (format!("/jobs/{id}/retry"), "job_is_live"),
    ] {
        let request = || house.order("POST", &path).header("Idempotency-Key", "key");
        let first = ok(request(), 200).await;
        assert_eq!(ok(request(), 200).await, first);
        let other = house.order("POST", &path).send().await.unwrap();
        is(&problem(other).await, 409, twice);
    }
    let sweep = || house.order("POST", "/jobs/retry-all").header("Idempotency-Key", "key");
    assert_eq!(ok(sweep(), 200).await, json!({ "retried": 0 }));
    assert_eq!(sweep().send().await.unwrap().headers()["idempotent-replayed"], "true");
}

#[tokio::test]
async fn jobs_are_listed_page_by_page_and_by_what_is_asked() {
    let house = house().await;
    let many = Value::from(vec![json!({ "kind": "diagnostic" }); 5]);
    let batch = ok(house.order("POST", "/jobs/batch").json(&many), 201).await;
    enqueue(&house, json!({ "kind": "diagnostic", "queue": "default" })).await;
    let count = async |query: &str| {
        ok(house.order("GET", &format!("/jobs?{query}")), 200).await.as_array().unwrap().len()
    };
    let id = batch["batch_id"].as_str().unwrap();
    for (query, expected) in [
        ("", 6),
        ("queue=default", 1),
        ("state=ready", 6),
        ("state=ready&queue=user-status-queue", 5),
        ("kind=tenant.purge", 0),
        ("batch=nonsense", 0),
    ] {
        assert_eq!(count(query).await, expected, "{query}");
    }
    assert_eq!(count(&format!("batch={id}")).await, 5);
    let mut path = format!("/jobs?batch={id}&limit=2");
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let response = house.order("GET", &path).send().await.unwrap();
        let next = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page = body(response, 200).await;
        pages += 1;
        seen.extend(page.as_array().unwrap().iter().map(|job| job["id"].clone()));
        let Some(next) = next else { break };
        path = next.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    assert_eq!((Value::from(seen), pages), (batch["ids"].clone(), 3));
}

#[tokio::test]
async fn a_batch_is_seen_and_called_off_as_one() {
    let house = house().await;
    let many = Value::from(vec![json!({ "kind": "diagnostic" }); 3]);
    let response = house.order("POST", "/jobs/batch").json(&many).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let made = body(response, 201).await;
    let first = format!("/jobs/{}/cancel", made["ids"][0].as_str().unwrap());
    ok(house.order("POST", &first), 200).await;
    let seen = ok(house.order("GET", &location), 200).await;
    let expected = json!({
        "batch_id": made["batch_id"], "total": 3, "waiting": 2, "done": 0, "failed": 0,
        "cancelled": 1, "created_at": "2025-12-01T12:00:00.000Z", "ended_at": null,
    });
    assert_eq!(seen, expected);
    let cancel = format!("{location}/cancel");
    assert_eq!(ok(house.order("POST", &cancel), 200).await, json!({ "cancelled": 2 }));
    let seen = ok(house.order("GET", &location), 200).await;
    assert_eq!(seen["ended_at"], "2025-12-01T12:00:00.000Z");
    for path in ["/jobs/batch/nonsense", "/jobs/nonsense"] {
        let response = house.order("GET", path).send().await.unwrap();
        is(&problem(response).await, 404, "not_found");
    }
}

#[tokio::test]
async fn failed_jobs_are_tried_again_or_forgotten_together() {
    let house = house().await;
    work(&house);
    let bad = json!({ "kind": "diagnostic", "args": { "shoes": 1 } });
    for _ in 0..3 {
        let made = enqueue(&house, bad.clone()).await;
        reaches(&house, &made["id"], "failed").await;
    }
    let retry = |query: &str| house.order("POST", &format!("/jobs/retry-all?{query}"));
    assert_eq!(ok(retry("queue=default"), 200).await, json!({ "retried": 0 }));
    assert_eq!(ok(retry("kind=diagnostic"), 200).await, json!({ "retried": 3 }));
    eventually("they fail again", async || {
        let failed = ok(house.order("GET", "/jobs?state=failed"), 200).await;
        (failed.as_array().unwrap().len() == 3).then_some(())
    })
    .await;
    let forget = |query: &str| house.order("DELETE", &format!("/jobs?{query}"));
    assert_eq!(flaws(forget("")).await[0].1, "required");
    assert_eq!(flaws(forget("state=ready")).await[0].1, "enum");
    ok(forget("state=failed&queue=default"), 204).await;
    ok(forget("state=failed"), 204).await;
    assert_eq!(ok(house.order("GET", "/jobs"), 200).await, json!([]));
}

#[tokio::test]
async fn scopes_open_what_they_say() {
    let house = house().await;
    let reader = house.service(&["jobs:read"]).await;
    let writer = house.service(&["jobs:*"]).await;
    let status = async |method: &str, token: &str| {
        let request = house.ask(method, "/jobs").bearer_auth(token);
        let request = request.json(&json!({ "kind": "diagnostic" }));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((status("GET", &reader).await, status("POST", &reader).await), (200, 403));
    assert_eq!((status("GET", &writer).await, status("POST", &writer).await), (200, 201));
}
