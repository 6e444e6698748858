//! `zelador demo`: every step green, five concerns, nothing left behind.

use serde_json::{Value, json};

use crate::harness::Home;

fn judge(told: &Value) {
    let steps = told["steps"].as_array().unwrap();
    let bad: Vec<_> = steps.iter().filter(|step| step["ok"] != true).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    for chapter in ["Booking", "Users", "Nextcloud", "Wispro", "Drive", "Afterwards"] {
        assert!(steps.iter().any(|step| step["chapter"] == chapter), "{chapter} was not told");
    }
}

#[tokio::test]
async fn five_concerns_are_told_with_a_daemon_of_its_own() {
    let home = Home::new("").await;
    let tmp = home.path().join("tmp");
    std::fs::create_dir(&tmp).unwrap();
    let mut command = home.command(["demo", "--json"]);
    let output = command.env("TMPDIR", &tmp).output().await.unwrap();
    let (out, wrong) = (output.stdout, String::from_utf8_lossy(&output.stderr).into_owned());
    let told: Value =
        serde_json::from_slice(&out).unwrap_or_else(|error| panic!("{error}: {wrong}"));
    judge(&told);
    assert_eq!((output.status.code(), &told["ok"]), (Some(0), &Value::from(true)));
    assert_eq!(std::fs::read_dir(&tmp).unwrap().count(), 0, "nothing is left behind");
}

/// Of what alarms and plots go by, all but what only trouble brings about.
fn measured(metrics: &str) {
    for name in [
        "zelador_store_read_only 0",
        "zelador_store_disk_bytes",
        "zelador_disk_free_bytes",
        "zelador_config_refused 0",
        "zelador_parts_down 0",
        "zelador_event_lag{",
        "zelador_jobs_total{",
        "zelador_job_wait_seconds_bucket{",
        "zelador_store_commit_seconds_bucket{",
        "zelador_http_request_duration_seconds_count{",
        "zelador_upstream_request_seconds_count{",
        "zelador_nextcloud_instances{state=\"unhealthy\"}",
        "zelador_nextcloud_places{state=\"free\"}",
        "zelador_webhook_deliveries_total{",
        "zelador_wispro_last_success_timestamp_seconds",
    ] {
        assert!(metrics.contains(name), "{name} is not in /metrics");
    }
}

#[tokio::test]
async fn a_daemon_that_answers_is_used_and_left_as_it_was() {
    let home = Home::new("[drive]\nmode = \"off\"\n[wispro]\nrequest_gap_ms = 0\n").await;
    let daemon = home.start().await;
    let before = daemon.client().get("/tenants").await.is(200);
    let (code, text, wrong) = home.run(["demo"]).await;
    assert_eq!(code, 0, "{text}{wrong}");
    for part in ["is used", "drive  skipped: it is `off` here", "all of them well"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colour where there is no terminal");
    let left = daemon.client().get("/tenants").await.is(200);
    let left = left.as_array().unwrap();
    let theirs = |row: &&Value| row["domain"] != "sandbox.example";
    assert_eq!(left.iter().filter(theirs).count(), before.as_array().unwrap().len());
    measured(&daemon.client().get("/metrics").await.text);
    // What fails is said, and counts.
    daemon.client().post("/queues/default/pause", &json!({})).await.is(200);
    let (code, text, _) = home.run(["demo"]).await;
    assert!(code == 1 && text.contains("FAILED"), "{text}");
    daemon.stop().await;
    let (code, ..) = home.run(["demo", "--url", "http://127.0.0.1:9"]).await;
    assert_eq!(code, 3);
}
