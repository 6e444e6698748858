//! The page on which somebody who was invited chooses a password, over HTTP.

use reqwest::Method;
use serde_json::json;

use super::reader::Reader;
use crate::harness::{Answer, Client, Home};

/// With an address of its own, and few attempts.
const CONFIG: &str = "[notifications]\npublic_url = \"https://agenda.example/\"\n\
                      [auth]\nlogin_address_per_minute = 8\n";
const PASSWORD: &str = "sol e mar em abril";

async fn person(client: &Client) -> String {
    let tenant = json!({ "name": "Academia <Sol>", "domain": "sol.example" });
    let tenant = client.post("/tenants", &tenant).await.is(201)["id"].clone();
    let draft = json!({ "tenant_id": tenant, "name": "Ana", "email": "ana@sol.example" });
    client.post("/users", &draft).await.is(201)["id"].as_str().unwrap().to_owned()
}

/// Invites somebody: the invitation's text.
async fn invited(client: &Client, user: &str) -> String {
    let made = client.post(&format!("/users/{user}/invite"), &json!({})).await.is(201);
    let token = made["token"].as_str().unwrap();
    assert_eq!(made["url"], format!("https://agenda.example/invitation?token={token}"));
    token.to_owned()
}

async fn send(reader: &mut Reader, token: &str, password: &str, again: &str) -> Answer {
    let fields = [("token", token), ("password", password), ("again", again)];
    // So a page without referrer sends its forms.
    reader.send(Method::POST, "/invitation", Some(&fields), &[("origin", "null")]).await
}

fn assert_guarded(page: &Answer) {
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    assert!(!page.text.contains("<script") && !page.text.contains(PASSWORD), "{}", page.text);
}

#[tokio::test]
async fn who_was_invited_chooses_a_password_once() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let user = person(client).await;
    let token = invited(client, &user).await;
    let mut reader = Reader::new(client);
    let path = format!("/invitation?token={token}");
    let english = [("accept-language", "en")];
    let page = reader.send(Method::GET, &path, None, &english).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_guarded(&page);
    for part in ["Choose your password", "ana@sol.example", "Academia &#60;Sol&#62;", "At least 8"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let page = reader.get(&path).await;
    assert!(page.text.contains("<html lang=\"pt-BR\"") && page.text.contains("Escolha sua senha"));

    for (password, again, said) in [
        (PASSWORD, "outra senha", "não são iguais"),
        ("curta", "curta", "8"),
        ("senha1234", "senha1234", "senhas que todo mundo"),
        ("", "", "8"),
    ] {
        let refused = send(&mut reader, &token, password, again).await;
        assert_eq!(refused.status, 422, "{password}: {}", refused.text);
        assert_guarded(&refused);
        let (_, alert) = refused.text.split_once("role=\"alert\"").expect("in words");
        let alert = alert.split("</p>").next().unwrap();
        assert!(alert.contains(said), "{password}: {alert}");
    }
    let login = json!({ "email": "ana@sol.example", "password": PASSWORD });
    let done = send(&mut reader, &token, PASSWORD, PASSWORD).await;
    assert!(done.status == 200 && done.text.contains("ana@sol.example"), "{}", done.text);
    assert_guarded(&done);
    client.anonymous().post("/auth/login", &login).await.is(200);
    let again = send(&mut reader, &token, "outra senha boa", "outra senha boa").await;
    assert_eq!(again.status, 404, "it is good once");
    assert_guarded(&again);
    let log = home.log();
    assert!(!log.contains(&token) && !log.contains(PASSWORD), "it is in no log");
    let noted = client.get("/audit?action=user.set_password").await.is(200);
    assert_eq!(noted.as_array().unwrap().len(), 1);
    assert_eq!(daemon.stop().await.0, Some(0));
}

#[tokio::test]
async fn who_guesses_is_slowed_down_and_a_replaced_one_is_gone() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let user = person(client).await;
    let old = invited(client, &user).await;
    let token = invited(client, &user).await;
    let mut reader = Reader::new(client);
    let mut seen = Vec::new();
    for number in 0..12 {
        let guess = if number == 0 { old.clone() } else { format!("zli_{number}") };
        let page = reader.get(&format!("/invitation?token={guess}")).await;
        assert_guarded(&page);
        if page.status == 429 {
            assert_ne!(page.header("retry-after"), "");
        }
        seen.push(page.status);
    }
    assert!(seen[0] == 404 && seen[11] == 429, "{seen:?}");
    // Looking at one that is good is no attempt.
    assert_eq!(reader.get(&format!("/invitation?token={token}")).await.status, 200);
    assert_eq!(send(&mut reader, &token, PASSWORD, PASSWORD).await.status, 429);
    assert_eq!(daemon.stop().await.0, Some(0));
}
