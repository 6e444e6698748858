//! What the configuration says about notices and alerts; live.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::rules::tongue::Tongue;

/// How a connection to the mail server is kept from others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// It begins in the clear and must be turned into TLS before anything is said.
    #[default]
    Starttls,
    /// It is TLS from its first byte.
    Implicit,
    /// It is in the clear: only for a server on this very machine.
    None,
}

/// A secret that can be compared, for changes, and not printed.
#[derive(Clone, Default)]
pub struct Hidden(SecretString);

impl Hidden {
    /// A secret.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned().into())
    }

    /// The secret itself: for the one place that needs it.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for Hidden {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// The mail server.
#[derive(Debug, Clone, PartialEq)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from others.
    pub tls: MailTls,
    /// A file with certificates to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Who signs in; empty: nobody does.
    pub username: String,
    /// With what.
    pub password: Hidden,
    /// The address that mails come from, with or without a name.
    pub from: String,
    /// How long a mail may take.
    pub timeout: Duration,
    /// Connections that are kept open for the next mail.
    pub pool: usize,
}

/// The gateway to telephones.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewaySettings {
    /// Where notices are posted.
    pub url: String,
    /// What the gateway is to send them as: `sms`, `whatsapp`.
    pub channel: String,
    /// A header to show who asks.
    pub header: Option<(String, Hidden)>,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// Who is told of trouble, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertSettings {
    /// Addresses of operators.
    pub emails: Vec<String>,
    /// Where alerts are posted as JSON.
    pub url: Option<String>,
    /// How long further trouble is gathered after operators were told.
    pub window: Duration,
    /// Nobody hears of one cause twice within this.
    pub repeat: Duration,
    /// Bytes free on the disk below which it is low.
    pub low_disk: u64,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            emails: Vec::new(),
            url: None,
            window: Duration::from_secs(300),
            repeat: Duration::from_hours(24),
            low_disk: 512 * 1024 * 1024,
        }
    }
}

/// Everything about notices and alerts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NoticeSettings {
    /// Minutes before a booking at which its people are reminded of it.
    pub reminders: Vec<u32>,
    /// The address at which people reach the daemon; `None`: mails hold no links.
    pub public_url: Option<String>,
    /// Where an invitation is accepted, with `{token}` in it; `None`: none is sent.
    pub invite_url: Option<String>,
    /// Where the operator's texts are.
    pub templates_dir: Option<PathBuf>,
    /// The language of tenants that have none, and of operators.
    pub tongue: Tongue,
    /// `None`: no mail.
    pub smtp: Option<SmtpSettings>,
    /// `None`: nothing to telephones.
    pub gateway: Option<GatewaySettings>,
    /// Alerts.
    pub alerts: AlertSettings,
}

impl NoticeSettings {
    /// Whether anybody can be told anything.
    pub fn is_on(&self) -> bool {
        self.smtp.is_some() || self.gateway.is_some()
    }

    /// Whether operators can be told of trouble.
    pub fn alerts_on(&self) -> bool {
        let mail = self.smtp.is_some() && !self.alerts.emails.is_empty();
        mail || self.alerts.url.is_some()
    }
}
