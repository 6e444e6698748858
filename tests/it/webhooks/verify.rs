//! Receivers that check signatures by means of their own: the seed's function,
//! and the library of Standard Webhooks.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use zelador_actors::engine::webhooks::sink::Got;

use super::{gets, hook, person, sink, tenant};
use crate::harness::{Home, skipped};

/// The seed's function, as its integrators have it.
const SEED: &str = r#"
import hashlib, hmac, json, sys

def verify_signature(payload: str, signature: str, secret: str) -> bool:
    expected = hmac.new(
        secret.encode("utf-8"),
        payload.encode("utf-8"),
        hashlib.sha256
    ).hexdigest()
    return hmac.compare_digest(f"sha256={expected}", signature)

given = json.load(sys.stdin)
good = verify_signature(given["body"], given["headers"]["x-webhook-signature"], given["secret"])
bad = verify_signature(given["body"] + " ", given["headers"]["x-webhook-signature"], given["secret"])
print(good, bad)
"#;

const STANDARD: &str = r#"
import json, sys
from standardwebhooks import Webhook, WebhookVerificationError

given = json.load(sys.stdin)
hook = Webhook(given["secret"])
hook.verify(given["body"], given["headers"])
try:
    hook.verify(given["body"] + " ", given["headers"])
    print("True True")
except WebhookVerificationError:
    print("True False")
"#;

/// What a script says of what was received.
async fn judged(python: &str, script: &str, got: &Got, secret: &str) -> String {
    let given = json!({"body": got.body, "headers": got.headers, "secret": secret});
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(given.to_string().as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The python that has the library of Standard Webhooks: in the virtual environment
/// that this variable names.
fn python_of_the_standard() -> Option<String> {
    Some(format!("{}/bin/python", std::env::var("ZELADOR_STANDARDWEBHOOKS").ok()?))
}

#[tokio::test]
async fn other_peoples_verifiers_accept_what_arrives() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let tenant = tenant(client, "sol.example").await;
    // A text of its own, one of the standard's, and one that follows another.
    let (plain, standard, rotated) = (sink().await, sink().await, sink().await);
    let draft = |url: String| json!({"url": url, "events": ["user.created"]});
    let mut first = draft(plain.url());
    first["secret"] = json!("meu-secret-opcional");
    hook(client, &tenant, &first).await;
    let mut second = draft(standard.url());
    second["generate_secret"] = json!(true);
    let made = hook(client, &tenant, &second).await.0;
    let mut third = draft(rotated.url());
    third["generate_secret"] = json!(true);
    let (old, path) = hook(client, &tenant, &third).await;
    let new = client.post(&format!("{path}/rotate"), &json!({})).await.is(200);
    person(client, &tenant, "Begoña Muñoz").await;
    let text = |record: &Value| record["secret"].as_str().unwrap().to_owned();
    let got = [&plain, &standard, &rotated];
    let mut all = Vec::new();
    for sink in got {
        all.push(gets(sink, 1).await.remove(0));
    }
    if Command::new("python3").arg("--version").output().await.is_err() {
        return skipped("there is no python3");
    }
    let secrets = ["meu-secret-opcional".to_owned(), text(&made), text(&new)];
    for (got, secret) in all.iter().zip(&secrets) {
        assert_eq!(judged("python3", SEED, got, secret).await, "True False");
    }
    let Some(python) = python_of_the_standard() else {
        return skipped("ZELADOR_STANDARDWEBHOOKS names no virtual environment");
    };
    // What its verifier is given for a text of one's own: the base64 of its bytes.
    let as_key = "bWV1LXNlY3JldC1vcGNpb25hbA==".to_owned();
    let given = [(0, as_key), (1, text(&made)), (2, text(&new)), (2, text(&old))];
    for (at, secret) in given {
        assert_eq!(judged(&python, STANDARD, &all[at], &secret).await, "True False", "{at}");
    }
}
