//! Looks and accounts as they go over the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::nextcloud::AccountRecord;
use zelador_actors::nextcloud::rules::Quota;
use zelador_actors::nextcloud::rules::health::{Look, ailment};
use zelador_store::Timestamp;

use super::form::CloudError;
use crate::api::time::Utc;
use crate::api::users::cloud::account_word;

/// What a look at an instance showed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthCheck {
    /// Whether all is well.
    healthy: bool,
    /// How long it took to tell how it is, in milliseconds.
    latency_ms: Option<u32>,
    /// Such as `32.0.1`.
    version: Option<String>,
    /// Whether it is in maintenance mode.
    maintenance: bool,
    /// How many accounts it has by its own count.
    user_count: Option<u64>,
    /// What is wrong.
    error: Option<CloudError>,
}

impl From<&Look> for HealthCheck {
    fn from(look: &Look) -> Self {
        let trouble = look.trouble.as_ref().map(ailment);
        Self {
            healthy: look.is_good(),
            latency_ms: look.latency_ms,
            version: look.version.clone(),
            maintenance: look.maintenance,
            user_count: look.user_count,
            error: trouble.as_ref().map(CloudError::from),
        }
    }
}

/// The Nextcloud account of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CloudAccount {
    /// `none`, `pending`, `creating`, `active` or `failed`.
    #[schema(example = "active")]
    status: &'static str,
    /// Whether its owner is kept out.
    disabled: bool,
    /// Where it is.
    #[schema(format = "uuid")]
    instance_id: Option<String>,
    /// What that is called.
    instance: Option<String>,
    /// Its id there.
    account_id: Option<String>,
    /// How much it may store: `5 GB`, or `none` for as much as there is; null: not
    /// known yet.
    #[schema(example = "5 GB")]
    quota: Option<String>,
    /// What went wrong last.
    error: Option<CloudError>,
    /// Whether its first password is still to be handed over.
    first_password: bool,
    /// The job that works on it.
    #[schema(format = "uuid")]
    job_id: Option<String>,
    /// When it became active.
    created_at: Option<Utc>,
}

impl From<&AccountRecord> for CloudAccount {
    fn from(record: &AccountRecord) -> Self {
        use zelador_store::nextcloud::AccountState;
        let row = record.account.as_ref();
        let place = row.and_then(|row| row.place.as_ref());
        let stands = row
            .is_some_and(|row| matches!(row.state, AccountState::Active | AccountState::Disabled));
        let quota = row.and_then(|row| match row.quota {
            Some(bytes) => Some(Quota::Limit(bytes).text()),
            None => stands.then(|| Quota::Unlimited.text()),
        });
        let waits = row.is_some_and(|row| stands && row.password.is_some());
        Self {
            status: row.map_or("none", |row| account_word(row.state)),
            disabled: row.is_some_and(|row| row.locked_out),
            instance_id: place.map(|place| place.instance.to_string()),
            instance: record.instance.clone(),
            account_id: place.map(|place| place.remote_id.clone()),
            quota,
            error: row.and_then(|row| row.error.as_ref()).map(CloudError::from),
            first_password: waits,
            job_id: record.job.map(|job| job.to_string()),
            created_at: row.and_then(|row| row.created_at).map(Utc),
        }
    }
}

/// Where to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountMove {
    /// The instance.
    #[schema(format = "uuid")]
    pub(super) instance_id: String,
}

/// How many accounts are tried anew.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Requeued {
    /// So many.
    pub(super) requeued: u64,
}

/// A link that shows a first password once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PasswordLink {
    /// Where it is shown, under `[notifications] public_url` if that is set.
    pub(super) url: String,
    /// Until when.
    #[schema(value_type = String, format = "date-time")]
    pub(super) expires_at: Timestamp,
}
