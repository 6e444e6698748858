//! The `[queues]`, `[jobs]`, `[schedules]` and `[events]` sections.
//!
//! Two tables say what exists: [`QUEUES`] and [`KINDS`]. A concern that brings
//! a kind of work adds a row; the defaults of the configuration follow. A name
//! in the file that no row has is refused, so a misspelt kind is never a
//! setting without effect.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `[queues]`: settings by the name of the queue.
pub type Queues = BTreeMap<String, QueueSettings>;
/// `[jobs]`: settings by the kind of job.
pub type Kinds = BTreeMap<String, KindSettings>;
/// `[schedules]`: settings by the operator's own name.
pub type Schedules = BTreeMap<String, ScheduleSettings>;

/// A queue that exists, with its default concurrency.
#[derive(Clone, Copy, Debug)]
pub struct QueueDefault {
    /// The queue's name.
    pub name: &'static str,
    /// How many of its jobs run at once.
    pub concurrency: u32,
}

/// A kind of job that exists, with its defaults.
#[derive(Clone, Copy, Debug)]
pub struct KindDefault {
    /// The kind's name.
    pub kind: &'static str,
    /// The queue it runs in.
    pub queue: &'static str,
    /// Seconds after which a try is cut off and has failed.
    pub timeout_seconds: u32,
    /// How often it is tried in all.
    pub tries: u32,
    /// Seconds of wait after the first, the second … failed try.
    pub backoff_seconds: &'static [u32],
}

/// Every queue.
pub const QUEUES: &[QueueDefault] = &[
    QueueDefault { name: "default", concurrency: 4 },
    QueueDefault { name: "booking", concurrency: 4 },
    QueueDefault { name: "user-status", concurrency: 8 },
    QueueDefault { name: "user-status-queue", concurrency: 1 },
    QueueDefault { name: "notifications", concurrency: 4 },
    QueueDefault { name: "wispro", concurrency: 1 },
    QueueDefault { name: "nextcloud", concurrency: 4 },
    QueueDefault { name: "drive", concurrency: 4 },
    QueueDefault { name: "outbound", concurrency: 32 },
];

/// Every kind of job.
pub const KINDS: &[KindDefault] = &[
    kind("user.scheduled_ban", "default", 120, &[30, 60, 120]),
    kind("user.status_change", "user-status", 30, &[10, 30, 60]),
    kind("user.erase", "default", 900, &[30, 60, 120]),
    kind("tenant.purge", "default", 900, &[30, 60, 120]),
    kind("booking.expire_hold", "booking", 30, &[1, 10, 60]),
    kind("booking.cancel_all", "default", 900, &[30, 60, 120]),
    kind("wispro.sync", "wispro", 900, &[60, 300, 600]),
    kind("nextcloud.create_user", "nextcloud", 120, &[60, 300, 600]),
    kind("nextcloud.enable_user", "nextcloud", 120, &[60, 300, 600]),
    kind("nextcloud.disable_user", "nextcloud", 120, &[60, 300, 600]),
    kind("nextcloud.set_quota", "nextcloud", 120, &[60, 300, 600]),
    kind("nextcloud.delete_user", "nextcloud", 120, &[60, 300, 600]),
    kind("nextcloud.retire_user", "nextcloud", 120, &[60, 300, 600]),
    kind("nextcloud.reconcile", "nextcloud", 900, &[60, 300, 600]),
    kind("drive.create_folder", "drive", 600, &[30, 120, 600]),
    kind("drive.process_file", "drive", 600, &[30, 120, 600]),
    kind("drive.withdraw_share", "drive", 120, &[30, 120, 600]),
    kind("drive.restore_share", "drive", 120, &[30, 120, 600]),
    KindDefault {
        kind: "drive.callback",
        queue: "outbound",
        timeout_seconds: 10,
        tries: 8,
        backoff_seconds: &[10, 60, 300, 1800, 7200, 21_600, 43_200],
    },
    kind("diagnostic", "user-status-queue", 30, &[5, 5, 5]),
    // Mail servers come back within minutes, or within hours.
    letter("notification.send"),
    kind("notification.remind", "notifications", 30, &[1, 10, 60]),
    KindDefault {
        kind: "notification.test",
        queue: "notifications",
        timeout_seconds: 120,
        tries: 1,
        backoff_seconds: &[0],
    },
    kind("alert.send", "notifications", 60, &[10, 60, 300]),
    letter("alert.deliver"),
    // Housekeeping.
    kind("alert.watch", "default", 60, &[60, 300, 600]),
    kind("notifications.prune", "default", 300, &[60, 300, 600]),
    kind("jobs.prune", "default", 300, &[60, 300, 600]),
    kind("events.prune", "default", 300, &[60, 300, 600]),
    kind("resources.prune", "default", 300, &[60, 300, 600]),
    kind("webhooks.prune", "default", 300, &[60, 300, 600]),
    kind("webhooks.clear", "default", 900, &[30, 60, 120]),
    kind("backup.make", "default", 3600, &[60, 300, 600]),
    kind("store.export", "default", 3600, &[60, 300, 600]),
];

