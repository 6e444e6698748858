//! To whom a request is addressed.

use super::lab::{Lab, lab, lab_with, status};
use crate::config::ApiSettings;

async fn ask(lab: &Lab, target: &str, hosts: &[&str]) -> u16 {
    let hosts = hosts.iter().fold(String::new(), |lines, host| format!("{lines}Host: {host}\r\n"));
    status(&lab.raw(format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")).await)
}

#[tokio::test]
async fn only_our_names_are_answered() {
    let lab = lab().await;
    let ours = [
        "localhost",
        "LOCALHOST",
        "LocalHost:8000",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:65535",
        "[::1]",
        "[::1]:8000",
        "localhost:",
        " localhost ",
    ];
    for host in ours {
        assert_eq!(ask(&lab, "/health", &[host]).await, 200, "{host}");
    }
    let others = [
        "evil.example",
        "localhost.evil.example",
        "evil.localhost",
        "localhost.",
        "127.0.0.2",
        "127.1",
        "0.0.0.0",
        "2130706433",
        "[::]",
        "[::ffff:127.0.0.1]",
        "xn--localhost",
        "192.168.0.10:8000",
        "127.0.0.1.nip.io",
    ];
    for host in others {
        assert_eq!(ask(&lab, "/health", &[host]).await, 421, "{host}");
    }
    let unusable = [
        "",
        ":8000",
        "localhost:http",
        "localhost:8000:1",
        "localhost:123456",
        "user@localhost",
        "localhost,evil.example",
        "localhost evil.example",
        "::1",
        "[::1",
        "localhost/x",
        "[::1]x",
        "http://localhost",
    ];
    for host in unusable {
        let status = ask(&lab, "/health", &[host]).await;
        assert_eq!(status, 400, "{host}");
    }
}

#[tokio::test]
async fn one_host_and_only_one() {
    let lab = lab().await;
    assert_eq!(ask(&lab, "/health", &[]).await, 400);
    assert_eq!(ask(&lab, "/health", &["localhost", "localhost"]).await, 400);
    assert_eq!(ask(&lab, "/health", &["localhost", "evil.example"]).await, 400);
    let old = lab.raw("GET /health HTTP/1.0\r\n\r\n").await;
    assert_eq!(status(&old), 400);
}

#[tokio::test]
async fn in_absolute_form_the_target_counts() {
    let lab = lab().await;
    assert_eq!(ask(&lab, "http://localhost/health", &["evil.example"]).await, 200);
    assert_eq!(ask(&lab, "http://evil.example/health", &["localhost"]).await, 421);
    assert_eq!(ask(&lab, "http://user@localhost/health", &["localhost"]).await, 400);
    assert_eq!(ask(&lab, "http://localhost/health", &[]).await, 400);
    assert_eq!(ask(&lab, "http://[::1]:9/health", &["localhost"]).await, 200);
}

#[tokio::test]
async fn configured_names_count_and_can_change() {
    let allowed_hosts = vec!["Agenda.example".to_owned()];
    let mut settings = ApiSettings { allowed_hosts, ..ApiSettings::default() };
    let lab = lab_with(settings.clone()).await;
    assert_eq!(ask(&lab, "/health", &["agenda.EXAMPLE:443"]).await, 200);
    settings.allowed_hosts.clear();
    lab.api.configure(&settings);
    assert_eq!(ask(&lab, "/health", &["agenda.example"]).await, 421);
}
