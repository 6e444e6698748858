//! What the daemon takes of the machine when there is nothing to do: resident
//! memory and processor, over a minute, of the program that a user runs.
//!
//! It must have been built: `cargo build --release` puts it beside this bench.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::Instant;
use zelador_benches::floor::Failure;
use zelador_benches::{judge_at_most, processor_seconds, resident_mib_of, say, surroundings};
use zelador_benches::{verdict, workplace};

const SETTLE: Duration = Duration::from_secs(5);
const TIME: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_secs(1);
/// MiB.
const MEMORY_FIGURE: f64 = 40.0;
/// Percent of one processor.
const PROCESSOR_FIGURE: f64 = 0.5;

/// A running daemon; dropping it ends it.
struct Daemon(Child);

impl Daemon {
    /// Starts it with its defaults, on a port that is free, and waits until it
    /// serves.
    fn start(program: &Path, data: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
        // Where no configuration lies about.
        command.current_dir(data).env_remove("ZELADOR_CONFIG").stderr(Stdio::piped());
        let mut daemon = Self(command.spawn()?);
        let stderr = daemon.0.stderr.take().ok_or("the daemon has no log")?;
        let mut log = BufReader::new(stderr).lines();
        loop {
            let line = log.next().ok_or("the daemon ended instead of serving")??;
            if line.contains("zelador serves") {
                break;
            }
        }
        // A log that nobody reads would stop the daemon.
        std::thread::spawn(move || log.for_each(drop));
        Ok(daemon)
    }

    fn id(&self) -> String {
        self.0.id().to_string()
    }

    /// Asks it to stop; whether it did so in good order.
    fn stop(mut self) -> Result<bool, Failure> {
        kill_process(Pid::from_child(&self.0), Signal::TERM)?;
        Ok(self.0.wait()?.success())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The daemon: `ZELADOR_BIN`, or what lies beside this bench.
fn program() -> Result<PathBuf, Failure> {
    let beside = || Ok(std::env::current_exe()?.with_file_name("zelador"));
    let program = std::env::var_os("ZELADOR_BIN")
        .map_or_else(beside, |path| Ok::<_, std::io::Error>(PathBuf::from(path)))?;
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("{} is not there: cargo build --release", program.display()).into())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let data = place.path().canonicalize()?;
    let daemon = Daemon::start(&program()?, &data)?;
    let process = daemon.id();
    say(&format!("serving with {:.1} MiB", resident_mib_of(&process)));
    tokio::time::sleep(SETTLE).await;

    let (began, used) = (Instant::now(), processor_seconds(&process));
    let mut most = 0.0_f64;
    while began.elapsed() < TIME {
        tokio::time::sleep(GLANCE).await;
        most = most.max(resident_mib_of(&process));
    }
    let used = processor_seconds(&process) - used;
    let percent = 100.0 * used / began.elapsed().as_secs_f64();
    if most == 0.0 || !daemon.stop()? {
        return Err("the daemon did not live and stop in good order".into());
    }
    say(&format!("idle for {TIME:?}; {}", surroundings()));
    let memory = judge_at_most("resident memory in MiB", most, MEMORY_FIGURE);
    let processor = judge_at_most("percent of a processor", percent, PROCESSOR_FIGURE);
    Ok(verdict([memory, processor]))
}
