//! What the concern can be asked to do, with the answers. `Ok` means on disk.

use std::sync::Arc;

use secrecy::SecretString;
use zelador_store::author::Author;
use zelador_store::id::{InstanceId, JobId, TenantId, UserId};
use zelador_store::nextcloud::{Account, Instance, InstanceStatus, Method, Taken};

use super::rules::health::Look;
use crate::answer::Keep;

/// A secret as its owner gives it.
#[derive(Debug, Clone)]
pub enum NewSecret {
    /// The text itself, which is sealed.
    Given(SecretString),
    /// The name of a systemd credential.
    Credential(String),
    /// The path of a file.
    File(String),
    /// The name of an environment variable.
    Env(String),
}

/// What becomes of a secret.
#[derive(Debug, Clone, Default)]
pub enum SecretChange {
    /// It stays what it is.
    #[default]
    Keep,
    /// It goes.
    Remove,
    /// This takes its place.
    Replace(NewSecret),
}

/// The way over SSH, as it shall be.
#[derive(Debug, Clone)]
pub struct SshDraft {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// By this key.
    pub private_key: SecretChange,
    /// What the key is encrypted with.
    pub passphrase: SecretChange,
    /// By a password, where there is no key.
    pub password: SecretChange,
    /// The host's key, as an OpenSSH line.
    pub host_key: String,
    /// The path of `occ`.
    pub occ_path: String,
    /// The program that runs it.
    pub php: String,
    /// The unix user it runs as, by `sudo`.
    pub run_as: Option<String>,
}

/// The way over HTTP, as it shall be.
#[derive(Debug, Clone)]
pub struct ApiDraft {
    /// The admin's name.
    pub username: String,
    /// The admin's password, or an app password.
    pub password: SecretChange,
}

/// An instance as it shall be.
#[derive(Debug, Clone)]
pub struct InstanceDraft {
    /// What people call it; unique, whatever its letters' case.
    pub name: String,
    /// Its address.
    pub base_url: String,
    /// How it is managed.
    pub method: Method,
    /// Whether it takes accounts.
    pub status: InstanceStatus,
    /// How many accounts may be placed there.
    pub max_users: u32,
    /// Whose users; empty: everybody's.
    pub tenants: Vec<TenantId>,
    /// The way over SSH.
    pub ssh: Option<SshDraft>,
    /// The way over HTTP.
    pub api: Option<ApiDraft>,
}

/// Registers an instance. Refused if the name is taken or a value is wrong.
#[derive(Debug)]
pub struct AddInstance {
    /// What it shall be.
    pub draft: InstanceDraft,
    /// Whether it is a stand-in of the sandbox.
    pub sandbox: bool,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<InstanceRecord>>,
}

/// Makes an instance what a draft says.
#[derive(Debug)]
pub struct ReviseInstance {
    /// Which.
    pub id: InstanceId,
    /// What it shall be.
    pub draft: InstanceDraft,
    /// The version that was meant; another one is refused.
    pub if_version: Option<u64>,
    /// Who wants it.
    pub by: Author,
}

/// Forgets an instance. Refused while accounts are placed there.
#[derive(Debug)]
pub struct RemoveInstance {
    /// Which.
    pub id: InstanceId,
    /// The version that was meant; another one is refused.
    pub if_version: Option<u64>,
    /// Who wants it.
    pub by: Author,
}

/// An instance as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRecord {
    /// Its id.
    pub id: InstanceId,
    /// Its row.
    pub instance: Instance,
    /// What is taken of it.
    pub taken: Taken,
}

/// What a look at an instance showed, and what it is since.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What was seen.
    pub look: Look,
    /// The instance after it.
    pub record: InstanceRecord,
}

/// The account of a user as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// Whose.
    pub user: UserId,
    /// Its row; `None`: there is none.
    pub account: Option<Account>,
    /// The job that works on it, while there is one.
    pub job: Option<JobId>,
    /// What its instance is called.
    pub instance: Option<String>,
}

/// Has an account made for a user. Refused if there is one that works.
#[derive(Debug)]
pub struct Provision {
    /// For whom.
    pub user: UserId,
    /// Users of any other tenant are invisible to the caller; `None`: none are.
    pub within: Option<TenantId>,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<AccountRecord>>,
}

/// Has an account made anew on another instance, and the old one switched off.
/// Refused if there is none, or it is there already.
#[derive(Debug)]
pub struct MoveAccount {
    /// Whose.
    pub user: UserId,
    /// Users of any other tenant are invisible to the caller; `None`: none are.
    pub within: Option<TenantId>,
    /// Where to.
    pub to: InstanceId,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<AccountRecord>>,
}

/// A first password, shown this once.
#[derive(Clone)]
pub struct Revealed {
    /// The account's id.
    pub account_id: String,
    /// Where it signs in.
    pub base_url: String,
    /// What it signs in with.
    pub password: Arc<SecretString>,
}
