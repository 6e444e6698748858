//! What a run of `occ` means. It writes its errors to standard output, and run as
//! the wrong unix user it exits 0 having done nothing: so where a line says that
//! something was done, the line is asked for, and where none is expected, any is
//! trouble.

use serde_json::Value;

use super::account::{Seen, ServerStatus};
use super::ocs::status_of;
use super::quota::SeenQuota;
use super::trouble::{Class, Trouble};

/// What a command left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; `None`: the connection ended before it did.
    pub code: Option<u32>,
    /// Standard output, as far as it was read.
    pub stdout: String,
    /// Standard error, as far as it was read.
    pub stderr: String,
}

/// Words that tell what is wrong with the way to `occ`, and what to do.
const WAYS: [(&str, &str); 9] = [
    (
        "Cannot write into \"config\" directory",
        "occ runs as a unix user who cannot read config.php: set ssh.run_as to the owner of config.php",
    ),
    (
        "Console has to be executed with the user",
        "occ runs as the wrong unix user: set ssh.run_as to the owner of config.php",
    ),
    ("Could not open input file", "there is no occ under ssh.occ_path"),
    ("a password is required", "sudo asks for a password: let the SSH user run occ with NOPASSWD"),
    ("a terminal is required", "sudo asks for a password: let the SSH user run occ with NOPASSWD"),
    (
        "not allowed to set the following environment",
        "sudo drops OC_PASS: add the tag SETENV to the rule in sudoers",
    ),
    (
        "NC_PASS/OC_PASS is empty",
        "the password did not reach occ: sudo or a wrapper dropped OC_PASS",
    ),
    ("option does not exist", "this occ does not know an option: which version is it?"),
    ("is not defined", "this occ does not know a command: which version is it?"),
];

impl Ran {
    fn said(&self) -> &str {
        if self.stdout.trim().is_empty() { self.stderr.trim() } else { self.stdout.trim() }
    }

    /// Whether a whole line of standard output is this.
    fn has_line(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.stdout.lines().any(|line| fits(line.trim()))
    }
}

/// Trouble that every command may meet, before anything was done.
fn way(ran: &Ran) -> Option<Trouble> {
    let Some(code) = ran.code else {
        return Some(Trouble::new(Class::Unreachable, "the connection ended early").in_doubt());
    };
    if code == 126 || code == 127 {
        let words = format!("PHP was not found, or may not be run: {}", ran.said());
        return Some(Trouble::new(Class::Misconfigured, words));
    }
    let hit = |(words, _): &&(&str, &str)| ran.stdout.contains(words) || ran.stderr.contains(words);
    let (_, advice) = WAYS.iter().find(hit)?;
    Some(Trouble::new(Class::Misconfigured, *advice))
}

fn failed(ran: &Ran) -> Trouble {
    let code = ran.code.unwrap_or_default();
    Trouble::new(Class::Failed, format!("occ exited {code}: {}", ran.said()))
}

/// Nothing was done, though the exit code is 0.
fn nothing(ran: &Ran) -> Trouble {
    let words = format!("occ exited 0 without doing what it was told: {}", ran.said());
    Trouble::new(Class::Misconfigured, words)
}

/// After `user:add`.
pub fn created(ran: &Ran, id: &str) -> Result<(), Trouble> {
    let quoted = format!("\"{id}\" was created successfully");
    let made = ran.has_line(|line| line.ends_with(&quoted));
    if ran.code == Some(0) && made {
        return Ok(());
    }
    if made {
        return Err(failed(ran).in_doubt());
    }
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    Err(match ran.said() {
        _ if ran.code == Some(0) => nothing(ran),
        said if ran.has_line(|line| line.ends_with("already exists.")) => {
            Trouble::new(Class::Taken, said).in_doubt()
        }
        said if said.contains("SQLSTATE") || said.contains("Exception") => failed(ran).in_doubt(),
        // A refusal is exit 1 and a sentence. Anything else ended on its way.
        said if ran.code == Some(1) && !said.is_empty() => Trouble::new(Class::Policy, said),
        _ => failed(ran).in_doubt(),
    })
}

/// After asking for an account. The language is asked for by itself.
pub fn found(ran: &Ran) -> Result<Option<Seen>, Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    if ran.code == Some(1) && ran.has_line(|line| line == "user not found") {
        return Ok(None);
    }
    if ran.code != Some(0) {
        return Err(failed(ran));
    }
    let data = json(ran)?;
    seen(&data).map(Some).ok_or_else(|| nothing(ran))
}

/// What is JSON on standard output; notices may stand before it.
fn json(ran: &Ran) -> Result<Value, Trouble> {
    let from = ran.stdout.find(['{', '[']).unwrap_or(0);
    let text = ran.stdout.get(from..).unwrap_or_default();
    serde_json::from_str(text.trim()).map_err(|_| nothing(ran))
}

