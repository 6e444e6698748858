//! Against a listener that says what it is told to.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// Answers one request after the other; what was asked comes back.
async fn stand_in(answers: Vec<String>) -> (Client, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = read_url(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 8192];
            let length = stream.read(&mut head).await.unwrap();
            asked.push(String::from_utf8_lossy(&head[..length]).into_owned());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        asked
    });
    (Client::new(base, "zld_secret".into()).unwrap(), asked)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

#[tokio::test]
async fn a_list_is_read_page_after_page() {
    let (client, asked) = stand_in(vec![
        answer("200 OK", "link: </jobs?limit=500&cursor=b>; rel=\"next\"\r\n", "[1,2]"),
        answer("200 OK", "", "[3]"),
    ])
    .await;
    assert_eq!(client.list("/jobs?state=failed", 10_000).await.unwrap(), [1, 2, 3]);
    let asked = asked.await.unwrap();
    assert!(asked[0].starts_with("GET /jobs?state=failed&limit=500 HTTP/1.1"), "{}", asked[0]);
    assert!(asked[0].contains("authorization: Bearer zld_secret"));
    assert!(asked[1].starts_with("GET /jobs?limit=500&cursor=b "), "{}", asked[1]);
}

#[tokio::test]
async fn a_list_stops_at_what_was_asked_for() {
    let next = "link: </jobs?cursor=b>; rel=\"next\"\r\n";
    let (client, asked) = stand_in(vec![answer("200 OK", next, "[1,2,3]")]).await;
    assert_eq!(client.list("jobs", 2).await.unwrap(), [1, 2]);
    assert!(asked.await.unwrap()[0].starts_with("GET /jobs?limit=2 "));
}

#[tokio::test]
async fn the_token_follows_no_link_and_no_redirect_elsewhere() {
    let next = "link: <http://127.0.0.1:1/jobs?cursor=b>; rel=\"next\"\r\n";
    let (client, _) = stand_in(vec![answer("200 OK", next, "[1]")]).await;
    assert_eq!(client.list("jobs", 100).await.unwrap(), [1]);
    let (client, _) =
        stand_in(vec![answer("302 Found", "location: http://127.0.0.1:1/\r\n", "")]).await;
    assert_eq!(client.get("jobs").await.unwrap_err().exit(), Exit::No);
}

#[tokio::test]
async fn a_refusal_is_shown_with_its_members_and_trace() {
    let body = r#"{"error":"validation_failed","message":"Dados inválidos.","trace_id":"abc",
        "errors":[{"field":"name","code":"required","message":"é obrigatório"}]}"#;
    let (client, _) = stand_in(vec![answer("422 Unprocessable Entity", "", body)]).await;
    let error = client.call(Method::POST, "tenants", Some(&Value::Null)).await.unwrap_err();
    assert_eq!(error.exit(), Exit::No);
    assert_eq!(error.to_string(), "Dados inválidos.\n  name: é obrigatório\n  trace_id: abc");
}

#[tokio::test]
async fn a_refusal_that_is_not_the_daemons_still_says_its_status() {
    let (client, _) = stand_in(vec![answer("502 Bad Gateway", "", "<html>")]).await;
    let error = client.get("status").await.unwrap_err();
    assert_eq!(error.to_string(), "the daemon answers 502 Bad Gateway");
}

#[tokio::test]
async fn nobody_there_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(read_url(&base).unwrap(), "t".into()).unwrap();
    let error = client.get("status").await.unwrap_err();
    assert_eq!(error.exit(), Exit::Unreachable);
    assert!(error.to_string().contains(&base), "{error}");
}

#[test]
fn address_and_token_are_found_in_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    // A mistake elsewhere does not keep one from asking the daemon.
    std::fs::write(&config, "[api]\nlisten = \"0.0.0.0:81\"\n[store]\ndata_dir = \"d\"\n[oops]\n")
        .unwrap();
    let common = Common { config: Some(config), ..Common::default() };
    let missing = Client::find(&common).unwrap_err();
    assert_eq!(missing.exit, Exit::Unreachable, "{}", missing.message);
    std::fs::create_dir(dir.path().join("d")).unwrap();
    std::fs::write(dir.path().join("d/operator.token"), "zld_x\n").unwrap();
    let client = Client::find(&common).unwrap();
    assert_eq!(client.base.as_str(), "http://127.0.0.1:81/");
    assert_eq!(client.token.expose_secret(), "zld_x");
    assert!(!format!("{client:?}").contains("zld_x"));
}

#[test]
fn a_daemon_on_any_free_port_is_found_where_it_says_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    std::fs::write(&config, "[api]\nlisten = \"0.0.0.0:0\"\n[store]\ndata_dir = \".\"\n").unwrap();
    std::fs::write(dir.path().join("operator.token"), "zld_x\n").unwrap();
    let common = Common { config: Some(config), ..Common::default() };
    assert_eq!(Client::find(&common).unwrap_err().exit, Exit::Unreachable);
    std::fs::write(dir.path().join("address"), "0.0.0.0:4711\n").unwrap();
    assert_eq!(Client::find(&common).unwrap().base.as_str(), "http://127.0.0.1:4711/");
}

#[test]
fn a_daemon_that_a_flag_put_elsewhere_is_found_there() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    std::fs::write(&config, "[api]\nlisten = \"127.0.0.1:81\"\n[store]\ndata_dir = \".\"\n")
        .unwrap();
    std::fs::write(dir.path().join("operator.token"), "zld_x\n").unwrap();
    let common = Common { config: Some(config), ..Common::default() };
    assert_eq!(Client::find(&common).unwrap().base.as_str(), "http://127.0.0.1:81/");
    std::fs::write(dir.path().join("address"), "127.0.0.1:4711\n").unwrap();
    assert_eq!(Client::find(&common).unwrap().base.as_str(), "http://127.0.0.1:4711/");
}

#[test]
fn flags_name_another_daemon() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("t"), "tok").unwrap();
    let common = Common {
        url: Some("http://[::1]:9".to_owned()),
        token_file: Some(dir.path().join("t")),
        ..Common::default()
    };
    assert_eq!(Client::find(&common).unwrap().base.as_str(), "http://[::1]:9/");
    let wrong = Common { url: Some("here".to_owned()), ..common };
    assert_eq!(Client::find(&wrong).unwrap_err().exit, Exit::Usage);
}

#[test]
fn links_are_read_as_the_rfc_says() {
    assert_eq!(next_of("</a?c=1>; rel=\"next\""), Some("/a?c=1"));
    assert_eq!(next_of(" </a>; title=x; rel=next"), Some("/a"));
    assert_eq!(next_of("</a>; rel=\"prev\""), None);
    let both = "</a?s=x,y>; rel=\"prev\", </b?s=x,y>; rel=\"next\", </c>; rel=last";
    assert_eq!(next_of(both), Some("/b?s=x,y"));
    assert_eq!(next_of("nonsense"), None);
}

#[test]
fn the_language_is_the_persons() {
    let with = |value: &str| {
        let value = value.to_owned();
        language(move |name| (name == "LANG").then(|| value.clone()))
    };
    assert_eq!(with("pt_BR.UTF-8").as_deref(), Some("pt-BR"));
    assert_eq!(with("es_VE@euro").as_deref(), Some("es-VE"));
    assert_eq!(with("C.UTF-8"), None);
    assert_eq!(with("POSIX"), None);
    assert_eq!(with(""), None);
}
