//! The configuration: one documented struct per section, assembled here.
//!
//! ```text
//! defaults  <  file  <  environment  <  flags        load
//!     └────────────┬───────────────────────┘
//!        one tree of values, each with its place     tree, environment
//!                  │
//!               Config   ── check ── refusals        every problem at once
//!                  │
//!           watch (file, SIGHUP) ── change ──► the running daemon
//! ```
//!
//! - The structs hold the defaults; nothing else repeats them. The shipped
//!   `config.toml` is tested to say the same.
//! - A configuration is taken whole or not at all: a [`Config`] that exists has
//!   passed every check.
//! - A key that nothing reads is refused: there is no setting without effect.
//! - Nothing here starts, stops or opens anything of the daemon's.
//!
//! A new section is a field here, a line in [`check`], and its keys in
//! `config.toml`.

mod api;
mod change;
mod check;
mod decode;
mod drive;
mod environment;
mod load;
mod network;
mod notifications;
mod problem;
mod refusals;
mod secret;
mod sections;
mod tree;
mod watch;
mod wispro;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zelador_actors::booking::BookingSettings;
use zelador_actors::drive::Mode as DriveMode;
use zelador_actors::engine::settings::{
    EventSettings, Kinds, Queues, Schedules, default_kinds, default_queues, default_schedules,
};
use zelador_actors::engine::webhooks::WebhookSettings;
use zelador_actors::nextcloud::NextcloudSettings;
use zelador_actors::resources::ResourceSettings;
use zelador_actors::users::lifecycle::LifecycleSettings;
use zelador_actors::users::settings::UserSettings;
use zelador_actors::wispro::Mode;

pub use api::{ApiSettings, CorsSettings, LimitSettings, Locale};
pub use change::{Change, KeyChange, change};
pub use check::check;
pub use drive::{CallbackSection, DriveSection, StandIn};
pub use environment::Variables;
pub use load::{FLAG_DATA_DIR, FLAG_LISTEN, Loaded, Location, Sources, load, locate};
pub use network::Network;
pub use notifications::{AlertSettings, HttpSettings, NotificationSettings, SmtpSettings};
pub use problem::{Place, Problem, Refused};
pub use refusals::{Facts, refusals};
pub use secret::{Reference, Secret};
pub use sections::{
    AuthSettings, BackupSettings, RedisSection, ServiceSettings, StoreSettings, TelemetrySettings,
};
pub use watch::{ConfigState, Reloader, Watch};
pub use wispro::WisproSection;

/// Where the daemon runs; production refuses what is only fit for trying out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A newcomer's or a developer's machine.
    #[default]
    Development,
    /// Real people's records.
    Production,
}

/// Everything an operator can set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the daemon runs.
    pub environment: Environment,
    /// `[service]`: the process.
    pub service: ServiceSettings,
    /// `[backup]`: scheduled backups.
    pub backup: BackupSettings,
    /// `[api]`: the HTTP edge.
    pub api: ApiSettings,
    /// `[auth]`: keys.
    pub auth: AuthSettings,
    /// `[store]`: where records are kept.
    pub store: StoreSettings,
    /// `[queues.NAME]`: lanes of jobs.
    pub queues: Queues,
    /// `[jobs."KIND"]`: kinds of jobs.
    pub jobs: Kinds,
    /// `[schedules.NAME]`: jobs started at local times.
    pub schedules: Schedules,
    /// `[events]`: the event log.
    pub events: EventSettings,
    /// `[redis]`: events for Redis Streams.
    pub redis: RedisSection,
    /// `[webhooks]`: events sent to where tenants want them.
    pub webhooks: WebhookSettings,
    /// `[booking]`: the booking concern.
    pub booking: BookingSettings,
    /// `[users]`: the users concern.
    pub users: UserSettings,
    /// `[resources]`: categories and resources.
    pub resources: ResourceSettings,
    /// `[lifecycle]`: what follows from what happens to a user.
    pub lifecycle: LifecycleSettings,
    /// `[notifications]`: what people are told, and how.
    pub notifications: NotificationSettings,
    /// `[alerts]`: what operators are told.
    pub alerts: AlertSettings,
    /// `[nextcloud]`: the nextcloud concern.
    pub nextcloud: NextcloudSettings,
    /// `[wispro]`: the wispro concern.
    pub wispro: WisproSection,
    /// `[drive]`: the drive concern.
    pub drive: DriveSection,
    /// `[telemetry]`: logs.
    pub telemetry: TelemetrySettings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            environment: Environment::default(),
            service: ServiceSettings::default(),
            backup: BackupSettings::default(),
            api: ApiSettings::default(),
            auth: AuthSettings::default(),
            store: StoreSettings::default(),
            queues: default_queues(),
            jobs: default_kinds(),
            schedules: default_schedules(),
            events: EventSettings::default(),
            redis: RedisSection::default(),
            webhooks: WebhookSettings::default(),
            booking: BookingSettings::default(),
            users: UserSettings::default(),
            resources: ResourceSettings::default(),
            lifecycle: LifecycleSettings::default(),
            notifications: NotificationSettings::default(),
            alerts: AlertSettings::default(),
            nextcloud: NextcloudSettings::default(),
            wispro: WisproSection::default(),
            drive: DriveSection::default(),
            telemetry: TelemetrySettings::default(),
        }
    }
}

