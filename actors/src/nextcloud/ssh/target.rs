//! Where an instance is reached over SSH, as whom, and where its `occ` lies.

use std::sync::Arc;

use russh::keys::{Algorithm, PrivateKey, decode_secret_key};
use secrecy::{ExposeSecret as _, SecretString};

use super::super::port::Limits;
use super::pin::HostPin;

/// How zelador proves who it is.
#[derive(Debug, Clone)]
pub enum SshAuth {
    /// By a password.
    Password(SecretString),
    /// By a private key, as OpenSSH or PEM writes it.
    Key {
        /// The key file's text.
        key: SecretString,
        /// What it is encrypted with, if it is.
        passphrase: Option<SecretString>,
    },
}

/// An instance over SSH.
#[derive(Debug, Clone)]
pub struct SshTarget {
    /// Its name or address.
    pub host: String,
    /// Its port, 22 as a rule.
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// By what.
    pub auth: SshAuth,
    /// The key that the host must show.
    pub host_key: HostPin,
    /// The path of `occ`.
    pub occ_path: String,
    /// The program that runs it, `php` as a rule.
    pub php: String,
    /// The unix user who owns `config.php`, where that is not `user`: by `sudo`.
    pub run_as: Option<String>,
    /// How long calls may take.
    pub limits: Limits,
}

/// The target is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// A name, path or user that cannot be one.
    #[error("`{0}` is empty or holds control characters")]
    Text(&'static str),
    /// No private key, or the passphrase is wrong.
    #[error("the private key cannot be read: is it one, and is its passphrase right?")]
    Key,
    /// A key that is refused for its sort.
    #[error("the private key is neither Ed25519 nor ECDSA")]
    Algorithm,
}

/// What is shown to the server.
#[derive(Clone)]
pub(super) enum Proof {
    Password(SecretString),
    Key(Arc<PrivateKey>),
}

/// Whether this is a private key that can be used; one that is encrypted needs its
/// passphrase.
pub fn is_key(key: &SecretString, passphrase: Option<&SecretString>) -> Result<(), Unusable> {
    let passphrase = passphrase.map(secrecy::ExposeSecret::expose_secret);
    read_key(key, passphrase).map(|_| ())
}

fn read_key(key: &SecretString, passphrase: Option<&str>) -> Result<PrivateKey, Unusable> {
    let key = decode_secret_key(key.expose_secret(), passphrase).map_err(|_| Unusable::Key)?;
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::Ecdsa { .. } => Ok(key),
        _ => Err(Unusable::Algorithm),
    }
}

impl SshTarget {
    /// Whether its texts can be what they stand for.
    pub(super) fn check(&self) -> Result<(), Unusable> {
        let run_as = self.run_as.as_deref().unwrap_or("-");
        let texts = [
            ("host", self.host.as_str()),
            ("user", &self.user),
            ("occ_path", &self.occ_path),
            ("php", &self.php),
            ("run_as", run_as),
        ];
        let bad = |(_, text): &(&str, &str)| text.is_empty() || text.contains(char::is_control);
        match texts.into_iter().find(bad) {
            Some((name, _)) => Err(Unusable::Text(name)),
            None => Ok(()),
        }
    }

    /// What is shown to the server.
    pub(super) fn proof(&self) -> Result<Proof, Unusable> {
        let (key, passphrase) = match &self.auth {
            SshAuth::Password(password) => return Ok(Proof::Password(password.clone())),
            SshAuth::Key { key, passphrase } => (key, passphrase),
        };
        let passphrase = passphrase.as_ref().map(secrecy::ExposeSecret::expose_secret);
        Ok(Proof::Key(Arc::new(read_key(key, passphrase)?)))
    }
}
