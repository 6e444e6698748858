//! A Redis server of a test's own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

use crate::harness::{PATIENCE, eventually};

/// A server on a socket in a directory of its own; what it took survives its end.
pub(super) struct Redis {
    dir: TempDir,
    running: Option<Child>,
}

impl Redis {
    /// Starts one; else why there can be none.
    pub(super) async fn start() -> Result<Self, String> {
        let dir = TempDir::with_prefix("zelador-redis-").unwrap();
        let mut server = Self { dir, running: None };
        server.go().await?;
        Ok(server)
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
        let child = Command::new("redis-server")
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
