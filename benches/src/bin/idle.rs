//! What the daemon takes of the machine when there is nothing to do: resident
//! memory and processor, over a minute, of the program that a user runs.

use std::process::ExitCode;
use std::time::Duration;

use tokio::time::Instant;
use zelador_benches::daemon::Daemon;
use zelador_benches::{Failure, judge_at_most, say, surroundings, verdict, workplace};
use zelador_benches::{processor_seconds, resident_mib_of};

const SETTLE: Duration = Duration::from_secs(5);
const TIME: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_secs(1);
/// MiB.
const MEMORY_FIGURE: f64 = 40.0;
/// Percent of one processor.
const PROCESSOR_FIGURE: f64 = 0.5;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let daemon = Daemon::start(&place.path().canonicalize()?)?;
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
    // A daemon that had died would have been the idlest of all.
    daemon.stop()?;
    say(&format!("idle for {TIME:?}; {}", surroundings()));
    let memory = judge_at_most("resident memory in MiB", most, MEMORY_FIGURE);
    let processor = judge_at_most("percent of a processor", percent, PROCESSOR_FIGURE);
    Ok(verdict([memory, processor]))
}
