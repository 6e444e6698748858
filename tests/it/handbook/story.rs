//! How a page is run: all its commands, in their order, by one shell; and what the
//! page's reader has done before, does between, and sees.

use std::fmt::Write as _;

use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use zelador_actors::engine::Clock;

use super::machine::Machine;
use super::page::{self, Command};

/// When a hook's lines are run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Before,
    After,
    /// In place of the command, which is run elsewhere.
    Instead,
}

/// What happens around a command.
#[derive(Debug)]
struct Hook {
    when: When,
    heading: &'static str,
    /// Words of the command.
    of: &'static str,
    lines: String,
}

/// A page, and what happens around its commands.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) page: &'static str,
    hooks: Vec<Hook>,
}

impl Story {
    /// A page of which nothing is to be said.
    pub(super) fn of(page: &'static str) -> Self {
        Self { page, hooks: Vec::new() }
    }

    fn with(mut self, when: When, heading: &'static str, of: &'static str, lines: &str) -> Self {
        self.hooks.push(Hook { when, heading, of, lines: lines.to_owned() });
        self
    }

    /// Lines that are run before the commands under a heading that hold some words.
    pub(super) fn before(self, heading: &'static str, of: &'static str, lines: &str) -> Self {
        self.with(When::Before, heading, of, lines)
    }

    /// Lines that are run after them.
    pub(super) fn after(self, heading: &'static str, of: &'static str, lines: &str) -> Self {
        self.with(When::After, heading, of, lines)
    }

    /// They are not run here, but by that file of the repository.
    pub(super) fn elsewhere(self, heading: &'static str, of: &'static str, file: &str) -> Self {
        let there = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        assert!(there.exists(), "{file} runs nothing");
        self.with(When::Instead, heading, of, "")
    }

    /// Runs the page on a machine; else says what went wrong, and where.
    pub(super) async fn run(&self, machine: &Machine) -> Result<(), String> {
        let text = page::read(self.page);
        let mut script = String::new();
        if text.contains("`TOKEN` and `api` are those of [scheduled bans]") {
            let bans = page::read("docs/handbook/scheduled-bans.md");
            for command in page::commands(&bans).iter().take(2) {
                script += &machine.placed(&command.text);
            }
        }
        script += &self.script(machine, &page::commands(&text));
        let told = machine.shell(&script).await;
        told.map(drop).map_err(|wrong| format!("{}: {wrong}", self.page))
    }

    fn script(&self, machine: &Machine, commands: &[Command]) -> String {
        assert!(!commands.is_empty(), "{} has no commands", self.page);
        let mut script = String::new();
        for hook in &self.hooks {
            let any = commands.iter().any(|command| hook.is_of(command));
            assert!(any, "{}: nothing to be done at {hook:?}", self.page);
        }
        for command in commands {
            let run = |when: When| {
                let of =
                    self.hooks.iter().filter(move |hook| hook.when == when && hook.is_of(command));
                of.map(|hook| machine.placed(&hook.lines) + "\n").collect::<String>()
            };
            let typed = machine.placed(&future(&command.text));
            let (status, shown) =
                command.announced().map_or_else(Default::default, |(status, shown)| {
                    (status.to_string(), future(&shown))
                });
            let _ = writeln!(script, "at='line {}'", command.line);
            script += &run(When::Before);
            let instead =
                self.hooks.iter().any(|hook| hook.when == When::Instead && hook.is_of(command));
            if !instead {
                let _ = writeln!(script, "EXPECTED='{status}' SHOWN='{shown}'");
                let _ = writeln!(
                    script,
                    "typed=$(filled <<'@@'\n{typed}@@\n)\neval \"$typed\"\nwent_well"
                );
                script += "EXPECTED='' SHOWN='' EXIT=0\n";
            }
            script += &run(When::After);
            script += "went_well\n";
        }
        script
    }
}

impl Hook {
    fn is_of(&self, command: &Command) -> bool {
        command.heading == self.heading && command.text.contains(self.of)
    }
}

/// A text with its days of December 2030 moved to where they may be booked: the
/// fifth, a Thursday, is the first one that is three days ahead.
pub(super) fn future(text: &str) -> String {
    let now = Clock::system().now().to_jiff().to_zoned(TimeZone::UTC).date();
    let mut thursday = now.checked_add(3.days()).unwrap();
    while thursday.weekday() != jiff::civil::Weekday::Thursday {
        thursday = thursday.checked_add(1.days()).unwrap();
    }
    let far = Date::new(2030, 12, 5).unwrap();
    let moved = (thursday - far).get_days();
    (1..=31_i8).fold(text.to_owned(), |text, day| {
        let there = Date::new(2030, 12, day).unwrap();
        let here = there.checked_add(moved.days()).unwrap();
        text.replace(&there.to_string(), &here.to_string())
    })
}
