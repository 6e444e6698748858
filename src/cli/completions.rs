//! `zelador completions SHELL`.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::{Args, Exit, Failure, print};

/// Prints the script.
pub(super) fn run(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    generate(shell, &mut Args::command(), "zelador", &mut script);
    print(&String::from_utf8_lossy(&script)).map(|()| Exit::Done)
}