const fn kind(
    kind: &'static str,
    queue: &'static str,
    timeout_seconds: u32,
    backoff_seconds: &'static [u32],
) -> KindDefault {
    KindDefault { kind, queue, timeout_seconds, tries: 3, backoff_seconds }
}

const fn letter(kind: &'static str) -> KindDefault {
    KindDefault {
        kind,
        queue: "notifications",
        timeout_seconds: 120,
        tries: 8,
        backoff_seconds: &[10, 60, 300, 1800, 7200, 21_600, 43_200],
    }
}

/// The row of a kind, if it exists.
pub fn kind_default(kind: &str) -> Option<&'static KindDefault> {
    KINDS.iter().find(|row| row.kind == kind)
}

/// `[queues.NAME]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueSettings {
    /// How many of the queue's jobs run at once; at least 1.
    pub concurrency: u32,
    /// How many of its jobs start per second at most; `None` (0 in the file):
    /// no limit.
    #[serde(with = "zero_is_none")]
    pub rate_per_second: Option<f64>,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self { concurrency: 4, rate_per_second: None }
    }
}

/// `[jobs."KIND"]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KindSettings {
    /// Seconds after which a try is cut off and has failed; at least 1.
    pub timeout_seconds: u32,
    /// How often a job is tried in all; at least 1.
    pub tries: u32,
    /// Seconds of wait after the first, the second … failed try; the last one
    /// is repeated. At least one entry.
    pub backoff_seconds: Vec<u32>,
}

impl Default for KindSettings {
    fn default() -> Self {
        Self { timeout_seconds: 120, tries: 3, backoff_seconds: vec![30, 60, 120] }
    }
}

impl From<&KindDefault> for KindSettings {
    fn from(row: &KindDefault) -> Self {
        Self {
            timeout_seconds: row.timeout_seconds,
            tries: row.tries,
            backoff_seconds: row.backoff_seconds.to_vec(),
        }
    }
}

/// What a schedule does when its last job is still under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// This occurrence is left out, and the log says so.
    #[default]
    Skip,
    /// Both run.
    Allow,
}

/// `[schedules.NAME]`: a kind of job started at local times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleSettings {
    /// Whether it starts anything; one that does not is as good as none.
    pub enabled: bool,
    /// The kind of job to start.
    pub kind: String,
    /// The arguments of the job.
    pub args: BTreeMap<String, serde_json::Value>,
    /// When, as a cron line of 5 fields, or 6 with seconds first.
    pub cron: String,
    /// The IANA time zone that the cron line is read in.
    pub timezone: String,
    /// Each start is put off by a random time of at most this many seconds.
    pub jitter_seconds: u32,
    /// Whether a start that was missed while the daemon was down is made up
    /// for, once, at the next start.
    pub catch_up: bool,
    /// What happens when the job of the last occurrence is still under way.
    pub overlap: Overlap,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            kind: String::new(),
            args: BTreeMap::new(),
            cron: String::new(),
            timezone: "UTC".to_owned(),
            jitter_seconds: 0,
            catch_up: true,
            overlap: Overlap::Skip,
        }
    }
}

