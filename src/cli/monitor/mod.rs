//! `zelador monitor`: queues and jobs as they live, on a whole terminal.
//!
//! ```text
//!  keys ──▶ state ──▶ asks ──▶ scout ──▶ the daemon's API
//!             ▲                  │
//!             └────── news ◀─────┘
//!             └──▶ view ──▶ terminal        plain: lines, where there is none
//! ```
//!
//! Invariants:
//! - What a key does, and what is drawn, is decided without a terminal and without
//!   a daemon; the shell alone has both.
//! - The terminal is left as it was found, however the monitor ends.
//! - A daemon that goes away ends nothing: the last that was seen stays, marked as
//!   old, and the daemon is looked for again.
//! - Nothing that the daemon tells can steer the terminal.

mod bar;
mod facts;
mod keys;
mod plain;
mod scout;
mod shell;
mod state;
#[cfg(test)]
mod tests;
mod theme;
mod view;

use std::io::IsTerminal as _;
use std::time::Duration;

use theme::Theme;

use super::keeping::blocking;
use super::{Common, Exit, Failure};

/// How the monitor looks.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = seconds)]
    interval: f64,
    /// Look once, print lines, and end; 3 if the daemon is not reached
    #[arg(long)]
    once: bool,
    /// Print lines instead of filling the screen
    #[arg(long)]
    plain: bool,
}

/// Watches until somebody has seen enough.
pub(super) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    if options.once {
        return blocking(plain::once(common)).map(|()| Exit::Done);
    }
    let pace = Duration::from_secs_f64(options.interval);
    let variable = |name: &str| std::env::var(name).ok();
    let screen = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if options.plain || common.json || !screen || theme::is_dumb(variable) {
        return blocking(plain::follow(common, pace)).map(|()| Exit::Done);
    }
    blocking(shell::watch(common, pace, Theme::of(variable))).map(|()| Exit::Done)
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(given) if (0.2..=3600.0).contains(&given) => Ok(given),
        _ => Err("a number of seconds from 0.2 to 3600".to_owned()),
    }
}
