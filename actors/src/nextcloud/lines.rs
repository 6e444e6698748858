//! How instances are reached: their secrets opened, one connection kept for each.
//!
//! Invariants:
//! - An instance that was changed by people gets a new line; one that was not keeps
//!   its own, with its connections and what is left of its allowance of edits.
//! - A secret leaves its row only here, and goes nowhere but into a client.

use std::collections::HashMap;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use secrecy::SecretString;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use zelador_store::id::InstanceId;
use zelador_store::nextcloud::{Instance, Method, Secret};

use super::http::{HttpPort, HttpTarget, Trust};
use super::metered::Metered;
use super::port::{Limits, Port};
use super::rules::budget::Budget;
use super::rules::{Class, Trouble};
use super::settings::NextcloudSettings;
use super::ssh::{HostPin, SshAuth, SshPort, SshTarget};
use crate::engine::seal::Seal;

/// The most of a file with a secret that is read.
const MOST_BYTES: u64 = 64 * 1024;

impl From<&NextcloudSettings> for Limits {
    fn from(settings: &NextcloudSettings) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Self {
            create: seconds(settings.create_timeout_seconds),
            call: seconds(settings.request_timeout_seconds),
        }
    }
}

/// An instance that can be called, with what is left of its allowance of edits.
#[derive(Clone)]
pub struct Line {
    /// The instance.
    pub port: Arc<dyn Port>,
    /// Edits that it still allows.
    pub budget: Arc<Mutex<Budget>>,
    places: Arc<Semaphore>,
}

impl Line {
    /// To a port that is asked so many things at once.
    pub fn new(port: Arc<dyn Port>, at_once: usize) -> Self {
        let places = Arc::new(Semaphore::new(at_once.max(1)));
        Self { port, budget: Arc::new(Mutex::new(Budget::default())), places }
    }

    /// Waits for one's turn; it lasts as long as the answer is held.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }
}

/// Where instances are reached: the same line for the same version of an instance,
/// so that connections are kept.
pub trait Lines: Send + Sync {
    /// The line to an instance; trouble: its secrets cannot be had, or it is no
    /// address.
    fn line(&self, id: InstanceId, instance: &Instance) -> Result<Line, Trouble>;

    /// The next line is a new one: a referenced secret may have changed.
    fn forget(&self, _: InstanceId) {}
}

/// What a secret of an instance is sealed for.
pub fn sealed_for(id: InstanceId, name: &str) -> String {
    format!("nextcloud-instance/{id}/{name}")
}

/// What a line was made of: when either changes it is made anew.
type Made = (u64, Limits, u32);

/// The lines in use; clones share them.
#[derive(Clone)]
pub struct Switchboard {
    seal: Seal,
    settings: watch::Receiver<Arc<NextcloudSettings>>,
    kept: Arc<Mutex<HashMap<InstanceId, (Made, Line)>>>,
}

impl Switchboard {
    /// None in use yet.
    pub fn new(seal: Seal, settings: watch::Receiver<Arc<NextcloudSettings>>) -> Self {
        Self { seal, settings, kept: Arc::default() }
    }

    fn port(
        &self,
        id: InstanceId,
        instance: &Instance,
        limits: Limits,
    ) -> Result<Arc<dyn Port>, Trouble> {
        Ok(match instance.method {
            Method::Api => {
                let target = self.http(id, instance, limits)?;
                Arc::new(Metered(HttpPort::new(target).map_err(|error| wrong(&error))?))
            }
            Method::Ssh => {
                let target = self.ssh(id, instance, limits)?;
                Arc::new(Metered(SshPort::new(target).map_err(|error| wrong(&error))?))
            }
        })
    }

    fn http(
        &self,
        id: InstanceId,
        instance: &Instance,
        limits: Limits,
    ) -> Result<HttpTarget, Trouble> {
        let way = instance.api.as_ref().ok_or_else(|| lacks("api"))?;
        Ok(HttpTarget {
            base_url: instance.base_url.clone(),
            username: way.username.clone(),
            password: self.open(id, "api.password", &way.password)?,
            trust: Trust::Machine,
            limits,
        })
    }