impl Config {
    /// Whether this is production.
    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }

    /// Every path that is set, with its key: relative ones are resolved when
    /// the configuration is loaded.
    fn paths(&mut self) -> Vec<(&'static str, &mut PathBuf)> {
        let mut paths = vec![("store.data_dir", &mut self.store.data_dir)];
        paths.extend(self.store.archive_dir.as_mut().map(|path| ("store.archive_dir", path)));
        paths.extend(self.backup.dir.as_mut().map(|path| ("backup.dir", path)));
        let notifications = &mut self.notifications;
        let texts = notifications.templates_dir.as_mut();
        paths.extend(texts.map(|path| ("notifications.templates_dir", path)));
        let ca_file = notifications.smtp.ca_file.as_mut();
        paths.extend(ca_file.map(|path| ("notifications.smtp.ca_file", path)));
        paths.push(("drive.root", &mut self.drive.root));
        paths.extend(self.telemetry.file.as_mut().map(|path| ("telemetry.file", path)));
        paths
    }

    /// Whether the daemon needs what a secret's reference leads to; that of an
    /// upstream which is not talked to may be missing.
    fn needs(&self, secret: &str) -> bool {
        match secret {
            "wispro.token" => self.wispro.mode == Mode::Live,
            "drive.credentials" => self.drive.mode == DriveMode::Live,
            _ => true,
        }
    }

    /// Every secret that is set, with its key.
    pub(crate) fn secrets(&self) -> Vec<(&'static str, &Secret)> {
        let keys = [
            ("auth.secret_key", &self.auth.secret_key),
            ("auth.previous_secret_key", &self.auth.previous_secret_key),
            ("redis.url", &self.redis.url),
            ("notifications.smtp.password", &self.notifications.smtp.password),
            ("notifications.http.header_value", &self.notifications.http.header_value),
            ("wispro.token", &self.wispro.token),
            ("drive.credentials", &self.drive.credentials),
            ("drive.api_key", &self.drive.api_key),
            ("drive.callback.api_key", &self.drive.callback.api_key),
            ("drive.callback.secret", &self.drive.callback.secret),
        ];
        keys.into_iter().filter_map(|(key, secret)| Some((key, secret.as_ref()?))).collect()
    }

    /// As [`Config::secrets`], to be resolved.
    fn secrets_mut(&mut self) -> Vec<(&'static str, &mut Option<Secret>)> {
        vec![
            ("auth.secret_key", &mut self.auth.secret_key),
            ("auth.previous_secret_key", &mut self.auth.previous_secret_key),
            ("redis.url", &mut self.redis.url),
            ("notifications.smtp.password", &mut self.notifications.smtp.password),
            ("notifications.http.header_value", &mut self.notifications.http.header_value),
            ("wispro.token", &mut self.wispro.token),
            ("drive.credentials", &mut self.drive.credentials),
            ("drive.api_key", &mut self.drive.api_key),
            ("drive.callback.api_key", &mut self.drive.callback.api_key),
            ("drive.callback.secret", &mut self.drive.callback.secret),
        ]
    }
}
