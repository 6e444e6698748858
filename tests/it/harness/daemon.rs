//! A daemon that runs, as a child process.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

use super::{Client, Home, PATIENCE, eventually};

/// A daemon that runs; dropped, it is killed.
pub(crate) struct Daemon {
    child: Child,
    data: PathBuf,
    /// When the process was started.
    pub(crate) began: Instant,
    client: Option<Client>,
}

impl Daemon {
    /// Starts `command` as the daemon of `home`.
    pub(crate) fn spawn(home: &Home, mut command: Command) -> Self {
        let log = open_log(home);
        // The last one's address must not be taken for this one's.
        let _ = std::fs::remove_file(home.data().join("address"));
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let began = Instant::now();
        let child = command.spawn().unwrap();
        Self { child, data: home.data().to_owned(), began, client: None }
    }

    /// Waits until it is ready; says how long that took from the start.
    pub(crate) async fn ready(&mut self) -> Duration {
        let deadline = Instant::now() + PATIENCE;
        while !self.is_ready().await {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the daemon ended before it was ready: {ended:?}");
            assert!(Instant::now() < deadline, "the daemon was not ready within {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.began.elapsed()
    }

    async fn is_ready(&mut self) -> bool {
        let read = |name| std::fs::read_to_string(self.data.join(name)).unwrap_or_default();
        let (address, token) = (read("address"), read("operator.token"));
        if address.is_empty() || token.is_empty() {
            return false;
        }
        let client = Client::new(address.trim(), Some(token.trim().to_owned()));
        let ready = client.send(client.request(reqwest::Method::GET, "/ready")).await;
        let ready = ready.is_ok_and(|answer| answer.status == 200);
        self.client = Some(client);
        ready
    }

    /// The operator, as a caller. It must have been [`Daemon::ready`].
    pub(crate) fn client(&self) -> &Client {
        self.client.as_ref().expect("the daemon was waited for")
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("the daemon runs");
        kill_process(Pid::from_raw(id.cast_signed()).unwrap(), signal).unwrap();
    }

    /// SIGKILL, and waits for the end.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM; the exit code and the time it took.
    pub(crate) async fn stop(mut self) -> (Option<i32>, Duration) {
        let asked = Instant::now();
        self.signal(Signal::TERM);
        (self.ended(PATIENCE).await.code(), asked.elapsed())
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self, within: Duration) -> ExitStatus {
        let ended = timeout(within, self.child.wait()).await;
        ended.expect("the daemon ends in time").unwrap()
    }

    /// Waits until a condition holds for what `path` answers.
    pub(crate) async fn answers(
        &self,
        path: &str,
        within: Duration,
        what: &str,
        holds: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        eventually(what, within, || async {
            let answer = self.client().get(path).await.json();
            holds(&answer).then_some(answer)
        })
        .await
    }
}

fn open_log(home: &Home) -> File {
    OpenOptions::new().create(true).append(true).open(home.log_file()).unwrap()
}
