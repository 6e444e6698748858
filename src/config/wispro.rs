//! `[wispro]`: the concern's settings, and the token, which is a secret.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zelador_actors::wispro::rules::client::FieldPaths;
use zelador_actors::wispro::{InitialPassword, Mode, Token, WisproSettings};

use super::secret::{self, Secret};

/// `[wispro]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WisproSection {
    /// Which upstream is talked to.
    pub mode: Mode,
    /// Where it is, up to and with `/api/v1`.
    pub base_url: String,
    /// The token; `None` (empty in the file): what the variable `WISPRO_TOKEN` says.
    #[serde(with = "secret::optional")]
    pub token: Option<Secret>,
    /// The domain of the tenant that the clients belong to.
    pub tenant: String,
    /// Clients asked for in a page.
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
    /// Where each member of a client stands, as JSON pointers.
    pub fields: FieldPaths,
}

impl Default for WisproSection {
    fn default() -> Self {
        let own = WisproSettings::default();
        Self {
            mode: own.mode,
            base_url: own.base_url,
            token: None,
            tenant: own.tenant,
            per_page: own.per_page,
            max_pages: own.max_pages,
            request_gap_ms: own.request_gap_ms,
            request_timeout_seconds: own.request_timeout_seconds,
            initial_password: own.initial_password,
            brake_changed_percent: own.brake_changed_percent,
            brake_created_percent: own.brake_created_percent,
            brake_least: own.brake_least,
            fields: own.fields,
        }
    }
}

impl WisproSection {
    /// What the concern takes of it. `sandbox`: where the stand-in is, and its token.
    pub fn in_force(&self, sandbox: Option<(&str, &str)>) -> WisproSettings {
        let own = || self.token.as_ref().map_or_else(String::new, |token| token.expose().into());
        let (base_url, token) = match (self.mode, sandbox) {
            (Mode::Sandbox, Some((url, token))) => (url.to_owned(), token.to_owned()),
            _ => (self.base_url.clone(), own()),
        };
        WisproSettings {
            mode: self.mode,
            base_url,
            token: Token::new(SecretString::from(token)),
            tenant: self.tenant.clone(),
            per_page: self.per_page,
            max_pages: self.max_pages,
            request_gap_ms: self.request_gap_ms,
            request_timeout_seconds: self.request_timeout_seconds,
            initial_password: self.initial_password,
            brake_changed_percent: self.brake_changed_percent,
            brake_created_percent: self.brake_created_percent,
            brake_least: self.brake_least,
            fields: self.fields.clone(),
        }
    }
}
