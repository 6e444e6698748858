//! The daemon and its command line.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use zelador::cli::{Args, run};

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
