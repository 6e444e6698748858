//! A Redis server of a test's own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

use crate::harness::{PATIENCE, certify, eventually};

/// A server on a socket in a directory of its own; what it took survives its end.
pub(super) struct Redis {
    dir: TempDir,
    running: Option<Child>,
    tls: Option<u16>,
}

impl Redis {
    /// Starts one; else why there can be none.
    pub(super) async fn start() -> Result<Self, String> {
        let dir = TempDir::with_prefix("zelador-redis-").unwrap();
        let mut server = Self { dir, running: None, tls: None };
        server.go().await?;
        Ok(server)
    }

    /// Starts one that is reached over TLS as well, on `localhost`.
    pub(super) async fn start_with_tls() -> Result<Self, String> {
        let dir = TempDir::with_prefix("zelador-redis-").unwrap();
        certify(dir.path()).await?;
        // Free a moment ago; the server cannot be asked to choose one.
        let free = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = free.local_addr().map_err(|error| error.to_string())?.port();
        drop(free);
        let mut server = Self { dir, running: None, tls: Some(port) };
        server.go().await?;
        Ok(server)
    }

    /// Where it is reached over TLS.
    pub(super) fn tls_url(&self) -> String {
        format!("rediss://localhost:{}", self.tls.unwrap_or_default())
    }

    /// What it shows; signed by nobody.
    pub(super) fn certificate(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("redis.sock")
    }

    pub(super) fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Starts it again.
    pub(super) async fn go(&mut self) -> Result<(), String> {
        let _ = std::fs::remove_file(self.socket());
        let mut command = Command::new("redis-server");
        if let Some(port) = self.tls {
            command.args(["--tls-port", &port.to_string(), "--tls-auth-clients", "no"]);
            command.args(["--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem"]);
            command.args(["--tls-ca-cert-file", "cert.pem", "--bind", "127.0.0.1"]);
        }
        let child = command
            .current_dir(self.dir.path())
            .args(["--port", "0", "--save", "", "--appendonly", "yes", "--appendfsync", "always"])
            .arg("--unixsocket")
            .arg(self.socket())
            .arg("--dir")
            .arg(self.dir.path())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("redis-server: {error}"))?;
        self.running = Some(child);
        eventually("redis answers", PATIENCE, || async {
            let mut connection = self.try_connect().await?;
            redis::cmd("PING").exec_async(&mut connection).await.ok()
        })
        .await;
        Ok(())
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    async fn try_connect(&self) -> Option<MultiplexedConnection> {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.ok()
    }

    pub(super) async fn connect(&self) -> MultiplexedConnection {
        self.try_connect().await.expect("it runs")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
