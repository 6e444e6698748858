//! What the bench programs share: where they work, what else the machine does,
//! and how a figure is judged.
//!
//! A disk's speed changes from minute to minute, so nothing here is an absolute
//! figure: each is a ratio to a floor measured in the same run.

pub mod calendar;
pub mod crowd;
pub mod daemon;
pub mod desk;
pub mod floor;
pub mod post;
pub mod postgres;
pub mod wire;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use mimalloc::MiMalloc;
use tempfile::TempDir;
use zelador_store::Timestamp;

/// The daemon's; the floors beside it have it too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What ends a bench.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How Linux counts processor time for programs, on every machine.
const TICKS_PER_SECOND: f64 = 100.0;

/// A directory on the disk that the sources are on (the system's temporary one
/// may be in memory).
pub fn workplace() -> std::io::Result<TempDir> {
    let dir = std::env::var_os("ZELADOR_BENCH_DIR")
        .map_or_else(|| PathBuf::from("target"), PathBuf::from);
    std::fs::create_dir_all(&dir)?;
    tempfile::Builder::new().prefix("bench-").tempdir_in(dir)
}

/// A clock that stands still: nothing measured here depends on the time.
pub fn still_clock() -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    Arc::new(|| Timestamp::from_seconds(1_700_000_000))
}

/// What else the machine is doing: the load average, and processors.
pub fn surroundings() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "load average {}, {cores} processors",
        load.split(' ').take(3).collect::<Vec<_>>().join(" ")
    )
}

/// Seconds of processor that a process has used so far, of all its threads.
pub fn processor_seconds(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name of the program stands in parentheses and may hold spaces.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    let ticks: u32 = ticks.filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
    f64::from(ticks) / TICKS_PER_SECOND
}

/// Resident memory of this process in MiB.
pub fn resident_mib() -> f64 {
    resident_mib_of("self")
}

/// Resident memory of a process in MiB.
pub fn resident_mib_of(process: &str) -> f64 {
    status_mib(process, "VmRSS:")
}

/// The most resident memory that a process ever had, in MiB.
pub fn peak_mib(process: &str) -> f64 {
    status_mib(process, "VmHWM:")
}

fn status_mib(process: &str, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// The middle one of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

/// Prints a figure beside its limit.
pub fn judge(what: &str, figure: f64, at_least: f64) -> ExitCode {
    let enough = figure >= at_least;
    say(&format!(
        "{what}: {figure:.2} (at least {at_least}) {}",
        if enough { "ok" } else { "TOO LOW" }
    ));
    if enough { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints a figure beside the limit that it must not pass.
pub fn judge_at_most(what: &str, figure: f64, at_most: f64) -> ExitCode {
    let enough = figure <= at_most;
    say(&format!(
        "{what}: {figure:.2} (at most {at_most}) {}",
        if enough { "ok" } else { "TOO HIGH" }
    ));
    if enough { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Success only if every figure was reached.
pub fn verdict<const N: usize>(judged: [ExitCode; N]) -> ExitCode {
    judged.into_iter().find(|code| *code != ExitCode::SUCCESS).unwrap_or(ExitCode::SUCCESS)
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "a bench talks to the person who runs it")]
pub fn say(line: &str) {
    println!("{line}");
}