fn seen(data: &Value) -> Option<Seen> {
    let text = |name: &str| data.get(name)?.as_str().map(str::to_owned);
    let groups = match data.get("groups") {
        Some(Value::Array(groups)) => groups.iter().collect::<Vec<_>>(),
        Some(Value::Object(groups)) => groups.values().collect(),
        _ => Vec::new(),
    };
    Some(Seen {
        id: text("user_id")?,
        display_name: text("display_name")?,
        email: text("email").filter(|email| !email.is_empty()),
        quota: text("quota").map_or(SeenQuota::Unreadable, |text| SeenQuota::of_text(&text)),
        groups: groups.into_iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        language: None,
        enabled: data.get("enabled").and_then(Value::as_bool)?,
    })
}

/// After reading one setting: its value; `None`: it is not set.
pub fn read(ran: &Ran) -> Result<Option<String>, Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    match ran.code {
        Some(0) => Ok(Some(ran.stdout.trim_end_matches('\n').to_owned())),
        Some(1) if ran.said().contains("setting does not exist") => Ok(None),
        _ => Err(unknown_or(ran, "does not exist")),
    }
}

fn unknown_or(ran: &Ran, words: &str) -> Trouble {
    if ran.code == Some(1) && ran.said().contains(words) {
        return Trouble::new(Class::UnknownUser, ran.said());
    }
    failed(ran).in_doubt()
}

/// After writing one setting: which is said by saying nothing.
pub fn written(ran: &Ran) -> Result<(), Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    match ran.code {
        Some(0) if ran.stdout.trim().is_empty() => Ok(()),
        Some(0) => Err(nothing(ran)),
        _ => Err(unknown_or(ran, "does not exist")),
    }
}

/// After letting an account in or keeping it out.
pub fn switched(ran: &Ran, enabled: bool) -> Result<(), Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    let word = if enabled { "is enabled" } else { "is disabled" };
    match ran.code {
        Some(0) if ran.has_line(|line| line.ends_with(word)) => Ok(()),
        Some(0) => Err(nothing(ran)),
        _ => Err(unknown_or(ran, "does not exist")),
    }
}

/// After deleting: one that is gone is deleted.
pub fn deleted(ran: &Ran) -> Result<(), Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    let done = |line: &str| line.ends_with("was deleted") || line.ends_with("does not exist");
    match ran.code {
        Some(0) if ran.has_line(done) => Ok(()),
        Some(0) => Err(nothing(ran)),
        _ => Err(failed(ran).in_doubt()),
    }
}

/// After making a group: one that is there is made.
pub fn group_made(ran: &Ran) -> Result<(), Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    match ran.code {
        Some(0) if ran.has_line(|line| line.starts_with("Created group")) => Ok(()),
        Some(0) => Err(nothing(ran)),
        _ if ran.has_line(|line| line.ends_with("already exists.")) => Ok(()),
        _ => Err(failed(ran)),
    }
}

/// After putting an account into a group, or taking it out: nothing is said.
pub fn grouped(ran: &Ran) -> Result<(), Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    match ran.code {
        Some(0) if ran.stdout.trim().is_empty() => Ok(()),
        Some(0) => Err(nothing(ran)),
        _ if ran.said().contains("group not found") => {
            Err(Trouble::new(Class::NoGroup, ran.said()))
        }
        _ => Err(unknown_or(ran, "user not found")),
    }
}

/// After asking for a page of accounts: their ids.
pub fn listed(ran: &Ran) -> Result<Vec<String>, Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    match (ran.code, json(ran)?) {
        (Some(0), Value::Object(page)) => Ok(page.keys().cloned().collect()),
        // Where there are none, PHP writes a list.
        (Some(0), Value::Array(page)) if page.is_empty() => Ok(Vec::new()),
        _ => Err(failed(ran)),
    }
}

/// After `user:report`: how many accounts there are.
pub fn counted(ran: &Ran) -> Result<u64, Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    let row = |line: &str| {
        let mut cells = line.trim().trim_matches('|').split('|').map(str::trim);
        (cells.next()? == "total users").then(|| cells.next()?.parse().ok())?
    };
    ran.stdout.lines().find_map(row).ok_or_else(|| nothing(ran))
}

/// After `status --output=json`.
pub fn status(ran: &Ran) -> Result<ServerStatus, Trouble> {
    if let Some(trouble) = way(ran) {
        return Err(trouble);
    }
    if ran.code != Some(0) {
        return Err(failed(ran));
    }
    status_of(&json(ran)?).ok_or_else(|| nothing(ran))
}
