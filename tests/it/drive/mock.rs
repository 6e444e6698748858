//! The client against a Drive that others wrote: google-drive-mock 1.2.0 from npm, which
//! `.ci/run` installs. The same calls as against our own stand-in, as far as it goes.
//!
//! What it lacks, and is therefore seen against the stand-in alone: a token endpoint (one
//! is lent here), `files/generateIds`, permissions, shared drives, `changes/watch` and
//! `channels/stop`, pages of changes, 409 for an id that was used (it overwrites),
//! a refusal of queries that it does not understand, and of a place in the log that is none.
//! It writes `version` as a number where Google writes a text.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use zelador_actors::drive::port::{NewFolder, Port, Upstream as _};
use zelador_actors::drive::rules::answer::Trouble;
use zelador_actors::drive::{DriveSettings, Google, Hidden};
use zelador_actors::engine::clock::{Clock, Dice};

use crate::harness::{PATIENCE, eventually, skipped};

/// Where the package is; else why there is none.
fn package() -> Result<PathBuf, String> {
    let real = std::env::var_os("ZELADOR_TEST_REAL").is_some_and(|value| value == "1");
    if !real {
        return Err("a foreign server, without ZELADOR_TEST_REAL=1".to_owned());
    }
    let dir = std::env::var_os("ZELADOR_DRIVE_MOCK").ok_or("ZELADOR_DRIVE_MOCK is not set")?;
    let dir = PathBuf::from(dir);
    let found = dir.join("node_modules/google-drive-mock/package.json").is_file();
    if found { Ok(dir) } else { Err(format!("{} holds no google-drive-mock", dir.display())) }
}

/// Hands out the one token that the mock takes.
async fn tokens() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let body = r#"{"access_token":"valid-token","expires_in":3599,"token_type":"Bearer"}"#;
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

/// The mock, and a conversation with it.
async fn mock(dir: PathBuf) -> (Child, Arc<dyn Port>) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let script = format!(
        "require('google-drive-mock').startServer({port}, '127.0.0.1', {{apiEndpoint: '{url}'}})"
    );
    let mut command = Command::new("node");
    command.args(["-e", &script]).current_dir(dir).kill_on_drop(true);
    let child = command.spawn().unwrap();
    eventually("the mock serves", PATIENCE, || async {
        TcpStream::connect(("127.0.0.1", port)).await.ok()
    })
    .await;
    let credentials = json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
    });
    let settings = DriveSettings {
        api_base_url: url.clone(),
        upload_base_url: url,
        token_url: tokens().await,
        credentials: Hidden::new(credentials.to_string()),
        ..DriveSettings::default()
    };
    let port = Google::new(Clock::system(), Dice::seeded(1)).open(&settings).unwrap();
    (child, port)
}

fn new(id: &str, name: &str, parent: &str) -> NewFolder {
    let (id, name) = (id.to_owned(), name.to_owned());
    NewFolder { id, name, parent: Some(parent.to_owned()), mark: "user:novos".to_owned() }
}

#[tokio::test]
async fn the_client_gets_along_with_a_drive_that_others_wrote() {
    let dir = match package() {
        Ok(dir) => dir,
        Err(why) => return skipped(why),
    };
    let (_mock, port) = mock(dir).await;
    let folder = port.make_folder(&new("zelNovos", "novos", "zelTop")).await.unwrap();
    assert_eq!((folder.id.as_str(), folder.is_folder()), ("zelNovos", true));
    assert_eq!(port.file("zelNovos").await.unwrap().mark.as_deref(), Some("user:novos"));
    port.make_folder(&new("zelDone", "processados", "zelTop")).await.unwrap();
    let from = port.log_end().await.unwrap();
    port.put_text(&new("zelNota", "it's a nota.txt", "zelNovos"), "hello").await.unwrap();
    let there = port.in_folder("zelNovos").await.unwrap();
    assert_eq!(
        (there.len(), there[0].name.as_str(), there[0].size),
        (1, "it's a nota.txt", Some(5))
    );
    assert_eq!(there[0].md5.as_deref(), Some("5d41402abc4b2a76b9719d911017c592"));
    let changes = port.changes(&from).await.unwrap();
    let now = changes.changes.iter().find(|change| change.file == "zelNota").unwrap();
    assert_eq!(now.now.as_ref().unwrap().parent.as_deref(), Some("zelNovos"));
    assert!(changes.end && changes.next != from);
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join("nota.txt");
    assert_eq!(port.download("zelNota", &path).await.unwrap(), 5);
    assert_eq!(std::fs::read_to_string(path).unwrap(), "hello");
    let moved = port.move_file("zelNota", "zelNovos", "zelDone").await.unwrap();
    assert_eq!(moved.parent.as_deref(), Some("zelDone"));
    assert!(port.in_folder("zelNovos").await.unwrap().is_empty());
    assert!(!port.changes(&changes.next).await.unwrap().changes.is_empty(), "our own move");
    assert_eq!(port.untrash("zelNota").await.unwrap().id, "zelNota");
    assert_eq!(port.file("none").await, Err(Trouble::Missing));
    // What it lacks says so in the words of Google's answers.
    assert_eq!(port.ids(1).await, Err(Trouble::Missing));
    assert_eq!(port.shares("zelNovos").await, Err(Trouble::Missing));
}
