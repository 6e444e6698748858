//! The daemon and its command line.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;
use zelador::cli::{Args, run};

/// Many threads take and drop small blocks all day: the system's allocator
/// costs half as much again for a commit, and keeps more of what was dropped.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // With nobody to tell, the exit code still says it.
            let _ = writeln!(std::io::stderr(), "zelador: {}", failure.message);
            failure.exit.into()
        }
    }
}
