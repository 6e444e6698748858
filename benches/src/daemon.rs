//! The program that a user runs, as a child.
//!
//! It must have been built: `cargo build --release` puts it beside the benches.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::Failure;

/// How often its log is looked at while it starts.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A running daemon; dropping it kills it.
pub struct Daemon(Child);

impl Daemon {
    /// Starts it with its defaults, on a port that is free, and waits until it
    /// serves.
    pub fn start(data: &Path) -> Result<Self, Failure> {
        Self::start_with(data, &[])
    }

    /// The same with these variables in its environment. Its log goes to a file, as
    /// that of its peers does: somebody who reads along would be measured with it.
    pub fn start_with(data: &Path, variables: &[(&str, &str)]) -> Result<Self, Failure> {
        let mut command = Command::new(program()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
        let log = data.with_extension("log");
        // Where no configuration lies about.
        command.current_dir(data).env_remove("ZELADOR_CONFIG").stderr(File::create(&log)?);
        command.envs(variables.iter().copied());
        let mut daemon = Self(command.spawn()?);
        while !std::fs::read_to_string(&log)?.contains("zelador serves") {
            if let Some(status) = daemon.0.try_wait()? {
                return Err(format!("the daemon ended with {status} instead of serving").into());
            }
            std::thread::park_timeout(LOOK_AGAIN);
        }
        Ok(daemon)
    }

    /// Its process id.
    pub fn id(&self) -> String {
        self.0.id().to_string()
    }

    /// Asks it to stop; fails unless it does so in good order.
    pub fn stop(mut self) -> Result<(), Failure> {
        kill_process(Pid::from_child(&self.0), Signal::TERM)?;
        match self.0.wait()? {
            status if status.success() => Ok(()),
            status => Err(format!("the daemon ended with {status}").into()),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `ZELADOR_BIN`, or what lies beside this program.
fn program() -> Result<PathBuf, Failure> {
    let program = match std::env::var_os("ZELADOR_BIN") {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.with_file_name("zelador"),
    };
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("{} is not there: cargo build --release", program.display()).into())
    }
}
