//! A mail server in this process, and a gateway, which can be told to fail.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What a stub does otherwise than it should, at a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine::notifications) enum Fault {
    /// It answers this.
    Says(&'static str),
    /// It never answers.
    Hangs,
    /// It cuts the connection.
    Cuts,
}

#[derive(Default)]
struct Seen {
    mails: Vec<String>,
    logins: Vec<String>,
    connections: usize,
    fault: Option<(&'static str, Fault)>,
}

/// The mail server; it ends with its runtime.
#[derive(Clone)]
pub(in crate::engine::notifications) struct Stub {
    pub(in crate::engine::notifications) port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Stub {
    pub(in crate::engine::notifications) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let stub = Self { port, seen: seen.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.lock().connections += 1;
                let seen = seen.clone();
                tokio::spawn(async move {
                    // Whoever goes in the middle of a word is no failure of the stub.
                    let _ = talk(stream, &seen).await;
                });
            }
        });
        stub
    }

    /// From now on a command fails; `None`: all is well.
    pub(in crate::engine::notifications) fn fails(&self, fault: Option<(&'static str, Fault)>) {
        self.seen.lock().fault = fault;
    }

    pub(in crate::engine::notifications) fn mails(&self) -> Vec<String> {
        self.seen.lock().mails.clone()
    }

    pub(in crate::engine::notifications) fn logins(&self) -> Vec<String> {
        self.seen.lock().logins.clone()
    }

    pub(in crate::engine::notifications) fn connections(&self) -> usize {
        self.seen.lock().connections
    }
}

async fn talk(stream: TcpStream, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 stub ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let fault = seen.lock().fault.clone().filter(|(of, _)| *of == verb).map(|(_, fault)| fault);
        match fault {
            Some(Fault::Says(answer)) => {
                stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
                continue;
            }
            Some(Fault::Hangs) => std::future::pending::<()>().await,
            Some(Fault::Cuts) => return Ok(()),
            None => {}
        }
        let answer = match verb.as_str() {
            "EHLO" => "250-stub\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN\r\n",
            "AUTH" => {
                seen.lock().logins.push(line.trim().to_owned());
                "235 2.7.0 welcome\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mail = data(&mut stream).await?;
                seen.lock().mails.push(mail);
                "250 2.0.0 kept\r\n"
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n").await,
            _ => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// A gateway that answers with a status of the test's choice, and keeps what was
/// posted.
#[derive(Clone)]
pub(in crate::engine::notifications) struct Posts {
    pub(in crate::engine::notifications) url: String,
    answer: Arc<Mutex<&'static str>>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Posts {
    pub(in crate::engine::notifications) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new("204 No Content"));
        let posts = Self { url, answer, seen: Arc::default() };
        let (answer, seen) = (posts.answer.clone(), posts.seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, seen) = (answer.clone(), seen.clone());
                tokio::spawn(async move {
                    let status = *answer.lock();
                    if let Ok(post) = post(stream, status).await {
                        seen.lock().push(post);
                    }
                });
            }
        });
        posts
    }

    pub(in crate::engine::notifications) fn answers(&self, status: &'static str) {
        *self.answer.lock() = status;
    }

    /// Head and body of each post.
    pub(in crate::engine::notifications) fn seen(&self) -> Vec<String> {
        self.seen.lock().clone()
    }
}

async fn post(mut stream: TcpStream, status: &'static str) -> std::io::Result<String> {
    let mut reader = BufReader::new(&mut stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await?;
        if line == "\r\n" || line.is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await?;
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    Ok(format!("{head}\n{}", String::from_utf8_lossy(&body)))
}
