//! The first concern as its operator meets it: a ban is planned, waits, is carried
//! out on time, once, whatever is killed in between.

mod crowd;

use std::time::Duration;

use serde_json::{Value, json};
use zelador_actors::engine::Clock;
use zelador_store::Timestamp;

use crate::harness::{Client, Home, PATIENCE, eventually};

/// A tenant and a person of it, registered.
async fn register(client: &Client) -> String {
    let tenant = json!({"name": "Academia Sol", "domain": "sol.example",
        "settings": {"timezone": "America/Santiago"}});
    let tenant = client.post("/tenants", &tenant).await.is(201)["id"].clone();
    let user = json!({"tenant_id": tenant, "name": "Ana Rojas", "email": "ana@sol.example"});
    let made = client.post("/users", &user).await;
    let user = made.is(201);
    let id = user["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/users/{id}"));
    assert_eq!((&user["status"], &user["status_code"]), (&json!("ACTIVE"), &json!(1)), "{user}");
    id
}

/// Plans a ban; when it is due.
async fn plan(client: &Client, user: &str, ahead: Duration) -> Timestamp {
    let at = Clock::system().now() + ahead;
    let ban = json!({"user_id": user, "date": at.to_string(), "reason": "cuota impaga"});
    client.post("/api/admin/scheduled-bans", &ban).await.is(201);
    let user = client.get(&format!("/users/{user}")).await.is(200);
    assert_eq!(
        (&user["status"], &user["next_status"]),
        (&json!("ACTIVE"), &json!("BANNED")),
        "{user}"
    );
    assert_eq!(user["scheduled_ban_reason"], "cuota impaga", "{user}");
    at
}

async fn job_of_the_ban(client: &Client) -> Value {
    let jobs = client.get("/jobs?kind=user.scheduled_ban").await.is(200);
    assert_eq!(jobs.as_array().unwrap().len(), 1, "{jobs}");
    jobs[0].clone()
}

async fn carried_out(client: &Client) -> Value {
    eventually("the ban is carried out", PATIENCE, || async {
        let job = job_of_the_ban(client).await;
        (job["state"] == "succeeded").then_some(job)
    })
    .await
}

/// What the timeline tells, oldest first, but what follows by jobs, which may come
/// a moment later.
async fn timeline(client: &Client, user: &str) -> Vec<String> {
    let told = client.get(&format!("/users/{user}/timeline")).await.is(200);
    let kinds = told.as_array().unwrap().iter().rev();
    let kinds = kinds.map(|event| event["type"].as_str().unwrap().to_owned());
    kinds.filter(|kind| kind != "user.lifecycle_action").collect()
}

const WHOLE: [&str; 3] = ["user.created", "user.status_scheduled", "user.status_changed"];

/// How late a ban is carried out that is planned, and that it is so once.
async fn lateness(home: &Home) -> Duration {
    let daemon = home.start().await;
    let client = daemon.client();
    let user = register(client).await;
    let at = plan(client, &user, Duration::from_secs(3)).await;
    assert_eq!(job_of_the_ban(client).await["state"], "scheduled");
    let job = carried_out(client).await;
    let began: Timestamp = job["history"][0]["started_at"].as_str().unwrap().parse().unwrap();
    assert!(began >= at, "{job}");
    assert_eq!(timeline(client, &user).await, WHOLE);
    let user = client.get(&format!("/users/{user}")).await.is(200);
    assert_eq!((&user["status"], &user["next_status"]), (&json!("BANNED"), &Value::Null), "{user}");
    began.since(at)
}

#[tokio::test]
async fn a_ban_is_carried_out_on_time() {
    // Others may have the disk or the processor at the very moment: never five times.
    let mut late = Vec::new();
    while late.last().is_none_or(|late| *late > Duration::from_millis(100)) {
        let home = Home::alone("").await;
        late.push(lateness(&home).await);
        assert!(late.len() < 5, "late by {late:?}");
    }
}

#[tokio::test]
async fn a_ban_that_falls_due_while_nothing_runs_is_carried_out_at_the_start() {
    let home = Home::new("").await;
    let mut daemon = home.start().await;
    let user = register(daemon.client()).await;
    let at = plan(daemon.client(), &user, Duration::from_secs(6)).await;
    daemon.kill().await;
    eventually("the ban is due", PATIENCE, || async { (Clock::system().now() > at).then_some(()) })
        .await;
    let daemon = home.start().await;
    let client = daemon.client();
    // The first who reads sees it, even before its job has run.
    let read = client.get(&format!("/users/{user}")).await.is(200);
    assert_eq!(read["status"], "BANNED", "{read}");
    assert_eq!(carried_out(client).await["tries"], 1);
    assert_eq!(timeline(client, &user).await, WHOLE);
}

#[tokio::test]
async fn statuses_have_their_words_in_three_languages() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let user = register(client).await;
    for (asked, tag, label) in
        [("pt", "pt-BR", "Ativo"), ("es-CL", "es", "Activo"), ("en-GB", "en", "Active")]
    {
        let request = client.request(reqwest::Method::GET, &format!("/users/{user}"));
        let answer = client.send(request.header("accept-language", asked)).await.unwrap();
        assert_eq!(answer.is(200)["status_label"], label);
        assert_eq!(answer.header("content-language"), tag);
    }
}
