//! The engine's nouns as operators meet them: on the command line.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::harness::{Client, Home, PATIENCE, eventually};

const CONFIG: &str = r#"
[api]
locale = "en"
[schedules.hello]
kind = "diagnostic"
cron = "0 3 * * *"
timezone = "America/Santiago"
"#;

/// Runs a command that does what it is told, and reads the JSON it prints.
async fn json_of<const N: usize>(home: &Home, args: [&str; N]) -> Value {
    let (code, out, err) = home.run(args).await;
    assert_eq!(code, 0, "{args:?}: {out}{err}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?}: {error}: {out}"))
}

/// Runs a command that is refused: exit code, what it says.
async fn refused<const N: usize>(home: &Home, args: [&str; N]) -> (i32, String) {
    let (code, out, err) = home.run(args).await;
    assert_eq!(out, "", "{args:?}");
    (code, err)
}

fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

#[tokio::test]
async fn jobs_are_enqueued_seen_and_changed() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let bad = r#"{"shoes": 1}"#;
    let made = json_of(&home, ["--json", "jobs", "enqueue", "diagnostic", "--args", bad]).await;
    let failed = eventually("it fails", PATIENCE, || async {
        let job = json_of(&home, ["jobs", "show", id(&made), "--json"]).await;
        (job["state"] == "failed").then_some(job)
    });
    let failed = failed.await;
    assert_eq!(failed["history"][0]["outcome"], "failed");
    let (_, shown, _) = home.run(["jobs", "show", id(&made)]).await;
    assert!(shown.contains("unknown field `shoes`") && shown.contains("OUTCOME"), "{shown}");
    let (_, listed, _) = home.run(["jobs", "list", "--state", "failed"]).await;
    assert_eq!(listed.lines().count(), 2, "{listed}");

    let again = json_of(&home, ["jobs", "retry", id(&made), "--json"]).await;
    assert_eq!((&again["id"], &again["tries"]), (&made["id"], &json!(0)));
    let query = "/jobs?state=failed";
    daemon.answers(query, PATIENCE, "it fails again", |jobs| jobs[0]["id"] == made["id"]).await;
    let swept = json_of(&home, ["jobs", "retry-all", "--kind", "diagnostic", "--json"]).await;
    assert_eq!(swept, json!({ "retried": 1 }));
    daemon.answers(query, PATIENCE, "it fails again", |jobs| jobs[0]["id"] == made["id"]).await;
    let (code, out, err) = home.run(["jobs", "forget", "--state", "failed"]).await;
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    let (code, said) = refused(&home, ["jobs", "show", id(&made)]).await;
    assert!(code == 1 && said.contains("The job was not found."), "{said}");

    let at = "2031-01-01T10:00:00-03:00";
    let later = ["--json", "jobs", "enqueue", "diagnostic", "--at", at, "--unique-key", "k"];
    let later = json_of(&home, later).await;
    assert_eq!(later["run_at"], "2031-01-01T13:00:00.000Z");
    let run = json_of(&home, ["jobs", "run", id(&later), "--json"]).await;
    assert_eq!(run["id"], later["id"]);
    let (code, said) = refused(&home, ["jobs", "enqueue", "no.such"]).await;
    assert!(code == 1 && said.contains("kind: No such kind of job."), "{said}");
    assert_eq!(refused(&home, ["jobs", "enqueue", "diagnostic", "--args", "{"]).await.0, 2);
    assert_eq!(refused(&home, ["jobs", "list", "--url", "http://127.0.0.1:1"]).await.0, 3);
}

