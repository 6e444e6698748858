//! Clients that are slow, silent, or leave; HTTP/2; stopping.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::lab::{lab, lab_with, status, until_end};
use crate::config::ApiSettings;

/// Whole seconds, as the tests' paused time goes.
fn between(began: Instant, least: u64, most: u64) {
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(least) && took <= Duration::from_secs(most), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_head_must_be_complete_within_five_seconds() {
    let lab = lab().await;
    let mut stream = lab.connect().await;
    let began = Instant::now();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: loc").await.unwrap();
    assert_eq!(until_end(&mut stream).await, "");
    between(began, 5, 6);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_drips_is_cut_all_the_same() {
    let lab = lab().await;
    let mut stream = lab.connect().await;
    let began = Instant::now();
    for byte in b"GET /health HTTP/1.1\r\nHost: localhost\r\n".iter().cycle() {
        if stream.write_all(&[*byte]).await.is_err() || began.elapsed() > Duration::from_secs(20) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    between(began, 5, 9);
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_closed_after_thirty_seconds() {
    let lab = lab().await;
    let began = Instant::now();
    assert_eq!(until_end(&mut lab.connect().await).await, "");
    between(began, 30, 31);
    let mut kept = lab.connect().await;
    kept.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let began = Instant::now();
    assert_eq!(status(&until_end(&mut kept).await), 200);
    between(began, 30, 31);
}

async fn slow_body(sent: usize, least: u64, most: u64) {
    let lab = lab().await;
    let mut stream = lab.connect().await;
    let head = format!(
        "POST /crates HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 900000\r\nConnection: close\r\n\r\n",
        lab.operator
    );
    let began = Instant::now();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; sent]).await.unwrap();
    assert_eq!(status(&until_end(&mut stream).await), 408);
    between(began, least, most);
}

#[tokio::test(start_paused = true)]
async fn a_body_has_ten_seconds() {
    slow_body(10, 10, 12).await;
}

#[tokio::test(start_paused = true)]
async fn or_as_long_as_it_keeps_its_pace() {
    slow_body(40 * 1024, 40, 42).await;
}

#[tokio::test]
async fn http_2_is_spoken_without_being_asked() {
    let lab = lab().await;
    let mut stream = lab.connect().await;
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    // GET, http, /health and the authority, by the static table of HPACK.
    let mut block = vec![0x82, 0x86, 0x04, 7];
    block.extend(b"/health");
    block.extend([0x01, 9]);
    block.extend(b"localhost");
    bytes.extend([0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1]);
    bytes.extend(block);
    stream.write_all(&bytes).await.unwrap();
    let answer = timeout(Duration::from_secs(20), async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.unwrap();
            let length = usize::from(head[1]) << 8 | usize::from(head[2]);
            let mut payload = vec![0; length];
            stream.read_exact(&mut payload).await.unwrap();
            if head[3] == 1 {
                break payload[0];
            }
        }
    });
    assert_eq!(answer.await.unwrap(), 0x88, "status 200, by the static table");
}

#[tokio::test]
async fn connections_have_a_cap() {
    let mut settings = ApiSettings::default();
    settings.limits.connections = 2;
    let lab = lab_with(settings).await;
    let first = lab.connect().await;
    let _second = lab.connect().await;
    let mut third = lab.connect().await;
    third
        .write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let early = timeout(Duration::from_millis(200), third.readable()).await;
    assert!(early.is_err(), "nobody answers a third");
    drop(first);
    assert_eq!(status(&until_end(&mut third).await), 200);
}

#[tokio::test]
async fn a_stop_lets_requests_finish_and_takes_no_more() {
    let mut lab = lab().await;
    let waiting = tokio::spawn(lab.order("POST", "/crates/1/wait").send());
    lab.depot.entered.notified().await;
    drop(lab.stop.take());
    let refused = timeout(Duration::from_secs(20), async {
        while tokio::net::TcpStream::connect(lab.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
    refused.await.expect("the listener is closed");
    lab.depot.gate.notify_one();
    assert_eq!(waiting.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_stop_ends_in_time_whatever_clients_do() {
    let mut lab = lab().await;
    let stuck = tokio::spawn(lab.order("POST", "/crates/1/wait").send());
    lab.depot.entered.notified().await;
    drop(lab.stop.take());
    let answer =
        timeout(Duration::from_secs(20), stuck).await.expect("cut at the end of the grace");
    assert!(answer.unwrap().is_err());
}
