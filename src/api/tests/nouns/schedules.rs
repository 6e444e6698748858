//! Schedules over HTTP.

use serde_json::json;
use zelador_actors::testkit::eventually;

use crate::api::tests::house::{body, house, ok};
use crate::api::tests::lab::{is, problem};

#[tokio::test]
async fn a_schedule_is_seen_and_run_now() {
    let house = house().await;
    let run = || house.order("POST", "/schedules/nightly/run");
    let response = run().header("Idempotency-Key", "k").send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let job = body(response, 201).await;
    assert_eq!(job["kind"], "diagnostic");
    assert_eq!(ok(house.order("GET", &location), 200).await["id"], job["id"]);
    assert_eq!(ok(run().header("Idempotency-Key", "k"), 201).await, job);
    assert_eq!(ok(run().header("Idempotency-Key", "other"), 200).await["id"], job["id"]);
    let list = async || ok(house.order("GET", "/schedules"), 200).await;
    assert_eq!(
        list().await,
        json!([{
            "name": "nightly", "kind": "diagnostic", "args": {}, "cron": "0 3 * * *",
            "timezone": "America/Caracas", "jitter_seconds": 0, "catch_up": true,
            "overlap": false, "next_run_at": "2025-12-02T07:00:00.000Z",
            "last_run_at": "2025-12-01T12:00:00.000Z", "last_job_id": job["id"],
            "last_job_state": "ready", "skipped": null,
        }])
    );
    let jobs = house.doors.jobs.clone();
    tokio::spawn(async move { jobs.work().await });
    eventually("it runs", async || {
        (list().await[0]["last_job_state"] == "succeeded").then_some(())
    })
    .await;
    // The first answer is given again, though the job has ended.
    assert_eq!(ok(run().header("Idempotency-Key", "other"), 200).await["id"], job["id"]);
    let unknown = house.order("POST", "/schedules/daily/run").send().await.unwrap();
    is(&problem(unknown).await, 404, "not_found");
}