#[tokio::test]
async fn queues_and_schedules_obey() {
    let home = Home::new(CONFIG).await;
    let _daemon = home.start().await;
    let queue = "user-status-queue";
    assert_eq!(json_of(&home, ["queues", "pause", queue, "--json"]).await["paused"], true);
    let job = json_of(&home, ["schedules", "run", "hello", "--json"]).await;
    assert_eq!(job["state"], "ready");
    let again = json_of(&home, ["schedules", "run", "hello", "--json"]).await;
    assert_eq!(again["id"], job["id"], "one is under way");
    let queues = json_of(&home, ["queues", "list", "--json"]).await;
    let ours = queues.as_array().unwrap().iter().find(|row| row["name"] == queue).unwrap();
    assert_eq!((&ours["paused"], &ours["ready"]), (&json!(true), &json!(1)));
    let cancelled = json_of(&home, ["jobs", "cancel", id(&job), "--json"]).await;
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(json_of(&home, ["queues", "resume", queue, "--json"]).await["paused"], false);
    let schedules = json_of(&home, ["schedules", "list", "--json"]).await;
    assert_eq!(schedules[0]["last_job_state"], "cancelled");
    assert_eq!(refused(&home, ["queues", "pause", "nowhere"]).await.0, 1);
    assert_eq!(refused(&home, ["schedules", "run", "nowhere"]).await.0, 1);
}

#[tokio::test]
async fn tokens_are_made_for_programs_and_taken_back() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let create = ["--json", "tokens", "create", "a backend", "--scope", "jobs:read"];
    let made = json_of(&home, create).await;
    let program = Client::with_token(daemon.client(), made["token"].as_str().unwrap());
    program.get("/jobs").await.is(200);
    program.post("/jobs", &json!({ "kind": "diagnostic" })).await.refused(403, "forbidden");
    let listed = json_of(&home, ["tokens", "list", "--json"]).await;
    assert!(!listed.to_string().contains("zld_"));
    let own = listed.as_array().unwrap().iter().find(|row| row["role"] == "operator").unwrap();
    let (code, said) = refused(&home, ["tokens", "revoke", id(own)]).await;
    assert!(code == 1 && said.contains("last working operator token"), "{said}");
    let (code, _, err) = home.run(["tokens", "revoke", id(&made)]).await;
    assert_eq!(code, 0, "{err}");
    program.get("/jobs").await.refused(401, "bad_token");
}

#[tokio::test]
async fn the_log_is_followed() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let fail = || async {
        let draft = json!({ "kind": "diagnostic", "args": { "shoes": 1 } });
        daemon.client().post("/jobs", &draft).await.is(201)
    };
    let first = fail().await;
    daemon.answers("/events", PATIENCE, "an event", |events| !events[0].is_null()).await;
    let mut command =
        home.command(["events", "tail", "--follow", "--json", "--type", "job.failed"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line.expect("an event in time").unwrap().expect("the log goes on");
        serde_json::from_str::<Value>(&line).unwrap()["data"]["job_id"].clone()
    };
    assert_eq!(next().await, first["id"]);
    let second = fail().await;
    assert_eq!(next().await, second["id"]);
    child.kill().await.unwrap();
    let (_, tail, _) = home.run(["events", "tail", "-n", "1"]).await;
    assert!(tail.lines().count() == 1 && tail.contains(id(&second)), "{tail}");
    let consumers = json_of(&home, ["events", "consumers", "--json"]).await;
    let names: Vec<_> = consumers.as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(
        names,
        [
            "alerts",
            "cascades",
            "lifecycle",
            "metrics",
            "nextcloud",
            "notifications",
            "waitlist",
            "webhooks"
        ]
    );
    let (_, status, _) = home.run(["status"]).await;
    assert!(status.starts_with("zelador ") && status.contains("metrics"), "{status}");
}

/// Somebody who has seen enough closes the pipe.
#[tokio::test]
async fn a_follower_ends_with_its_reader() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let mut command = home.command(["events", "tail", "--follow"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let draft = json!({ "kind": "diagnostic", "args": { "shoes": 1 } });
    daemon.client().post("/jobs", &draft).await.is(201);
    let status = tokio::time::timeout(PATIENCE, child.wait()).await;
    assert!(status.expect("it ends with its reader").unwrap().success());
}
