//! A receiver over https whose certificate nobody vouches for gets nothing.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use zelador_actors::engine::webhooks::client::Client;
use zelador_actors::engine::webhooks::guard::{Guard, SystemLookUp};

use crate::harness::{certify, skipped};

#[tokio::test]
async fn a_receiver_with_an_untrusted_certificate_gets_nothing() {
    let dir = TempDir::with_prefix("zelador-https-").unwrap();
    if let Err(why) = certify(dir.path()).await {
        return skipped(why);
    }
    let mut server = Command::new("openssl")
        .args([
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-cert",
            "cert.pem",
            "-key",
            "key.pem",
            "-www",
        ])
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    let address = loop {
        let line = said.next_line().await.unwrap().unwrap();
        if let Some(address) = line.strip_prefix("ACCEPT ") {
            break address.to_owned();
        }
    };
    let port = address.rsplit(':').next().unwrap();
    let client = Client::new(&Guard::new(Arc::new(SystemLookUp), true)).unwrap();
    let url = format!("https://localhost:{port}/").parse().unwrap();
    let limit = Duration::from_secs(20);
    let answer = client.post(&url, HeaderMap::new(), "{}".into(), limit).await;
    assert_eq!(answer.status, None, "{answer:?}");
    assert!(answer.error.as_ref().unwrap().contains("certificate"), "{answer:?}");
}
