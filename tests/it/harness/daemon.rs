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
    log: PathBuf,
    /// Bytes of the log that others wrote before.
    logged_before: usize,
    /// When the process was started.
    pub(crate) began: Instant,
    client: Option<Client>,
}

impl Daemon {
    /// Starts `command` as the daemon of `home`.
    pub(crate) fn spawn(home: &Home, mut command: Command) -> Self {
        let (log, log_file) = (open_log(home), home.log_file());
        let logged_before = home.log().len();
        // The last one's address must not be taken for this one's.
        let _ = std::fs::remove_file(home.data().join("address"));
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let began = Instant::now();
        let child = command.spawn().unwrap();
        let data = home.data().to_owned();
        Self { child, data, log: log_file, logged_before, began, client: None }
    }

    /// Waits until it is ready; says how long that took from the start.
    pub(crate) async fn ready(&mut self) -> Duration {
        self.until(|status| status == 200).await
    }

    /// Waits until it answers, ready or not.
    pub(crate) async fn answering(&mut self) {
        self.until(|_| true).await;
    }

    async fn until(&mut self, good: impl Fn(u16) -> bool) -> Duration {
        let deadline = Instant::now() + PATIENCE;
        while !self.readiness().await.is_some_and(&good) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the daemon ended before it was ready: {ended:?}");
            assert!(Instant::now() < deadline, "the daemon was not ready within {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.began.elapsed()
    }

    /// The status of `/ready`, once there is somebody to ask.
    async fn readiness(&mut self) -> Option<u16> {
        let read = |name| std::fs::read_to_string(self.data.join(name)).unwrap_or_default();
        let (address, token) = (read("address"), read("operator.token"));
        let address = if address.is_empty() { self.logged_address()? } else { address };
        if token.is_empty() {
            return None;
        }
        let client = Client::new(address.trim(), Some(token.trim().to_owned()));
        let answer = client.send(client.request(reqwest::Method::GET, "/ready")).await;
        self.client = Some(client);
        answer.ok().map(|answer| answer.status)
    }

    /// The address as the log has it: on a full disk it is written down nowhere else.
    fn logged_address(&self) -> Option<String> {
        let log = std::fs::read(&self.log).ok()?;
        let log = String::from_utf8_lossy(log.get(self.logged_before..)?).into_owned();
        let line = log.lines().find(|line| line.contains("\"zelador serves\""))?;
        serde_json::from_str::<serde_json::Value>(line).ok()?["address"].as_str().map(str::to_owned)
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

    /// Waits until it has ended, or a job has failed.
    pub(crate) async fn ended_or_failed(&mut self, job: &str) -> Option<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            if self.readiness().await.is_some() {
                let request = self.client().request(reqwest::Method::GET, &format!("/jobs/{job}"));
                // It may end at any moment.
                let answer = self.client().send(request).await;
                if answer
                    .is_ok_and(|answer| answer.status == 200 && answer.json()["state"] == "failed")
                {
                    return None;
                }
            }
            assert!(Instant::now() < deadline, "neither the end nor the failure of {job}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
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