/// The schedules there are where nobody says otherwise: the seed's nightly sync.
pub fn default_schedules() -> Schedules {
    let nightly = ScheduleSettings {
        kind: "wispro.sync".to_owned(),
        cron: "0 3 * * *".to_owned(),
        timezone: "America/Caracas".to_owned(),
        jitter_seconds: 900,
        ..ScheduleSettings::default()
    };
    Schedules::from([("wispro-sync".to_owned(), nightly)])
}

/// `[events]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EventSettings {
    /// Days for which an event is kept; at least 1.
    pub retention_days: u32,
    /// A consumer more than this many events behind is detached; at least 1000.
    pub max_lag: u64,
    /// Days for which an entry of the audit is kept; 0: for ever.
    pub audit_retention_days: u32,
    /// External consumers at most; a tenant has at most a quarter of them.
    pub max_consumers: u32,
    /// How often an event is handed to an external consumer before it is parked.
    pub max_deliveries: u32,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            retention_days: 90,
            max_lag: 1_000_000,
            audit_retention_days: 365,
            max_consumers: 64,
            max_deliveries: 10,
        }
    }
}

/// The settings of every queue that exists.
pub fn default_queues() -> Queues {
    let settings = |concurrency| QueueSettings { concurrency, ..QueueSettings::default() };
    QUEUES.iter().map(|row| (row.name.to_owned(), settings(row.concurrency))).collect()
}

/// The settings of every kind of job that exists.
pub fn default_kinds() -> Kinds {
    KINDS.iter().map(|row| (row.kind.to_owned(), row.into())).collect()
}

/// Reads a cron line of 5 fields, or 6 with seconds first. The error says what
/// is wrong with it.
pub fn read_cron(line: &str) -> Result<croner::Cron, croner::errors::CronError> {
    let parser = croner::parser::CronParser::builder()
        .seconds(croner::parser::Seconds::Optional)
        .year(croner::parser::Year::Disallowed)
        .build();
    parser.parse(line)
}

/// Reads an IANA time zone, from the database that is built in.
pub fn read_timezone(name: &str) -> Result<jiff::tz::TimeZone, jiff::Error> {
    jiff::tz::TimeZoneDatabase::bundled().get(name)
}

/// A limit that is written as 0 where there is none.
mod zero_is_none {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    // serde hands fields over by reference.
    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(limit: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        limit.unwrap_or(0.0).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        f64::deserialize(from).map(|limit| (limit != 0.0).then_some(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_runs_in_a_queue_that_exists() {
        for row in KINDS {
            assert!(QUEUES.iter().any(|queue| queue.name == row.queue), "{}", row.kind);
        }
    }

    #[test]
    fn the_defaults_hold_every_row() {
        assert_eq!(default_queues().len(), QUEUES.len());
        assert_eq!(default_kinds().len(), KINDS.len());
        assert_eq!(default_kinds()["diagnostic"].backoff_seconds, [5, 5, 5]);
    }

    #[test]
    fn cron_lines_have_five_or_six_fields() {
        for line in ["0 3 * * *", "*/5 * * * * *", "0 0 * * MON-FRI", "0 0 L * *"] {
            assert!(read_cron(line).is_ok(), "{line}");
        }
        for line in ["", "0 3 * *", "61 * * * *", "0 0 0 1 1 * 2030", "every day"] {
            assert!(read_cron(line).is_err(), "{line}");
        }
    }

    #[test]
    fn time_zones_are_iana_names() {
        assert!(read_timezone("America/Sao_Paulo").is_ok());
        assert!(read_timezone("America/Atlantis").is_err());
        assert!(read_timezone("").is_err());
    }

    #[test]
    fn a_rate_of_zero_is_no_limit() {
        let read = |json: &str| serde_json::from_str::<QueueSettings>(json).unwrap();
        assert_eq!(read(r#"{"rate_per_second": 0}"#).rate_per_second, None);
        assert_eq!(read(r#"{"rate_per_second": 0.5}"#).rate_per_second, Some(0.5));
        assert_eq!(read("{}").concurrency, 4);
    }
}
