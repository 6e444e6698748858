//! Instances and accounts as they go over the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use zelador_actors::nextcloud::rules::health::word;
use zelador_actors::nextcloud::{ApiDraft, InstanceDraft, InstanceRecord, SshDraft};
use zelador_store::id::TenantId;
use zelador_store::nextcloud::{Ailment, Drift, InstanceStatus, Method, SshWay};

use super::secret::{InstanceSecret, change, secrets};
use crate::api::problem::Problem;
use crate::api::time::Utc;

/// How an instance is managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum InstanceMethod {
    /// `occ` over SSH.
    Ssh,
    /// The provisioning interface over HTTP.
    Api,
}

/// Whether an instance takes accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum InstanceState {
    /// It does.
    #[default]
    Active,
    /// Not for now.
    Maintenance,
    /// No more; it is not looked at either.
    Disabled,
}

/// The way over SSH.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceSsh {
    /// Name or address.
    #[schema(min_length = 1, max_length = 253, example = "cloud.example.org")]
    host: String,
    /// Port.
    #[schema(minimum = 1, maximum = 65535, default = 22)]
    #[serde(default = "ssh_port")]
    port: u16,
    /// Who logs in.
    #[schema(min_length = 1, max_length = 64, example = "deploy")]
    user: String,
    /// A private key, Ed25519 or ECDSA, as OpenSSH writes it. Never shown.
    #[schema(write_only)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private_key: Option<InstanceSecret>,
    /// What the key is encrypted with. Never shown.
    #[schema(write_only)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passphrase: Option<InstanceSecret>,
    /// A password, where there is no key. Never shown.
    #[schema(write_only)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<InstanceSecret>,
    /// The key that the host must show, as an OpenSSH line.
    #[schema(min_length = 1, max_length = 2048, example = "ssh-ed25519 AAAA…")]
    host_key: String,
    /// The path of `occ`.
    #[schema(min_length = 1, max_length = 1024, default = "/var/www/nextcloud/occ")]
    #[serde(default = "occ_path")]
    occ_path: String,
    /// The program that runs it.
    #[schema(min_length = 1, max_length = 1024, default = "php")]
    #[serde(default = "php")]
    php: String,
    /// The unix user it runs as, by `sudo`; null: who logs in.
    #[schema(min_length = 1, max_length = 64)]
    #[serde(default)]
    run_as: Option<String>,
}

const fn ssh_port() -> u16 {
    22
}

fn occ_path() -> String {
    "/var/www/nextcloud/occ".to_owned()
}

fn php() -> String {
    "php".to_owned()
}

/// The way over HTTP.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceApi {
    /// The admin's name.
    #[schema(min_length = 1, max_length = 64, example = "zelador")]
    username: String,
    /// The admin's password, or better an app password. Never shown.
    #[schema(write_only)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<InstanceSecret>,
}

/// What makes an instance.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInstance {
    /// What people call it; unique, whatever its letters' case.
    #[schema(min_length = 1, max_length = 100, example = "nc-1")]
    name: String,
    /// Its address.
    #[schema(min_length = 1, max_length = 2048, example = "https://cloud.example.org")]
    base_url: String,
    /// How it is managed.
    management_method: InstanceMethod,
    /// Whether it takes accounts.
    #[schema(default = "active")]
    #[serde(default)]
    status: InstanceState,
    /// How many accounts may be placed there.
    #[schema(minimum = 0, maximum = 10_000_000, example = 500)]
    max_users: u32,
    /// Whose users may be placed there; empty: everybody's.
    #[schema(value_type = Vec<String>, max_items = 500)]
    #[serde(default)]
    tenant_ids: Vec<String>,
    /// The way over SSH; needed where that is the method.
    #[serde(default)]
    ssh: Option<InstanceSsh>,
    /// The way over HTTP; needed where that is the method.
    #[serde(default)]
    api: Option<InstanceApi>,
}

impl NewInstance {
    /// What the concern takes; `body` is as it was sent.
    pub(super) fn draft(self, body: &Value) -> Result<InstanceDraft, Problem> {
        let tenant = |text: String| -> Result<TenantId, Problem> {
            text.parse().map_err(|_| Problem::absent("tenant"))
        };
        let ssh = self.ssh.map(|ssh| SshDraft {
            host: ssh.host,
            port: ssh.port,
            user: ssh.user,
            private_key: change(ssh.private_key, body, "/ssh/private_key"),
            passphrase: change(ssh.passphrase, body, "/ssh/passphrase"),
            password: change(ssh.password, body, "/ssh/password"),
            host_key: ssh.host_key,
            occ_path: ssh.occ_path,
            php: ssh.php,
            run_as: ssh.run_as,
        });
        Ok(InstanceDraft {
            name: self.name,
            base_url: self.base_url,
            method: match self.management_method {
                InstanceMethod::Ssh => Method::Ssh,
                InstanceMethod::Api => Method::Api,
            },
            status: match self.status {
                InstanceState::Active => InstanceStatus::Active,
                InstanceState::Maintenance => InstanceStatus::Maintenance,
                InstanceState::Disabled => InstanceStatus::Disabled,
            },
            max_users: self.max_users,
            tenants: self.tenant_ids.into_iter().map(tenant).collect::<Result<_, _>>()?,
            ssh,
            api: self.api.map(|api| ApiDraft {
                username: api.username,
                password: change(api.password, body, "/api/password"),
            }),
        })
    }
}

