//! `[wispro]`: which upstream, how gently, and when to stop and ask.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::rules::brakes::Limits;
use super::rules::client::FieldPaths;
pub use crate::mode::Mode;

/// The domain of the tenant that sandbox clients belong to if none is named.
pub const SANDBOX_TENANT: &str = "sandbox.example";

/// How somebody whom the sync has made signs in for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialPassword {
    /// With the number of the identity card, once, to choose a password.
    #[default]
    IdNumber,
    /// With an invitation that somebody sends.
    Invite,
    /// Not at all.
    None,
}

/// The token of the upstream: never printed.
#[derive(Clone, Default)]
pub struct Token(SecretString);

impl Token {
    /// With this text.
    pub fn new(text: impl Into<SecretString>) -> Self {
        Self(text.into())
    }

    /// The text: for the header alone.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.expose().as_bytes().ct_eq(other.expose().as_bytes()))
    }
}

/// What the concern takes of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct WisproSettings {
    /// Which upstream.
    pub mode: Mode,
    /// Where it is, up to and with `/api/v1`.
    pub base_url: String,
    /// The token, sent bare.
    pub token: Token,
    /// The domain of the tenant that the clients belong to.
    pub tenant: String,
    /// Clients asked for in a page; 1 to 1000.
    pub per_page: u32,
    /// Pages asked for at most; 0: all.
    pub max_pages: u32,
    /// Milliseconds between two requests.
    pub request_gap_ms: u32,
    /// Seconds until a request is given up.
    pub request_timeout_seconds: u32,
    /// How somebody new signs in for the first time.
    pub initial_password: InitialPassword,
    /// Percent of the known clients that may change without asking.
    pub brake_changed_percent: u32,
    /// New clients, in percent of the known ones, that come without asking.
    pub brake_created_percent: u32,
    /// So many changed, or new, go without asking always.
    pub brake_least: u32,
    /// Where each member of a client stands.
    pub fields: FieldPaths,
}

impl Default for WisproSettings {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            base_url: "https://www.cloud.wispro.co/api/v1".to_owned(),
            token: Token::default(),
            tenant: String::new(),
            per_page: 100,
            max_pages: 0,
            request_gap_ms: 200,
            request_timeout_seconds: 30,
            initial_password: InitialPassword::default(),
            brake_changed_percent: 30,
            brake_created_percent: 30,
            brake_least: 20,
            fields: FieldPaths::default(),
        }
    }
}

impl WisproSettings {
    /// The domain of the tenant in force.
    pub fn domain(&self) -> &str {
        match self.mode {
            Mode::Sandbox if self.tenant.is_empty() => SANDBOX_TENANT,
            _ => &self.tenant,
        }
    }

    /// How much goes without asking.
    pub fn limits(&self) -> Limits {
        Limits {
            changed_percent: self.brake_changed_percent,
            created_percent: self.brake_created_percent,
            least: self.brake_least,
        }
    }
}
