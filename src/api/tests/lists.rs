//! Pages, versions, languages.

use serde_json::{Value, json};
use zelador_store::token::Token;

use super::lab::{lab, problem};

#[tokio::test]
async fn links_lead_through_all_pages() {
    let lab = lab().await;
    for at in 0..5 {
        let body =
            json!({ "name": format!("{at}"), "size": if at == 1 { "large" } else { "small" } });
        lab.order("POST", "/crates").json(&body).send().await.unwrap();
    }
    let mut target = Some("/api/crates/?limit=2&size=small".to_owned());
    let mut names = Vec::new();
    while let Some(path) = target {
        assert!(path.starts_with("/api/crates/?limit=2&size=small"), "{path}");
        let answer = lab.order("GET", &path).send().await.unwrap();
        target = answer.headers().get("link").map(|link| {
            let link = link.to_str().unwrap();
            let (path, rel) = link.split_once('>').unwrap();
            assert_eq!(rel, "; rel=\"next\"");
            path.trim_start_matches('<').to_owned()
        });
        let rows: Vec<Value> = answer.json().await.unwrap();
        names.extend(rows.into_iter().map(|row| row["name"].as_str().unwrap().to_owned()));
    }
    assert_eq!(names, ["0", "2", "3", "4"]);
}

#[tokio::test]
async fn versions_are_tags() {
    let lab = lab().await;
    lab.order("POST", "/crates").json(&json!({ "name": "a" })).send().await.unwrap();
    let ask = |tag: &'static str| {
        let request = lab.order("GET", "/crates/0").header("if-none-match", tag);
        async move { request.send().await.unwrap() }
    };
    for tag in ["\"1\"", "W/\"1\"", "\"9\", \"1\"", "*"] {
        let answer = ask(tag).await;
        assert_eq!(answer.status(), 304, "{tag}");
        assert_eq!(answer.headers()["etag"], "\"1\"");
        assert_eq!(answer.text().await.unwrap(), "");
    }
    for tag in ["\"2\"", "1", "\"01\"", "\"\""] {
        assert_eq!(ask(tag).await.status(), 200, "{tag}");
    }
    let change = |tag: &'static str| {
        let request = lab.order("PATCH", "/crates/0").header("if-match", tag);
        async move { request.json(&json!({})).send().await.unwrap().status().as_u16() }
    };
    for tag in ["\"2\"", "W/\"1\"", "nonsense", "\"\""] {
        assert_eq!(change(tag).await, 412, "{tag}");
    }
    assert_eq!(change("\"1\"").await, 200);
    assert_eq!(change("*").await, 200);
}

#[tokio::test]
async fn people_are_answered_in_their_language() {
    let lab = lab().await;
    let bound = lab.token(|token: &mut Token| token.tenant = Some(lab.tenant));
    let ask = |token: &str, accept: &'static str| {
        let request = lab.ask("GET", "/crates").bearer_auth(token);
        let request =
            if accept.is_empty() { request } else { request.header("accept-language", accept) };
        async move {
            let answer = request.send().await.unwrap();
            let language = answer.headers()["content-language"].to_str().unwrap().to_owned();
            (language, problem(answer).await.2["message"].as_str().unwrap().to_owned())
        }
    };
    let free = lab.service(&[]);
    let portuguese = "Seu acesso não permite esta operação.";
    let spanish = "Su acceso no permite esta operación.";
    let english = "Your access does not allow this operation.";
    let cases = [
        (&free, "", "pt-BR", portuguese),
        (&free, "en-GB, es;q=0.9", "en", english),
        (&free, "fr, es-CL;q=0.3, en;q=0.2", "es", spanish),
        (&free, "en;q=0, pt-PT;q=0.001", "pt-BR", portuguese),
        (&free, "fr", "pt-BR", portuguese),
        (&bound, "", "es", spanish),
        (&bound, "fr, *", "es", spanish),
        (&bound, "en", "en", english),
    ];
    for (token, accept, language, message) in cases {
        assert_eq!(ask(token, accept).await, (language.to_owned(), message.to_owned()), "{accept}");
    }
}
