//! The engine's own loops.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{CONFIG, Faults, SOON, enqueue, in_state, restarts};
use crate::harness::{Client, Home, PATIENCE, eventually, undisturbed};

/// How long it takes to get a job done that does nothing.
async fn a_job_takes(client: &Client) -> Duration {
    let began = Instant::now();
    let job = enqueue(client, json!({})).await;
    in_state(client, &job, "succeeded", PATIENCE).await;
    began.elapsed()
}

#[tokio::test]
async fn a_loop_that_falls_works_again_within_a_second() {
    let _one = undisturbed().await;
    let home = Home::alone(CONFIG).await;
    let faults = Faults::of(&home);
    let daemon = faults.start(&home).await;
    let client = daemon.client();
    for (part, times) in [("jobs", 3), ("schedules", 2)] {
        let mut waits = Vec::new();
        for time in 1..=times {
            let running = enqueue(client, json!({"sleep_ms": 600})).await;
            in_state(client, &running, "running", PATIENCE).await;
            faults.order(part, 0);
            eventually("the part fell", PATIENCE, || async { faults.is_taken(part).then_some(()) })
                .await;
            let fallen = a_job_takes(client).await;
            // Asked again at once, for a busy disk is no fall.
            let usual = a_job_takes(client).await;
            waits.push(fallen.saturating_sub(2 * usual));
            assert_eq!(restarts(client, part).await, time, "{part}");
            // What ran while the loop fell was not disturbed, nor begun twice.
            let job = in_state(client, &running, "succeeded", PATIENCE).await;
            assert_eq!(job["tries"], 1, "{job}");
            client.get("/ready").await.is(200);
        }
        // A machine may be busy once; a part that takes longer does so each time.
        assert!(waits.iter().min().is_some_and(|wait| *wait < SOON), "{part}: {waits:?}");
    }
}

#[tokio::test]
async fn a_part_that_falls_too_often_is_marked_down_and_takes_no_other_with_it() {
    let home = Home::alone(CONFIG).await;
    let faults = Faults::of(&home);
    let daemon = faults.start(&home).await;
    let client = daemon.client();
    let down = |ready: &Value| ready["checks"]["supervisor"] == false;
    eventually("it fell too often", PATIENCE, || async {
        faults.order("schedules", 0);
        down(&client.get("/ready").await.json()).then_some(())
    })
    .await;
    let _ = std::fs::remove_file(faults.0.join("schedules"));
    let ready = client.get("/ready").await.is(200);
    assert_eq!(ready["checks"]["engine"], false, "{ready}");
    // The other parts of the engine go on.
    let job = enqueue(client, json!({})).await;
    in_state(client, &job, "succeeded", PATIENCE).await;
}
