//! People as they meet the daemon: they sign in, a ban sends them away at its
//! instant, and no restart lets them back in.

use std::time::Duration;

use serde_json::json;
use zelador_actors::engine::Clock;

use crate::harness::{Client, Home, PATIENCE, eventually};

const PASSWORD: &str = "correto cavalo bateria";

/// A tenant, and a person of it who is signed in.
async fn signed_in(client: &Client) -> (String, Client) {
    let tenant = json!({"name": "Academia Sol", "domain": "sol.example"});
    let tenant = client.post("/tenants", &tenant).await.is(201)["id"].clone();
    let user = json!({"tenant_id": tenant, "name": "Ana Rojas", "email": "ana@sol.example",
        "password": PASSWORD});
    let user = client.post("/users", &user).await.is(201)["id"].as_str().unwrap().to_owned();
    let login = json!({"email": "ana@sol.example", "password": PASSWORD});
    let tokens = client.anonymous().post("/auth/login", &login).await.is(200);
    (user, client.with_token(tokens["access_token"].as_str().unwrap()))
}

#[tokio::test]
async fn a_planned_ban_is_seen_and_felt_within_a_tenth_of_a_second() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let (user, ana) = signed_in(daemon.client()).await;
    let path = format!("/users/{user}");
    ana.get(&path).await.is(200);
    let at = Clock::system().now() + Duration::from_secs(3);
    let ban = json!({"user_id": user, "date": at.to_string(), "reason": "x"});
    daemon.client().post("/admin/scheduled-bans", &ban).await.is(201);
    let clock = Clock::system();
    eventually("the ban is felt", PATIENCE, || async {
        let asked = clock.now();
        let theirs = ana.get(&path).await;
        let answered = clock.now();
        // What was asked after the instant is refused, however soon after.
        assert!(theirs.status == 401 || asked < at, "let in {:?} late", asked.since(at));
        assert!(theirs.status == 200 || answered >= at, "sent away too early");
        (theirs.status == 401).then_some(())
    })
    .await;
    let seen = daemon.client().get(&path).await.is(200);
    assert_eq!(seen["status"], "BANNED");
    let late = clock.now().since(at);
    println!("seen and felt {late:?} after the instant");
    assert_eq!(daemon.stop().await.0, Some(0));
}

#[tokio::test]
async fn neither_a_key_nor_a_session_is_lost_or_won_by_a_restart() {
    let home = Home::new("").await;
    let mut daemon = home.start().await;
    let (user, ana) = signed_in(daemon.client()).await;
    let login = json!({"email": "ana@sol.example", "password": PASSWORD});
    let other = daemon.client().anonymous().post("/auth/login", &login).await.is(200);
    daemon.kill().await;
    let daemon = home.start().await;
    let path = format!("/users/{user}");
    let token = |client: &Client| client.bearer();
    let ana = daemon.client().with_token(&token(&ana));
    ana.get(&path).await.is(200);
    daemon.client().delete(&format!("{path}/sessions")).await.is(204);
    ana.get(&path).await.refused(401, "bad_token");
    let mut daemon = daemon;
    daemon.kill().await;
    let daemon = home.start().await;
    let refresh = json!({"refresh_token": other["refresh_token"]});
    daemon
        .client()
        .anonymous()
        .post("/auth/refresh", &refresh)
        .await
        .refused(401, "bad_refresh_token");
    daemon.client().with_token(&token(&ana)).get(&path).await.refused(401, "bad_token");
    assert_eq!(daemon.stop().await.0, Some(0));
}

#[tokio::test]
async fn a_key_is_rotated_live_with_an_overlap() {
    let key = |letter: &str| format!("{letter}-key-{}", "0123456789abcdef".repeat(4));
    let (one, two) = (key("first"), key("second"));
    // Signing in is tried until the change is seen.
    let often = "login_account_per_minute = 6000\nlogin_address_per_minute = 6000\n";
    let home = Home::new(&format!("[auth]\n{often}secret_key = \"{one}\"\n")).await;
    let daemon = home.start().await;
    let (user, ana) = signed_in(daemon.client()).await;
    let path = format!("/users/{user}");
    let both = format!("[auth]\n{often}secret_key = \"{two}\"\nprevious_secret_key = \"{one}\"\n");
    home.configure(&both);
    let login = json!({"email": "ana@sol.example", "password": PASSWORD});
    let header = |tokens: &serde_json::Value| {
        tokens["access_token"].as_str().unwrap().split('.').next().unwrap().to_owned()
    };
    let old = ana.bearer().split('.').next().unwrap().to_owned();
    let new = eventually("the new key signs", PATIENCE, || async {
        let answer = daemon.client().anonymous().post("/auth/login", &login).await;
        let tokens = answer.is(200);
        (header(&tokens) != old).then_some(tokens)
    })
    .await;
    ana.get(&path).await.is(200);
    home.configure(&format!("[auth]\n{often}secret_key = \"{two}\"\n"));
    eventually("the old key is gone", PATIENCE, || async {
        (ana.get(&path).await.status == 401).then_some(())
    })
    .await;
    let new = daemon.client().with_token(new["access_token"].as_str().unwrap());
    new.get(&path).await.is(200);
    assert_eq!(daemon.stop().await.0, Some(0));
}
