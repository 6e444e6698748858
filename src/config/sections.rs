//! The sections that belong to no concern: the process, its keys, its disk and
//! its logs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::secret::{self, Secret};

/// `[service]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceSettings {
    /// Seconds that running jobs and requests get to finish when the daemon is
    /// told to stop.
    pub drain_seconds: u32,
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self { drain_seconds: 30 }
    }
}

/// `[backup]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupSettings {
    /// When a backup is made, as a cron line; empty: never.
    pub cron: String,
    /// The IANA time zone that the cron line is read in.
    pub timezone: String,
    /// Where backups go; `None` (empty in the file): `backups` in the data
    /// directory.
    #[serde(with = "empty_is_none")]
    pub dir: Option<PathBuf>,
    /// How many of the newest backups are kept; at least 1.
    pub keep: u32,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self { cron: String::new(), timezone: "UTC".to_owned(), dir: None, keep: 14 }
    }
}

/// `[auth]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthSettings {
    /// The key that secrets at rest and sessions are sealed with; `None` (empty
    /// in the file): the one in `secret.key` of the data directory, made at the
    /// first start.
    #[serde(with = "secret::optional")]
    pub secret_key: Option<Secret>,
}

/// `[store]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// Holds everything the daemon writes.
    pub data_dir: PathBuf,
    /// Where closed journal segments are kept, compressed, to restore to any
    /// moment; `None` (empty in the file): nowhere.
    #[serde(with = "empty_is_none")]
    pub archive_dir: Option<PathBuf>,
    /// MiB that the cache of rows aims at.
    pub cache_mb: u32,
    /// MiB after which a journal segment is closed.
    pub journal_segment_mb: u32,
    /// MiB of committed rows held in memory until a checkpoint writes them out.
    pub overlay_mb: u32,
    /// MiB set aside on disk and freed when the disk is full.
    pub ballast_mb: u32,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            archive_dir: None,
            cache_mb: 32,
            journal_segment_mb: 16,
            overlay_mb: 8,
            ballast_mb: 16,
        }
    }
}

/// `[telemetry]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySettings {
    /// What is logged: a level, or levels by module (`info,zelador=debug`).
    pub level: String,
    /// A log file, rotated daily, beside the usual log; `None` (empty in the
    /// file): none.
    #[serde(with = "empty_is_none")]
    pub file: Option<PathBuf>,
    /// How many rotated log files are kept; at least 1.
    pub file_keep: u32,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self { level: "info".to_owned(), file: None, file_keep: 14 }
    }
}

/// A path that is written as `""` where there is none.
mod empty_is_none {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        path.clone().unwrap_or_default().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        PathBuf::deserialize(from).map(|path| (!path.as_os_str().is_empty()).then_some(path))
    }
}
