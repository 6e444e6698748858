//! Receivers over https: one whose certificate is trusted gets what is signed for
//! it, one that nobody vouches for gets nothing.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{gets, hook, person, sink, tenant};
use crate::harness::{Daemon, Home, PATIENCE, certify, skipped};

/// What takes the encryption off before a receiver, with this certificate; where it
/// listens. It ends with the task set.
async fn encrypted(keys: &Path, receiver: SocketAddr, tasks: &mut JoinSet<()>) -> u16 {
    let chain = vec![CertificateDer::from_pem_file(keys.join("cert.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(keys.join("key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tasks.spawn(async move {
        let mut calls = JoinSet::new();
        while let Ok((call, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            calls.spawn(async move {
                // Who does not like the certificate hangs up.
                let Ok(mut call) = acceptor.accept(call).await else { return };
                let mut plain = TcpStream::connect(receiver).await.unwrap();
                let _ended = copy_bidirectional(&mut call, &mut plain).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_receiver_over_https_must_show_a_certificate_that_is_trusted() {
    let keys = TempDir::with_prefix("zelador-https-").unwrap();
    if let Err(why) = certify(keys.path()).await {
        return skipped(why);
    }
    let (sink, mut tasks) = (sink().await, JoinSet::new());
    let port = encrypted(keys.path(), sink.address, &mut tasks).await;
    let home = Home::new("[webhooks]\nbackoff_seconds = [3600]\n").await;
    let mut daemon = home.start().await;
    let tenant = tenant(daemon.client(), "sol.example").await;
    let draft = json!({"url": format!("https://localhost:{port}/"), "events": ["user.*"],
        "secret": "kanarienvogel"});
    let path = hook(daemon.client(), &tenant, &draft).await.1;
    person(daemon.client(), &tenant, "Ana Rojas").await;
    let list = format!("{path}/deliveries");
    let refused =
        daemon.answers(&list, PATIENCE, "the first try", |list| list[0]["attempts"] == 1).await;
    assert!(refused[0]["error"].as_str().unwrap().contains("certificate"), "{refused}");
    assert!(sink.got().is_empty(), "nothing was sent there");
    daemon.kill().await;

    let mut command = home.command(["serve"]);
    command.env("SSL_CERT_FILE", keys.path().join("cert.pem"));
    let mut daemon = Daemon::spawn(&home, command);
    daemon.ready().await;
    let one = format!("{list}/{}", refused[0]["id"].as_str().unwrap());
    daemon.client().post(&format!("{one}/redeliver"), &json!({})).await.is(202);
    let got = gets(&sink, 1).await.remove(0);
    assert_eq!(refused[0]["id"], got.header("webhook-id"));
    assert!(got.header("webhook-signature").starts_with("v1,"), "{got:?}");
}
