//! A place for a daemon: its configuration, its data, its log.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Daemon;

/// How many tests run daemons at once. Those that measure time run alone.
const AT_ONCE: u32 = 2;
static TURNS: Semaphore = Semaphore::const_new(AT_ONCE as usize);

/// How much of the log a failed test shows.
const SHOWN_LINES: usize = 150;

/// A place for one daemon at a time. Everything in it goes when it is dropped;
/// a test that fails shows the log first.
pub(crate) struct Home {
    dir: TempDir,
    data: PathBuf,
    _turn: SemaphorePermit<'static>,
}

impl Home {
    /// A place with this configuration file, beside at most one other.
    pub(crate) async fn new(config: &str) -> Self {
        Self::taking(1, config).await
    }

    /// A place with no other beside it.
    pub(crate) async fn alone(config: &str) -> Self {
        Self::taking(AT_ONCE, config).await
    }

    async fn taking(turns: u32, config: &str) -> Self {
        let turn = TURNS.acquire_many(turns).await.unwrap();
        let dir = TempDir::with_prefix("zelador-it-").unwrap();
        let home = Self { data: dir.path().join("data"), dir, _turn: turn };
        home.configure(config);
        home
    }

    /// The same place, with its data elsewhere.
    pub(crate) fn with_data(mut self, data: &Path) -> Self {
        data.clone_into(&mut self.data);
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("config.toml")
    }

    /// Replaces the configuration file, as editors do: whole, at once.
    pub(crate) fn configure(&self, config: &str) {
        let new = self.path().join("config.toml.new");
        std::fs::write(&new, config).unwrap();
        std::fs::rename(new, self.config()).unwrap();
    }

    /// The program with what it needs to find this place, and nothing else of
    /// the environment.
    pub(crate) fn command<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zelador"));
        command
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("ZELADOR_CONFIG", self.config())
            .env("ZELADOR__API__LISTEN", "127.0.0.1:0")
            .env("ZELADOR__STORE__DATA_DIR", &self.data)
            // Nothing shall happen by the time of day.
            .env("ZELADOR__SCHEDULES__WISPRO_SYNC__ENABLED", "false")
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        // So that coverage sees what the child did.
        if let Some(profile) = std::env::var_os("LLVM_PROFILE_FILE") {
            command.env("LLVM_PROFILE_FILE", profile);
        }
        command
    }

    /// Runs the program to its end: exit code, standard output, standard error.
    pub(crate) async fn run<const N: usize>(&self, args: [&str; N]) -> (i32, String, String) {
        let output = self.command(args).output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// Starts a daemon and waits until it is ready.
    pub(crate) async fn start(&self) -> Daemon {
        let mut daemon = self.spawn();
        daemon.ready().await;
        daemon
    }

    /// Starts a daemon and waits until it answers, ready or not.
    pub(crate) async fn start_unready(&self) -> Daemon {
        let mut daemon = self.spawn();
        daemon.answering().await;
        daemon
    }

    /// Starts a daemon.
    pub(crate) fn spawn(&self) -> Daemon {
        Daemon::spawn(self, self.command(["serve"]))
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.path().join("daemon.log")
    }

    /// All that the daemons of this place have logged.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let shown = lines.iter().skip(lines.len().saturating_sub(SHOWN_LINES));
            println!("-- the daemon's log, its last lines");
            shown.for_each(|line| println!("{line}"));
            println!("-- end of the log");
            return;
        }
        let log = self.log();
        let wrong: Vec<_> =
            log.lines().filter(|line| line.contains("an event does not fit its type")).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
