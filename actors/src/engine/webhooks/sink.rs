//! For tests, measurements and the demo: a receiver on loopback that answers as it is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What it was sent.
#[derive(Debug, Clone)]
pub struct Got {
    /// Path and query.
    pub path: String,
    /// Headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl Got {
    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What it answers.
#[derive(Debug, Clone)]
pub enum Say {
    /// A status without a body.
    Status(u16),
    /// A status, headers (each with its line end), and a body.
    With(u16, &'static str, String),
    /// Headers of a success, and then a body without end.
    Flood,
    /// Nothing, ever.
    Hang,
    /// Nothing; the connection is closed.
    Close,
}

type Answer = Arc<dyn Fn(&Got) -> Say + Send + Sync>;

/// A receiver; dropped, it is gone.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    connections: Arc<AtomicUsize>,
    _stop: DropGuard,
}

impl Sink {
    /// One on a free port.
    pub async fn start(
        answer: impl Fn(&Got) -> Say + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), answer).await
    }

    /// One at this place.
    pub async fn start_at(
        address: SocketAddr,
        answer: impl Fn(&Got) -> Say + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (got, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::default());
        let stop = CancellationToken::new();
        let serving = serve(listener, Arc::new(answer), got.clone(), Arc::clone(&connections));
        let stopped = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = serving => {}
                () = stopped.cancelled() => {}
            }
        });
        Ok(Self { address, got, connections, _stop: stop.drop_guard() })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What it was sent so far.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().clone()
    }

    /// How often it was sent something.
    pub fn count(&self) -> usize {
        self.got.lock().len()
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(
    listener: TcpListener,
    answer: Answer,
    got: Arc<Mutex<Vec<Got>>>,
    connections: Arc<AtomicUsize>,
) {
    let mut tasks = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        let (answer, got) = (answer.clone(), got.clone());
        tasks.spawn(async move {
            // Whoever goes away in the middle is gone.
            let _ = converse(stream, &answer, &got).await;
        });
        while tasks.try_join_next().is_some() {}
    }
}

async fn converse(
    stream: TcpStream,
    answer: &Answer,
    got: &Mutex<Vec<Got>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        let say = answer(&request);
        got.lock().push(request);
        let text = match say {
            Say::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"),
            Say::With(status, headers, body) => {
                let len = body.len();
                format!("HTTP/1.1 {status} X\r\ncontent-length: {len}\r\n{headers}\r\n{body}")
            }
            Say::Flood => {
                stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 10000000000\r\n\r\n").await?;
                loop {
                    stream.write_all(&[b'x'; 16 * 1024]).await?;
                }
            }
            Say::Hang => return std::future::pending().await,
            Say::Close => return Ok(()),
        };
        stream.write_all(text.as_bytes()).await?;
    }
    Ok(())
}

/// The next request of a connection.
async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Got>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(Got { path, headers, body: String::from_utf8_lossy(&body).into_owned() }))
}
