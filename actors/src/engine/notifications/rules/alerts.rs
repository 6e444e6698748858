//! What operators are told of, how often, and what helps.

use std::time::Duration;

use serde_json::Value;
use zelador_store::Timestamp;
use zelador_store::notice::Alert;

/// Characters kept of what was said of a trouble.
const DETAIL: usize = 300;
/// Characters kept of what it is about.
const ABOUT: usize = 100;

/// The sort of trouble that no event tells of.
pub const DISK_LOW: &str = "disk.low";

/// The types of events that are trouble, all or some of them.
pub const EVENTS: [&str; 8] = [
    "job.failed",
    "consumer.detached",
    "webhook.disabled",
    "wispro.sync_failed",
    "wispro.sync_braked",
    "nextcloud.instance_health_changed",
    "nextcloud.user_failed",
    "drive.folder_failed",
];

/// Something that an operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The type of its event, `backup.failed`, or [`DISK_LOW`].
    pub sort: String,
    /// What it is about.
    pub about: String,
    /// What was said.
    pub detail: String,
}

impl Trouble {
    /// A trouble; texts are cut to what a mail can take.
    pub fn new(sort: &str, about: &str, detail: &str) -> Self {
        let cut = |text: &str, most: usize| {
            let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            line.chars().take(most).collect()
        };
        Self { sort: sort.to_owned(), about: cut(about, ABOUT), detail: cut(detail, DETAIL) }
    }

    /// Two troubles of one cause are told of once.
    pub fn cause(&self) -> String {
        format!("{}:{}", self.sort, self.about)
    }
}

/// The trouble that an event is, if it is one.
pub fn trouble(kind: &str, data: &Value) -> Option<Trouble> {
    let text = |name: &str| match data.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other
            .pointer("/message")
            .map_or(other.to_string(), |message| message.as_str().unwrap_or_default().to_owned()),
    };
    let found = match kind {
        "job.failed" => {
            let of = text("kind");
            // An alert that cannot be delivered must not be the cause of another, and
            // whoever sends a sample looks what became of it.
            if of.starts_with("alert.") || of == "notification.test" {
                return None;
            }
            let sort = if of == "backup.make" { "backup.failed" } else { "job.failed" };
            Trouble::new(sort, &of, &text("error"))
        }
        "consumer.detached" => Trouble::new(kind, &text("consumer"), ""),
        "webhook.disabled" => Trouble::new(kind, &text("webhook_id"), &text("last_error")),
        "wispro.sync_failed" | "wispro.sync_braked" | "drive.folder_failed" => {
            Trouble::new(kind, "", &text("error"))
        }
        "nextcloud.instance_health_changed" => {
            let bad = text("breaker") == "open" || text("new_health") == "unhealthy";
            bad.then(|| Trouble::new(kind, &text("instance_id"), &text("error")))?
        }
        // One cause, however many people it hits.
        "nextcloud.user_failed" => Trouble::new(kind, &text("instance_id"), &text("error")),
        _ => return None,
    };
    Some(found)
}

/// The trouble of a disk with so little space; `None`: there is enough, or nobody
/// knows.
pub fn of_disk(free_bytes: u64, read_only: Option<&str>, low: u64) -> Option<Trouble> {
    if let Some(why) = read_only {
        return Some(Trouble::new(DISK_LOW, "", why));
    }
    let mib = free_bytes / (1024 * 1024);
    let is_low = free_bytes > 0 && free_bytes < low;
    is_low.then(|| Trouble::new(DISK_LOW, "", &format!("{mib} MiB")))
}

/// The row of a cause once it has happened again.
pub fn noted(known: Option<&Alert>, trouble: &Trouble, at: Timestamp) -> Alert {
    let before = known.filter(|row| row.untold > 0);
    Alert {
        sort: trouble.sort.clone(),
        about: trouble.about.clone(),
        detail: trouble.detail.clone(),
        first_at: before.map_or(at, |row| row.first_at),
        last_at: known.map_or(at, |row| row.last_at.max(at)),
        untold: before.map_or(0, |row| row.untold).saturating_add(1),
        told_at: known.and_then(|row| row.told_at),
    }
}

/// Whether operators are to be told: nobody hears of one cause twice within
/// `repeat`.
pub fn is_due(alert: &Alert, now: Timestamp, repeat: Duration) -> bool {
    alert.untold > 0 && alert.told_at.is_none_or(|told| now.since(told) >= repeat)
}

/// When to tell: the first at once, the next together at the end of the window.
pub fn tell_at(told_last: Option<Timestamp>, now: Timestamp, window: Duration) -> Timestamp {
    told_last.map_or(now, |told| (told + window).max(now))
}

/// The row once operators were told.
pub fn told(alert: &Alert, now: Timestamp) -> Alert {
    Alert { untold: 0, told_at: Some(now), ..alert.clone() }
}

/// What an operator types to see more, or to mend it.
pub fn command(sort: &str, about: &str) -> String {
    match sort {
        "job.failed" | "backup.failed" => {
            format!("zelador jobs list --state failed --kind {about}")
        }
        "consumer.detached" => format!("zelador events replay {about} --from SEQ"),
        "webhook.disabled" => "zelador webhooks list".to_owned(),
        "wispro.sync_failed" | "wispro.sync_braked" => "zelador sync wispro".to_owned(),
        "nextcloud.instance_health_changed" => "zelador instances list".to_owned(),
        "nextcloud.user_failed" => "zelador users list".to_owned(),
        "drive.folder_failed" => "zelador folders list".to_owned(),
        DISK_LOW => "df -h".to_owned(),
        _ => "zelador status".to_owned(),
    }
}
