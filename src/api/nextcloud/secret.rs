//! Secrets of instances as they go over the wire: in, and never out.

use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;
use zelador_actors::nextcloud::{NewSecret, SecretChange};
use zelador_store::nextcloud::{ApiWay, Instance, Secret, SshWay};

/// The name of a systemd credential.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialRef {
    /// As `LoadCredential=` has it.
    #[schema(min_length = 1, max_length = 255)]
    credential: String,
}

/// The path of a file.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRef {
    /// From the root.
    #[schema(min_length = 1, max_length = 1024)]
    file: String,
}

/// The name of an environment variable.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvRef {
    /// Its name.
    #[schema(min_length = 1, max_length = 255)]
    env: String,
}

/// A secret: the text itself, which is sealed, or where it is read each time.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum InstanceSecret {
    /// The text.
    Text(String),
    /// In a credential.
    CredentialRef(CredentialRef),
    /// In a file.
    FileRef(FileRef),
    /// In the environment.
    EnvRef(EnvRef),
}

/// A secret is never told.
impl Serialize for InstanceSecret {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_none()
    }
}

impl From<InstanceSecret> for NewSecret {
    fn from(form: InstanceSecret) -> Self {
        match form {
            InstanceSecret::Text(text) => Self::Given(SecretString::from(text)),
            InstanceSecret::CredentialRef(of) => Self::Credential(of.credential),
            InstanceSecret::FileRef(of) => Self::File(of.file),
            InstanceSecret::EnvRef(of) => Self::Env(of.env),
        }
    }
}

/// What becomes of a secret: absent it stays, null it goes.
pub(super) fn change(given: Option<InstanceSecret>, body: &Value, at: &str) -> SecretChange {
    match (given, body.pointer(at)) {
        (Some(given), _) => SecretChange::Replace(given.into()),
        (None, Some(Value::Null)) => SecretChange::Remove,
        (None, _) => SecretChange::Keep,
    }
}

fn kept(secret: Option<&Secret>) -> Value {
    match secret {
        None => Value::Null,
        Some(Secret::Sealed(_)) => "sealed".into(),
        Some(Secret::Credential(_)) => "credential".into(),
        Some(Secret::File(_)) => "file".into(),
        Some(Secret::Env(_)) => "env".into(),
    }
}

/// Secrets that an instance has, by name, with how each is kept.
pub(super) fn secrets(row: &Instance) -> Value {
    let ssh = |of: fn(&SshWay) -> Option<&Secret>| kept(row.ssh.as_ref().and_then(of));
    let all = [
        ("api.password", kept(row.api.as_ref().map(|api: &ApiWay| &api.password))),
        ("ssh.private_key", ssh(|ssh| ssh.private_key.as_ref())),
        ("ssh.passphrase", ssh(|ssh| ssh.passphrase.as_ref())),
        ("ssh.password", ssh(|ssh| ssh.password.as_ref())),
    ];
    let there = all.into_iter().filter(|(_, kept)| !kept.is_null());
    Value::Object(there.map(|(name, kept)| (name.to_owned(), kept)).collect())
}
