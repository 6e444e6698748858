//! How far long work is: a bar on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

/// How often a bar moves although nothing was told.
const TICK: Duration = Duration::from_millis(120);
/// Elsewhere, a line each time this many more are done.
const STRIDE: u64 = 100_000;

/// The progress of one piece of work, on standard error.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    what: &'static str,
    told: u64,
}

impl Progress {
    /// Of work that counts these.
    pub(super) fn new(what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {human_pos} {msg} {elapsed}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_message(what);
            bar.enable_steady_tick(TICK);
            bar
        });
        Self { bar, what, told: 0 }
    }

    /// So many are done.
    pub(super) fn set(&mut self, done: u64) {
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None if done >= self.told + STRIDE => {
                self.told = done;
                let _ = writeln!(std::io::stderr(), "{done} {}", self.what);
            }
            None => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A bar on a terminal; elsewhere a line where something is new.
pub(super) struct Shown {
    bar: Option<ProgressBar>,
    last: String,
}

impl Shown {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, last: String::new() }
    }

    /// Where the work stands: a word, and `done`, `total` and `text` of its progress.
    pub(super) fn set(&mut self, state: &str, progress: &Value) {
        let number = |name: &str| progress.get(name).and_then(Value::as_u64).unwrap_or(0);
        let text = progress.get("text").and_then(Value::as_str).unwrap_or_default();
        if let Some(bar) = &self.bar {
            bar.set_length(number("total"));
            bar.set_position(number("done"));
            bar.set_prefix(state.to_owned());
            bar.set_message(text.to_owned());
            return;
        }
        let line = format!("{state}: {text}");
        if line != self.last {
            let _ = writeln!(std::io::stderr(), "{line}");
            self.last = line;
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
