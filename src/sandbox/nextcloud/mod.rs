//! A stand-in Nextcloud: HTTP and SSH on loopback, one server behind both.
//!
//! Written row by row from what was observed on Nextcloud 32.0.1; the conformance
//! tests are named after those rows. Among what it takes over: creating an
//! account is many steps and no transaction, an answer may say 101 though the
//! account stands, `occ` may exit 0 having done nothing, edits are limited to 50
//! in ten minutes, and the twelfth bad login locks the address.
//!
//! ```text
//! HTTP face ──┐
//!             ├──▶ Stage (switches, time, chance) ──▶ Cloud (pure)
//! SSH face ───┘
//! ```
//! Invariants:
//! - It listens on loopback only.
//! - Nothing that it is sent is ever executed: its shell runs commands of its own.

mod core;
mod faults;
mod http;
mod ssh;
mod stage;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{PrivateKey, PublicKey};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use zelador_actors::engine::clock::{Clock, Dice};

use self::core::Cloud;
use self::ssh::Logins;
use self::stage::Stage;

pub use self::faults::{Faults, Smtp, Sudo};

/// The name of the admin of every stand-in.
pub const ADMIN: &str = "admin";
/// The unix user that SSH logs in.
pub const SSH_USER: &str = "www-data";
/// Where its `occ` lies.
pub const OCC: &str = "/var/www/nextcloud/occ";

/// What a stand-in begins with.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The admin's login password, also that of the SSH user.
    pub password: String,
    /// The admin's app password.
    pub app_password: String,
    /// Groups beside `admin`.
    pub groups: Vec<String>,
    /// The switches.
    pub faults: Faults,
    /// Whom SSH logs in.
    pub ssh_user: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            password: "sandbox-admin-password".to_owned(),
            app_password: "sandbox-app-password".to_owned(),
            groups: Vec::new(),
            faults: Faults::default(),
            ssh_user: SSH_USER.to_owned(),
        }
    }
}

/// A stand-in that runs; it stops when this is dropped.
pub struct Sandbox {
    /// Where HTTP is served.
    pub http: SocketAddr,
    /// Where SSH is served.
    pub ssh: SocketAddr,
    host_key: PublicKey,
    keys: Arc<Mutex<Vec<PublicKey>>>,
    stage: Stage,
    stop: CancellationToken,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Sandbox {
    /// Starts both faces on free ports of loopback.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(plan: Plan, clock: Clock, dice: Dice) -> io::Result<Self> {
        let mut cloud = Cloud::new(ADMIN, &plan.password, &plan.app_password);
        cloud.groups.extend(plan.groups);
        let key = KeypairData::from(Ed25519Keypair::from_seed(&dice.secret()));
        let key = PrivateKey::new(key, "sandbox").map_err(io::Error::other)?;
        let stage = Stage::new(cloud, plan.faults, clock, dice);
        let (stop, keys) = (CancellationToken::new(), Arc::new(Mutex::default()));
        let web = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let shell = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (http, ssh) = (web.local_addr()?, shell.local_addr()?);
        let host_key = key.public_key().clone();
        let logins =
            Logins { user: plan.ssh_user, password: Some(plan.password), keys: Arc::clone(&keys) };
        tokio::spawn(self::http::serve(web, stage.clone(), stop.clone()));
        tokio::spawn(self::ssh::serve(shell, stage.clone(), key, logins, stop.clone()));
        Ok(Self { http, ssh, host_key, keys, stage, stop })
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// Its host key as an OpenSSH line, `ssh-ed25519 AAAA…`.
    pub fn host_key(&self) -> String {
        self.host_key.to_openssh().unwrap_or_default()
    }

    /// Lets the holder of a key in.
    pub fn admit(&self, key: PublicKey) {
        self.keys.lock().push(key);
    }

    /// The switches as they are.
    pub fn faults(&self) -> Faults {
        self.stage.faults()
    }

    /// Changes the switches.
    pub fn set(&self, change: impl FnOnce(&mut Faults)) {
        let mut faults = self.stage.faults();
        change(&mut faults);
        self.stage.set_faults(faults);
    }

    /// Maintenance mode, on or off.
    pub fn maintain(&self, on: bool) {
        self.stage.cloud().maintenance = on;
    }

    /// An account as `GET /cloud/users/{id}` shows it.
    pub fn account(&self, id: &str) -> Option<Value> {
        self.stage.cloud().user(id).map(core::Account::shown)
    }

    /// Whether this is the account's password.
    pub fn opens(&self, id: &str, password: &str) -> bool {
        self.stage.cloud().user(id).is_some_and(|user| user.password == password)
    }

    /// The ids of all accounts, in the letters of their creation.
    pub fn ids(&self) -> Vec<String> {
        self.stage.cloud().users.values().map(|user| user.id.clone()).collect()
    }

    /// Removes an account and leaves its data folder behind.
    pub fn lose(&self, id: &str) {
        self.stage.cloud().lose(id);
    }

    /// Every command that the shell ran, with how often.
    pub fn ran(&self) -> BTreeMap<String, u64> {
        self.stage.ran()
    }

    /// Every call, with how often: HTTP by method and path, `occ` by name.
    pub fn asked(&self) -> BTreeMap<String, u64> {
        self.stage.asked()
    }

    /// How many creations were at work at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.stage.most_at_once()
    }
}
