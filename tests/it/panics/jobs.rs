//! Jobs that panic, and jobs that end the process.

use std::os::unix::process::ExitStatusExt as _;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{CONFIG, Faults, enqueue, in_state};
use crate::harness::{Client, Daemon, Home, PATIENCE};

#[tokio::test]
async fn a_job_that_panics_is_tried_again_and_fails_in_the_end() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let bad = enqueue(client, json!({"panic": true})).await;
    let good = enqueue(client, json!({"sleep_ms": 1})).await;
    in_state(client, &good, "succeeded", PATIENCE).await;
    let job = in_state(client, &bad, "failed", PATIENCE).await;
    assert_eq!((&job["tries"], &job["max_tries"]), (&json!(3), &json!(3)), "{job}");
    for (attempt, number) in job["history"].as_array().unwrap().iter().zip(1..) {
        assert_eq!((&attempt["try"], &attempt["outcome"]), (&json!(number), &json!("panicked")));
        assert!(attempt["error"].as_str().unwrap().contains("told to panic"), "{job}");
    }
    told_once(client, &bad).await;
    assert_eq!(client.get("/ready").await.is(200)["checks"]["supervisor"], true);
}

/// The log of events says that the job failed, once.
async fn told_once(client: &Client, id: &str) {
    let events = client.get("/events?type=job.failed&limit=500").await.is(200);
    let about = |event: &&Value| event["data"].to_string().contains(id);
    assert_eq!(events.as_array().unwrap().iter().filter(about).count(), 1, "{events}");
}

/// A job that ends the process has ended it as often as it has tries, no more.
#[tokio::test]
async fn a_job_that_kills_the_process_comes_to_its_end() {
    let home = Home::alone(CONFIG).await;
    let faults = Faults::of(&home);
    let mut daemon = faults.start(&home).await;
    let bystander = enqueue(daemon.client(), json!({"sleep_ms": 1})).await;
    in_state(daemon.client(), &bystander, "succeeded", PATIENCE).await;
    let poison = enqueue(daemon.client(), json!({"abort": true})).await;
    let mut deaths = 0;
    let daemon = loop {
        match daemon.ended_or_failed(&poison).await {
            None => break daemon,
            Some(status) => {
                assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()), "{status}");
                deaths += 1;
                assert!(deaths <= 3, "the process was killed more often than the job has tries");
                daemon = Daemon::spawn(&home, faults.serve(&home));
            }
        }
    };
    assert_eq!(deaths, 3);
    let client = daemon.client();
    let job = client.get(&format!("/jobs/{poison}")).await.is(200);
    assert_eq!((&job["state"], &job["tries"]), (&json!("failed"), &json!(3)), "{job}");
    let outcomes: Vec<_> =
        job["history"].as_array().unwrap().iter().map(|try_| &try_["outcome"]).collect();
    assert_eq!(outcomes, ["interrupted"; 3]);
    told_once(client, &poison).await;
    let good = enqueue(client, json!({})).await;
    in_state(client, &good, "succeeded", PATIENCE).await;
}
