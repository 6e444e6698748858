//! The sections that belong to no concern: the process, its keys, its disk and
//! its logs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zelador_actors::engine::events::redis::RedisSettings;
use zelador_actors::identity::IdentitySettings;
use zelador_actors::identity::keys::JwtAlgorithm;

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
    /// Whether a scheduled backup removes from `[store] archive_dir` what is older
    /// than the oldest of them.
    pub prune_archive: bool,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            cron: String::new(),
            timezone: "UTC".to_owned(),
            dir: None,
            keep: 14,
            prune_archive: true,
        }
    }
}

/// `[auth]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthSettings {
    /// The key that signs access tokens; `None` (empty in the file): the one in
    /// `secret.key` of the data directory, made at the first start.
    #[serde(with = "secret::optional")]
    pub secret_key: Option<Secret>,
    /// The key before it, whose tokens stay good until they expire.
    #[serde(with = "secret::optional")]
    pub previous_secret_key: Option<Secret>,
    /// How access tokens are signed.
    pub jwt_algorithm: JwtAlgorithm,
    /// Hours that an access token is good for.
    pub access_token_hours: u32,
    /// Days without a refresh after which a session ends.
    pub refresh_token_days: u32,
    /// Hours that an invitation can be accepted.
    pub invite_hours: u32,
    /// Attempts to sign in to one account, in a minute.
    pub login_account_per_minute: u32,
    /// Attempts to sign in from one address, in a minute.
    pub login_address_per_minute: u32,
}

impl Default for AuthSettings {
    fn default() -> Self {
        let identity = IdentitySettings::default();
        Self {
            secret_key: None,
            previous_secret_key: None,
            jwt_algorithm: JwtAlgorithm::default(),
            access_token_hours: identity.access_token_hours,
            refresh_token_days: identity.refresh_token_days,
            invite_hours: identity.invite_hours,
            login_account_per_minute: identity.account_per_minute,
            login_address_per_minute: identity.address_per_minute,
        }
    }
}

impl AuthSettings {
    /// What the concern of identity takes of it.
    pub fn identity(&self) -> IdentitySettings {
        IdentitySettings {
            access_token_hours: self.access_token_hours,
            refresh_token_days: self.refresh_token_days,
            invite_hours: self.invite_hours,
            account_per_minute: self.login_account_per_minute,
            address_per_minute: self.login_address_per_minute,
        }
    }
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

/// `[redis]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisSection {
    /// The server that events are published to; `None` (empty in the file): none.
    #[serde(with = "secret::optional")]
    pub url: Option<Secret>,
    /// Entries that each stream keeps, about.
    pub max_len: u64,
    /// The stream of bookings.
    pub booking_stream: String,
    /// The stream of deletions.
    pub deletion_stream: String,
}

impl Default for RedisSection {
    fn default() -> Self {
        Self {
            url: None,
            max_len: 100_000,
            booking_stream: "booking-events".to_owned(),
            deletion_stream: "deletion-events".to_owned(),
        }
    }
}

impl RedisSection {
    /// What the engine takes of it.
    pub fn settings(&self) -> RedisSettings {
        RedisSettings {
            url: self.url.as_ref().map(|url| url.expose().into()),
            max_len: self.max_len,
            booking_stream: self.booking_stream.clone(),
            deletion_stream: self.deletion_stream.clone(),
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
pub(super) mod empty_is_none {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(in crate::config) fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        path.clone().unwrap_or_default().serialize(to)
    }

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        PathBuf::deserialize(from).map(|path| (!path.as_os_str().is_empty()).then_some(path))
    }
}
