//! Who was brought along comes in with the cédula, once.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CONFIG, synced};
use crate::harness::{Client, Home};

async fn login(client: &Client, email: &Value, password: &str) -> crate::harness::Answer {
    let body = json!({"email": email, "password": password, "domain": "sandbox.example"});
    client.anonymous().post("/auth/login", &body).await
}

#[tokio::test]
async fn a_client_comes_in_with_the_cedula_once_and_can_only_choose_a_password() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    synced(&daemon).await;
    let users = client.get("/users?limit=50").await.is(200);
    let with = |user: &&Value| {
        user["email"].is_string() && user["id_number"].as_str().is_some_and(|n| n.starts_with("V-"))
    };
    let mut found = users.as_array().unwrap().iter().filter(with);
    let (user, other) = (found.next().unwrap(), found.next().unwrap());
    let (email, number) = (&user["email"], user["id_number"].as_str().unwrap());
    let bare = number.trim_start_matches("V-");

    // Somebody else's number opens nothing.
    login(client, email, other["id_number"].as_str().unwrap()).await.is(401);
    let granted = login(client, email, bare).await.is(200);
    assert_eq!(granted["must_change_password"], true);
    let person = client.with_token(granted["access_token"].as_str().unwrap());
    let own = format!("/users/{}", user["id"].as_str().unwrap());
    for path in [own.as_str(), "/resources", "/bookings"] {
        let refused = person.get(path).await;
        assert_eq!(refused.status, 403, "{path}: {}", refused.text);
    }
    // Once: the number opens no second session.
    login(client, email, bare).await.is(401);
    // Neither the number itself nor a wrong one becomes the password.
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        let person = person.clone();
        async move {
            let request = person.request(Method::PUT, "/auth/password").json(&body);
            person.send(request).await.unwrap().status
        }
    };
    assert_eq!(change(bare, number).await, 422);
    assert_eq!(change("V-1", "correto cavalo bateria").await, 422);
    assert_eq!(change(number, "correto cavalo bateria").await, 204);
    login(client, email, bare).await.is(401);
    let granted = login(client, email, "correto cavalo bateria").await.is(200);
    assert_eq!(granted["must_change_password"], false);
}

/// Numbers are near to each other: guessing is limited by account and by address.
#[tokio::test]
async fn guessing_numbers_is_limited() {
    let home = Home::new(&format!("{CONFIG}[auth]\nlogin_account_per_minute = 5\n")).await;
    let daemon = home.start().await;
    let client = daemon.client();
    synced(&daemon).await;
    let users = client.get("/users?limit=50").await.is(200);
    let user = users.as_array().unwrap().iter().find(|user| user["email"].is_string()).unwrap();
    let mut limited = false;
    for guess in 0..12 {
        limited |=
            login(client, &user["email"], &format!("V-{}", 9_000_000 + guess)).await.status == 429;
    }
    assert!(limited);
    // Even the right one is refused now.
    login(client, &user["email"], user["id_number"].as_str().unwrap()).await.is(429);
}
