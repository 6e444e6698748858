//! Webhooks of a running daemon: the routes, the commands, receivers that check
//! signatures by means of their own, and what SIGKILL leaves of a storm.

mod encrypted;
mod flow;
mod storm;
mod verify;

use serde_json::{Value, json};
use zelador_actors::engine::webhooks::sink::{Got, Say, Sink};

use crate::harness::{Client, PATIENCE, eventually};

/// A new tenant; its path.
async fn tenant(client: &Client, domain: &str) -> String {
    let draft = json!({"name": "Academia Sol", "domain": domain});
    let made = client.post("/tenants", &draft).await.is(201);
    format!("/tenants/{}", made["id"].as_str().unwrap())
}

/// A new webhook of a tenant; its record, and its path.
async fn hook(client: &Client, tenant: &str, draft: &Value) -> (Value, String) {
    let made = client.post(&format!("{tenant}/webhooks"), draft).await;
    let path = made.header("location").to_owned();
    (made.is(201), path)
}

/// Something happens: a person is registered. The person's id.
async fn person(client: &Client, tenant: &str, name: &str) -> String {
    let id = tenant.trim_start_matches("/tenants/");
    let made = client.post("/users", &json!({"tenant_id": id, "name": name})).await.is(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A receiver that takes everything.
async fn sink() -> Sink {
    Sink::start(|_| Say::Status(200)).await.unwrap()
}

/// What a receiver was sent, once it is so much.
async fn gets(sink: &Sink, count: usize) -> Vec<Got> {
    eventually("it arrives", PATIENCE, || async {
        let got = sink.got();
        (got.len() >= count).then_some(got)
    })
    .await
}
