//! A daemon for the demo alone: its own directory, its own port, gone afterwards.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::cli::client::Client;
use crate::cli::{Common, Exit, Failure};

/// More than a start takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Names of directories that may be taken.
const TRIES: u32 = 100;
/// As out of the box, but for the waits that nobody wants to sit through.
const CONFIG: &str = "\
# The defaults, but for shorter waits. Made by `zelador demo`.
[wispro]
request_gap_ms = 0
[drive]
poll_seconds = 1
[schedules.wispro-sync]
enabled = false
";

/// A daemon and all it has; dropped, both are gone.
pub(super) struct House {
    dir: PathBuf,
    child: Option<Child>,
}

impl House {
    /// Starts one, and waits until it is ready.
    pub(super) async fn start() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(Exit::No, format_args!("no daemon can be started for the demo: {error}"))
        };
        let mut house = Self { dir: directory().map_err(failed)?, child: None };
        std::fs::write(house.dir.join("config.toml"), CONFIG).map_err(failed)?;
        house.child = Some(house.spawn().map_err(failed)?);
        house.ready().await?;
        Ok(house)
    }

    /// Where it is.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// How its daemon is found.
    pub(super) fn common(&self) -> Common {
        Common {
            config: Some(self.dir.join("config.toml")),
            data_dir: Some(self.dir.join("data")),
            url: self.address().map(|address| format!("http://{address}")),
            ..Common::default()
        }
    }

    /// Where its stand-in of Drive can be told what to do, as its log has it.
    pub(super) fn drive(&self) -> Option<String> {
        let log = std::fs::read_to_string(self.dir.join("log")).ok()?;
        let line = log.lines().find(|line| line.contains("drive is a sandbox"))?;
        let told: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(format!("http://{}/sandbox", told.get("address")?.as_str()?))
    }

    fn address(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.dir.join("data/address")).ok()?;
        Some(text.trim().to_owned())
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let log = std::fs::File::create(self.dir.join("log"))?;
        let mut command = Command::new(std::env::current_exe()?);
        // What is set for another daemon must not reach this one.
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.current_dir(&self.dir).args(["serve", "--listen", "127.0.0.1:0", "--config"]);
        command.arg(self.dir.join("config.toml")).arg("--data-dir").arg(self.dir.join("data"));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        command.spawn()
    }

    async fn ready(&mut self) -> Result<(), Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if self.address().is_some() {
                let client = Client::find(&self.common());
                if let Ok(client) = client
                    && client.get("ready").await.is_ok()
                {
                    return Ok(());
                }
            }
            let ended = self.child.as_mut().map(Child::try_wait);
            if matches!(ended, Some(Ok(Some(_)) | Err(_))) || Instant::now() > deadline {
                let log = std::fs::read_to_string(self.dir.join("log")).unwrap_or_default();
                let last = log.lines().next_back().unwrap_or("it said nothing");
                let text = format_args!("the daemon for the demo does not start: {last}");
                return Err(Failure::new(Exit::No, text));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends it as a service manager does, and removes all it had.
    pub(super) async fn end(mut self) {
        if let Some(mut child) = self.child.take() {
            let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
            if let Some(id) = id {
                // One that is gone already needs no signal.
                let _ = kill_process(id, Signal::TERM);
            }
            if timeout(PATIENCE, child.wait()).await.is_err() {
                let _ = child.kill().await;
            }
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // What cannot be removed is in the directory for things that go by themselves.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A new directory that nobody else can look into.
fn directory() -> std::io::Result<PathBuf> {
    let id = std::process::id();
    let mut last = std::io::ErrorKind::AlreadyExists.into();
    for n in 0..TRIES {
        let dir = std::env::temp_dir().join(format!("zelador-demo-{id}-{n}"));
        match std::fs::DirBuilder::new().mode(0o700).create(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}
