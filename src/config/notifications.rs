//! `[notifications]` and `[alerts]`: who is told what, and by which ways.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zelador_actors::engine::notifications as engine;
use zelador_actors::engine::notifications::{Hidden, MailTls, NoticeSettings, Tongue};

use super::Config;
use super::secret::{self, Secret};
use super::sections::empty_is_none;

/// `[notifications]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationSettings {
    /// Hours before a booking at which its people are reminded of it.
    pub reminders_hours: Vec<f64>,
    /// The address at which people reach the daemon, for links in mails; empty:
    /// mails hold none.
    pub public_url: String,
    /// Where people accept an invitation, with `{token}` where its text goes; empty:
    /// the daemon's own page at `public_url`, if that is given.
    pub invite_url: String,
    /// Where the operator's texts are; `None` (empty in the file): nowhere.
    #[serde(with = "empty_is_none")]
    pub templates_dir: Option<PathBuf>,
    /// The mail server.
    pub smtp: SmtpSettings,
    /// The gateway to telephones.
    pub http: HttpSettings,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            reminders_hours: vec![24.0, 1.0],
            public_url: String::new(),
            invite_url: String::new(),
            templates_dir: None,
            smtp: SmtpSettings::default(),
            http: HttpSettings::default(),
        }
    }
}

impl NotificationSettings {
    /// The daemon's own page for invitations, as people reach it.
    fn page(&self) -> Option<String> {
        let base = given(&self.public_url)?;
        Some(format!("{}/invitation?token={{token}}", base.trim_end_matches('/')))
    }
}

/// `[notifications.smtp]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its name or address; empty: no mail is sent.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from others.
    pub tls: MailTls,
    /// Certificates to trust beside the system's; `None` (empty in the file): none.
    #[serde(with = "empty_is_none")]
    pub ca_file: Option<PathBuf>,
    /// Who signs in; empty: nobody does.
    pub username: String,
    /// With what.
    #[serde(with = "secret::optional")]
    pub password: Option<Secret>,
    /// The address that mails come from, with or without a name.
    pub from: String,
    /// Seconds that a mail may take.
    pub timeout_seconds: u32,
    /// Connections that are kept open for the next mail.
    pub pool: u32,
}

impl Default for SmtpSettings {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            tls: MailTls::Starttls,
            ca_file: None,
            username: String::new(),
            password: None,
            from: String::new(),
            timeout_seconds: 30,
            pool: 2,
        }
    }
}

/// `[notifications.http]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Where notices are posted as JSON; empty: nowhere.
    pub url: String,
    /// How the gateway is to send them on: `sms`, `whatsapp`.
    pub channel: String,
    /// The name of the header that shows who asks.
    pub header: String,
    /// What stands in it; `None` (empty in the file): no such header is sent.
    #[serde(with = "secret::optional")]
    pub header_value: Option<Secret>,
    /// Seconds that an answer may take.
    pub timeout_seconds: u32,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            url: String::new(),
            channel: "sms".to_owned(),
            header: "Authorization".to_owned(),
            header_value: None,
            timeout_seconds: 10,
        }
    }
}

/// `[alerts]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertSettings {
    /// Addresses of operators.
    pub emails: Vec<String>,
    /// Where alerts are posted as JSON; empty: nowhere.
    pub url: String,
    /// Seconds for which further trouble is gathered after operators were told.
    pub group_seconds: u32,
    /// Hours within which nobody is told of the same cause again.
    pub repeat_hours: u32,
    /// MiB free on the disk below which it is low.
    pub low_disk_mb: u32,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            emails: Vec::new(),
            url: String::new(),
            group_seconds: 300,
            repeat_hours: 24,
            low_disk_mb: 512,
        }
    }
}

impl Config {
    /// What notices and alerts take of it.
    pub fn notices(&self) -> NoticeSettings {
        let own = &self.notifications;
        let minutes = |hours: &f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be between a minute and a year"
            )]
            let minutes = (hours * 60.0).round() as u32;
            minutes
        };
        NoticeSettings {
            reminders: own.reminders_hours.iter().map(minutes).collect(),
            public_url: given(&own.public_url),
            invite_url: given(&own.invite_url).or_else(|| own.page()),
            templates_dir: own.templates_dir.clone(),
            tongue: Tongue::of_tag(self.api.locale.tag()).unwrap_or_default(),
            smtp: own.smtp.in_force(),
            gateway: own.http.in_force(),
            alerts: engine::AlertSettings {
                emails: self.alerts.emails.clone(),
                url: given(&self.alerts.url),
                window: Duration::from_secs(self.alerts.group_seconds.into()),
                repeat: Duration::from_hours(self.alerts.repeat_hours.into()),
                low_disk: u64::from(self.alerts.low_disk_mb) * 1024 * 1024,
            },
        }
    }
}

impl SmtpSettings {
    fn in_force(&self) -> Option<engine::SmtpSettings> {
        (!self.host.is_empty()).then(|| engine::SmtpSettings {
            host: self.host.clone(),
            port: self.port,
            tls: self.tls,
            ca_file: self.ca_file.clone(),
            username: self.username.clone(),
            password: Hidden::new(self.password.as_ref().map_or("", Secret::expose)),
            from: self.from.clone(),
            timeout: Duration::from_secs(self.timeout_seconds.into()),
            pool: self.pool as usize,
        })
    }
}

impl HttpSettings {
    fn in_force(&self) -> Option<engine::GatewaySettings> {
        let header = self
            .header_value
            .as_ref()
            .map(|value| (self.header.clone(), Hidden::new(value.expose())));
        Some(engine::GatewaySettings {
            url: given(&self.url)?,
            channel: self.channel.clone(),
            header,
            timeout: Duration::from_secs(self.timeout_seconds.into()),
        })
    }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
