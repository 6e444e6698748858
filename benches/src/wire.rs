//! A caller that costs next to nothing: HTTP/1.1 spoken over one kept connection,
//! in bytes made beforehand. It shares the machine with what it measures, as
//! `pgbench` does, so what it spends is taken from both.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::Failure;

/// Where a daemon listens, and with which token it is spoken to.
#[derive(Debug, Clone)]
pub struct Address {
    /// `127.0.0.1:8000`.
    pub host: String,
    /// An opaque token; empty: none is sent.
    pub token: String,
}

impl Address {
    /// A read.
    pub fn get(&self, path: &str) -> Vec<u8> {
        self.request("GET", path, "").into_bytes()
    }

    /// A write.
    pub fn post(&self, path: &str, body: &str) -> Vec<u8> {
        self.request("POST", path, body).into_bytes()
    }

    fn request(&self, method: &str, path: &str, body: &str) -> String {
        let Self { host, token } = self;
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
        if !token.is_empty() {
            let _ = write!(head, "Authorization: Bearer {token}\r\n");
        }
        if !body.is_empty() {
            let length = body.len();
            let _ = write!(head, "Content-Type: application/json\r\nContent-Length: {length}\r\n");
        }
        head + "\r\n" + body
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// One kept connection.
pub struct Wire {
    stream: TcpStream,
    /// What was read and not yet asked for.
    rest: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub async fn to(address: &Address) -> Result<Self, Failure> {
        let stream = TcpStream::connect(&address.host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, rest: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and waits for all of the answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        self.stream.write_all(request).await?;
        let head = loop {
            match self.rest.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.more().await?,
            }
        };
        let text: Vec<u8> = self.rest.drain(..head).collect();
        let text = String::from_utf8(text)?.to_ascii_lowercase();
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length = length.map_or(Ok(0), |length| length.trim().parse::<usize>())?;
        while self.rest.len() < length {
            self.more().await?;
        }
        let body = self.rest.drain(..length).collect();
        Ok(Answer { status: status.ok_or("an answer without a status")?, body })
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.rest).await? {
            0 => Err("the connection was closed".into()),
            _ => Ok(()),
        }
    }

    /// The same, timed from `since`; fails unless it went well.
    pub async fn timed(&mut self, request: &[u8], since: Instant) -> Result<Duration, Failure> {
        let answer = self.ask(request).await?;
        if answer.status < 300 {
            Ok(since.elapsed())
        } else {
            let body = String::from_utf8_lossy(&answer.body);
            Err(format!("status {}: {body}", answer.status).into())
        }
    }
}
