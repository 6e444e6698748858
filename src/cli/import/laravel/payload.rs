//! The payload of a Laravel job: JSON, with the job itself in it as PHP
//! serialises it.
//!
//! Of the PHP only two things are read, by their names: the id of the model
//! that the job is about, and texts.

use jiff::Timestamp;
use serde_json::Value;

use crate::cli::import::row::{Row, Wrong};

/// What a job was to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Ban a user.
    Ban {
        /// Its old id.
        user: String,
        /// When.
        at: Timestamp,
        /// Why.
        reason: Option<String>,
    },
    /// Make a Nextcloud account for a user.
    Account {
        /// Its old id.
        user: String,
    },
    /// Bring the clients in step with Wispro.
    Sync,
    /// Anything else.
    Other {
        /// What it is called.
        name: String,
    },
}

/// What a row of `jobs` was to do.
pub(super) fn work(row: &Row) -> Result<Work, Wrong> {
    let payload = payload(row)?;
    let name = named(&payload);
    let command = payload.pointer("/data/command").and_then(Value::as_str).unwrap_or_default();
    match name.rsplit('\\').next().unwrap_or_default() {
        "ScheduledBanUserJob" => {
            let seconds = row.integer("available_at")?;
            let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
            let at = at.ok_or_else(|| Wrong::new("available_at", "is no time"))?;
            Ok(Work::Ban { user: user(command)?, at, reason: string(command, "reason") })
        }
        "CreateNextcloudUser" => Ok(Work::Account { user: user(command)? }),
        "SyncWisproClients" => Ok(Work::Sync),
        "" => Err(Wrong::new("payload", "has no displayName")),
        _ => Ok(Work::Other { name }),
    }
}

/// What a job is called.
pub(super) fn name(row: &Row) -> Result<String, Wrong> {
    let name = named(&payload(row)?);
    if name.is_empty() { Err(Wrong::new("payload", "has no displayName")) } else { Ok(name) }
}

fn payload(row: &Row) -> Result<Value, Wrong> {
    row.json("payload")?.ok_or_else(|| Wrong::new("payload", "is missing"))
}

fn named(payload: &Value) -> String {
    payload.get("displayName").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The user that a job is about: `…ModelIdentifier":…{…s:2:"id";i:7;…}`.
fn user(command: &str) -> Result<String, Wrong> {
    let within = command.split_once("ModelIdentifier\"").map(|(_, within)| within);
    let value = within.and_then(|within| Some(within.split_once("s:2:\"id\";")?.1));
    let id = value.and_then(|value| match value.split_once(':')? {
        ("i", rest) => Some(rest.split_once(';')?.0),
        ("s", _) => text(value),
        _ => None,
    });
    let id = id.filter(|id| !id.is_empty()).map(str::to_owned);
    id.ok_or_else(|| Wrong::new("payload", "does not tell whom it is about"))
}

/// A property that is a text; one that is not public has its class before its
/// name, between null bytes.
fn string(command: &str, property: &str) -> Option<String> {
    let ends = [format!("\"{property}\";"), format!("\0{property}\";")];
    let value = ends.iter().find_map(|end| Some(command.split_once(end.as_str())?.1))?;
    text(value).map(str::to_owned)
}

/// A serialised text, `s:4:"debt";`: its length is in bytes.
fn text(value: &str) -> Option<&str> {
    let (length, rest) = value.strip_prefix("s:")?.split_once(":\"")?;
    rest.get(..length.parse().ok()?)
}