    fn ssh(
        &self,
        id: InstanceId,
        instance: &Instance,
        limits: Limits,
    ) -> Result<SshTarget, Trouble> {
        let way = instance.ssh.as_ref().ok_or_else(|| lacks("ssh"))?;
        let open = |name: &str, secret: &Option<Secret>| {
            secret.as_ref().map(|secret| self.open(id, name, secret)).transpose()
        };
        let key = open("ssh.private_key", &way.private_key)?;
        let passphrase = open("ssh.passphrase", &way.passphrase)?;
        let auth = match (key, open("ssh.password", &way.password)?) {
            (Some(key), _) => SshAuth::Key { key, passphrase },
            (None, Some(password)) => SshAuth::Password(password),
            (None, None) => return Err(lacks("ssh.private_key")),
        };
        Ok(SshTarget {
            host: way.host.clone(),
            port: way.port,
            user: way.user.clone(),
            auth,
            host_key: HostPin::parse(&way.host_key).map_err(|error| wrong(&error))?,
            occ_path: way.occ_path.clone(),
            php: way.php.clone(),
            run_as: way.run_as.clone(),
            limits,
        })
    }

    fn open(&self, id: InstanceId, name: &str, secret: &Secret) -> Result<SecretString, Trouble> {
        match secret {
            Secret::Sealed(sealed) => {
                self.seal.open(&sealed_for(id, name), sealed).map_err(|error| wrong(&error))
            }
            Secret::File(path) => read(name, Path::new(path)),
            Secret::Credential(credential) => {
                let dir = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
                let dir = dir.ok_or_else(|| unread(name, "the service has no credentials"))?;
                read(name, &dir.join(credential))
            }
            Secret::Env(variable) => std::env::var(variable)
                .ok()
                .filter(|text| !text.is_empty())
                .map(SecretString::from)
                .ok_or_else(|| unread(name, "the environment variable is not set")),
        }
    }
}

impl Lines for Switchboard {
    fn line(&self, id: InstanceId, instance: &Instance) -> Result<Line, Trouble> {
        let settings = self.settings.borrow().clone();
        let limits = Limits::from(settings.as_ref());
        let made: Made = (instance.version, limits, settings.per_instance);
        if let Some((_, line)) = self.kept.lock().get(&id).filter(|(kept, _)| *kept == made) {
            return Ok(line.clone());
        }
        let port = self.port(id, instance, limits)?;
        let fresh = Line::new(port, usize::try_from(settings.per_instance).unwrap_or(1));
        let mut kept = self.kept.lock();
        // The server counts its admin's edits, whatever we change about the way there.
        let budget = kept.get(&id).map(|(_, old)| Arc::clone(&old.budget));
        let line = Line { budget: budget.unwrap_or_else(|| Arc::clone(&fresh.budget)), ..fresh };
        kept.insert(id, (made, line.clone()));
        Ok(line)
    }

    fn forget(&self, id: InstanceId) {
        if let Some((made, _)) = self.kept.lock().get_mut(&id) {
            made.0 = u64::MAX;
        }
    }
}

fn wrong(error: &dyn std::error::Error) -> Trouble {
    Trouble::new(Class::Misconfigured, error.to_string())
}

fn lacks(what: &str) -> Trouble {
    Trouble::new(Class::Misconfigured, format!("the instance has no `{what}`"))
}

fn unread(name: &str, why: &str) -> Trouble {
    Trouble::new(Class::Misconfigured, format!("`{name}` cannot be read: {why}"))
}

/// A secret in a file, without the line break at its end. The words of a failure
/// name the secret, not where it is kept.
fn read(name: &str, path: &Path) -> Result<SecretString, Trouble> {
    let fail = |error: std::io::Error| unread(name, &error.to_string());
    let file = std::fs::File::open(path).map_err(fail)?;
    let about = file.metadata().map_err(fail)?;
    if !about.is_file() {
        return Err(unread(name, "it is no file"));
    }
    if about.permissions().mode() & 0o007 != 0 {
        return Err(unread(name, "everybody may read the file: chmod o-rwx it"));
    }
    let mut text = zeroize::Zeroizing::new(String::new());
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(fail)?;
    let bare = text.strip_suffix('\n').unwrap_or(&text);
    if bare.is_empty() { Err(unread(name, "it is empty")) } else { Ok(bare.into()) }
}