/// What is wrong with an instance or an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CloudError {
    /// What sort, such as `wrong_credentials` or `unreachable`; the handbook has all.
    #[schema(example = "unreachable")]
    class: String,
    /// In words.
    message: String,
}

impl From<&Ailment> for CloudError {
    fn from(ailment: &Ailment) -> Self {
        Self { class: ailment.class.clone(), message: ailment.message.clone() }
    }
}

/// How an instance's own list differs from what is known.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct InstanceDrift {
    /// When they were compared.
    at: Utc,
    /// Accounts that the server lists.
    theirs: u64,
    /// Accounts that are to stand there.
    ours: u64,
    /// How many of ours the server does not list.
    missing: u64,
    /// Ids of some of those.
    missing_ids: Vec<String>,
    /// How many the server lists that are none of ours: its admin, for one.
    strangers: u64,
}

impl From<&Drift> for InstanceDrift {
    fn from(drift: &Drift) -> Self {
        Self {
            at: drift.at.into(),
            theirs: drift.theirs,
            ours: drift.ours,
            missing: drift.missing,
            missing_ids: drift.missing_ids.clone(),
            strangers: drift.strangers,
        }
    }
}

/// A Nextcloud server of the pool.
#[derive(Serialize, ToSchema)]
#[schema(as = Instance)]
pub(super) struct InstanceView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// What people call it.
    name: String,
    /// Its address.
    base_url: String,
    /// How it is managed.
    management_method: InstanceMethod,
    /// Whether it takes accounts.
    status: InstanceState,
    /// How many accounts may be placed there.
    max_users: u32,
    /// Whose users; empty: everybody's.
    tenant_ids: Vec<String>,
    /// The way over SSH, without secrets.
    ssh: Option<InstanceSsh>,
    /// The way over HTTP, without secrets.
    api: Option<InstanceApi>,
    /// Secrets that it has, by name, with how they are kept: `sealed`, `credential`,
    /// `file` or `env`.
    #[schema(value_type = Object, additional_properties = true)]
    secrets: Value,
    /// Accounts placed there, those that are being made among them.
    current_users: u32,
    /// Accounts by the server's own count, when it was asked last.
    user_count: Option<u64>,
    /// `healthy`, `unhealthy` or `unknown`.
    #[schema(example = "healthy")]
    health: &'static str,
    /// `open`: it is asked nothing after trouble.
    #[schema(example = "closed")]
    breaker: &'static str,
    /// When it is tried again, if by itself.
    breaker_until: Option<Utc>,
    /// What is wrong.
    error: Option<CloudError>,
    /// How long it took to tell how it is, in milliseconds.
    latency_ms: Option<u32>,
    /// Such as `32.0.1`.
    version_string: Option<String>,
    /// Whether it is in maintenance mode.
    maintenance: bool,
    /// When it was looked at last.
    last_health_check: Option<Utc>,
    /// How its own list of accounts differs from what is known.
    drift: Option<InstanceDrift>,
    /// It is a stand-in.
    sandbox: bool,
    /// Raised with every change by people.
    version: u64,
    /// When it was registered.
    created_at: Utc,
    /// When it was changed last.
    updated_at: Utc,
}

impl From<&InstanceRecord> for InstanceView {
    fn from(record: &InstanceRecord) -> Self {
        let row = &record.instance;
        let error = row.breaker.as_ref().map(|breaker| &breaker.cause);
        Self {
            id: record.id.to_string(),
            name: row.name.clone(),
            base_url: row.base_url.clone(),
            management_method: match row.method {
                Method::Ssh => InstanceMethod::Ssh,
                Method::Api => InstanceMethod::Api,
            },
            status: match row.status {
                InstanceStatus::Active => InstanceState::Active,
                InstanceStatus::Maintenance => InstanceState::Maintenance,
                InstanceStatus::Disabled => InstanceState::Disabled,
            },
            max_users: row.max_users,
            tenant_ids: row.tenants.iter().map(ToString::to_string).collect(),
            ssh: row.ssh.as_ref().map(shown_ssh),
            api: row
                .api
                .as_ref()
                .map(|api| InstanceApi { username: api.username.clone(), password: None }),
            secrets: secrets(row),
            current_users: record.taken.places,
            user_count: row.health.user_count,
            health: word(&row.health),
            breaker: if row.breaker.is_some() { "open" } else { "closed" },
            breaker_until: row.breaker.as_ref().and_then(|breaker| breaker.until).map(Utc),
            error: error.or(row.health.error.as_ref()).map(CloudError::from),
            latency_ms: row.health.latency_ms,
            version_string: row.health.version.clone(),
            maintenance: row.health.maintenance,
            last_health_check: row.health.checked_at.map(Utc),
            drift: row.drift.as_ref().map(InstanceDrift::from),
            sandbox: row.sandbox,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

fn shown_ssh(ssh: &SshWay) -> InstanceSsh {
    InstanceSsh {
        host: ssh.host.clone(),
        port: ssh.port,
        user: ssh.user.clone(),
        private_key: None,
        passphrase: None,
        password: None,
        host_key: ssh.host_key.clone(),
        occ_path: ssh.occ_path.clone(),
        php: ssh.php.clone(),
        run_as: ssh.run_as.clone(),
    }
}
