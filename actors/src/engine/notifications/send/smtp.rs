//! The mail server: connections that are kept for the next mail, and what its
//! refusals mean.
//!
//! Connections are ours and not lettre's pool: one that is given up in the middle
//! of a mail must never be used again, or an answer to that mail would be taken
//! for the answer to the next.

use std::sync::Arc;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use parking_lot::Mutex;
use tokio::time::Instant;
use zelador_store::Timestamp;

use super::{LOGIN_PAUSE, Undelivered};
use crate::engine::notifications::settings::{MailTls, SmtpSettings};

/// How long a connection that nobody uses is kept; servers close theirs after
/// some minutes.
const KEPT: Duration = Duration::from_secs(60);
/// Characters kept of what a server said.
const SAID: usize = 300;

/// The mail server; clones share its connections.
#[derive(Clone, Default)]
pub struct Post(Arc<Inner>);

#[derive(Default)]
struct Inner {
    idle: Mutex<Vec<Idle>>,
    /// Until when nobody signs in, under which settings, and why.
    pause: Mutex<Option<(Timestamp, SmtpSettings, String)>>,
}

struct Idle {
    connection: AsyncSmtpConnection,
    of: SmtpSettings,
    since: Instant,
}

impl Post {
    /// Hands over a mail.
    pub async fn send(
        &self,
        settings: &SmtpSettings,
        mail: &Message,
        now: Timestamp,
    ) -> Result<(), Undelivered> {
        if let Some(reason) = self.paused(settings, now) {
            return Err(Undelivered::Login(reason));
        }
        let began = Instant::now();
        let sent = tokio::time::timeout(settings.timeout, self.exchange(settings, mail)).await;
        let sent = sent.unwrap_or_else(|_| {
            let limit = settings.timeout.as_secs();
            Err(Undelivered::later(format!("the mail server did not answer within {limit} s")))
        });
        let outcome = if sent.is_ok() { "ok" } else { "failed" };
        metrics::histogram!("zelador_upstream_request_seconds",
            "upstream" => "smtp", "outcome" => outcome)
        .record(began.elapsed().as_secs_f64());
        if let Err(Undelivered::Login(reason)) = &sent {
            tracing::error!(
                reason,
                pause_seconds = LOGIN_PAUSE.as_secs(),
                "the mail server refuses our login"
            );
            let pause = (now + LOGIN_PAUSE, settings.clone(), reason.clone());
            *self.0.pause.lock() = Some(pause);
        }
        sent
    }

    /// Why nobody signs in at the moment, if so; other settings are tried at once.
    pub fn paused(&self, settings: &SmtpSettings, now: Timestamp) -> Option<String> {
        let pause = self.0.pause.lock();
        let (until, of, reason) = pause.as_ref()?;
        (now < *until && of == settings).then(|| reason.clone())
    }

    async fn exchange(&self, settings: &SmtpSettings, mail: &Message) -> Result<(), Undelivered> {
        let mut connection = match self.idle(settings).await {
            Some(connection) => connection,
            None => connect(settings).await?,
        };
        // Whatever fails drops the connection.
        connection
            .send(mail.envelope(), &mail.formatted())
            .await
            .map_err(|error| refused(&error))?;
        let mut idle = self.0.idle.lock();
        if idle.len() < settings.pool {
            idle.push(Idle { connection, of: settings.clone(), since: Instant::now() });
        }
        Ok(())
    }

    /// A connection that is kept, and still there.
    async fn idle(&self, settings: &SmtpSettings) -> Option<AsyncSmtpConnection> {
        loop {
            let Idle { mut connection, of, since } = self.0.idle.lock().pop()?;
            if of == *settings && since.elapsed() < KEPT && connection.test_connected().await {
                return Some(connection);
            }
        }
    }
}

async fn connect(settings: &SmtpSettings) -> Result<AsyncSmtpConnection, Undelivered> {
    let tls = match settings.tls {
        MailTls::None => None,
        MailTls::Starttls | MailTls::Implicit => Some(tls(settings).await?),
    };
    let (implicit, upgrade) = match settings.tls {
        MailTls::Implicit => (tls, None),
        _ => (None, tls),
    };
    let (host, limit) = ((settings.host.as_str(), settings.port), Some(settings.timeout));
    let hello = ClientId::default();
    let opened = AsyncSmtpConnection::connect_tokio1(host, limit, &hello, implicit, None).await;
    let mut connection = opened.map_err(|error| unreached(settings, &error))?;
    if let Some(tls) = upgrade {
        let upgraded = connection.starttls(tls, &hello).await;
        upgraded.map_err(|error| unreached(settings, &error))?;
    }
    if !settings.username.is_empty() {
        sign_in(settings, &mut connection).await?;
    }
    Ok(connection)
}

async fn sign_in(
    settings: &SmtpSettings,
    connection: &mut AsyncSmtpConnection,
) -> Result<(), Undelivered> {
    let password = settings.password.expose();
    let credentials = Credentials::new(settings.username.clone(), password.to_owned());
    let mechanisms = [Mechanism::Plain, Mechanism::Login];
    let Err(error) = connection.auth(&mechanisms, &credentials).await else { return Ok(()) };
    if error.is_permanent() || error.is_client() {
        let remedy = "check notifications.smtp username and password";
        let said = said(&error);
        // A server that repeats what it was shown must not have us repeat it.
        let said = if password.is_empty() { said } else { said.replace(password, "***") };
        return Err(Undelivered::Login(format!(
            "the mail server refused the login: {said}; {remedy}"
        )));
    }
    Err(Undelivered::later(format!("the mail server did not take the login: {}", said(&error))))
}

async fn tls(settings: &SmtpSettings) -> Result<TlsParameters, Undelivered> {
    let mut builder = TlsParametersBuilder::new(settings.host.clone());
    if let Some(file) = &settings.ca_file {
        let unusable = |error: &dyn std::fmt::Display| {
            Undelivered::later(format!("notifications.smtp.ca_file {}: {error}", file.display()))
        };
        let pem = tokio::fs::read(file).await.map_err(|error| unusable(&error))?;
        let trusted = Certificate::from_pem(&pem).map_err(|error| unusable(&error))?;
        builder = builder.add_root_certificate(trusted);
    }
    // It reads the certificates of the system.
    let built = tokio::task::spawn_blocking(move || builder.build()).await;
    match built {
        Ok(Ok(tls)) => Ok(tls),
        Ok(Err(error)) => Err(Undelivered::later(error)),
        Err(error) => Err(Undelivered::later(error)),
    }
}

/// Before the mail itself everything is the server's, or ours: no recipient is to
/// blame.
fn unreached(settings: &SmtpSettings, error: &SmtpError) -> Undelivered {
    let (host, port) = (&settings.host, settings.port);
    Undelivered::later(format!("the mail server {host}:{port} is not reached: {}", said(error)))
}

/// What the server's answer to a mail means.
fn refused(error: &SmtpError) -> Undelivered {
    let code = error.status().map(u16::from);
    let text = said(error);
    match code {
        // It wants a login, or another one: no recipient's fault.
        Some(530 | 534 | 535 | 538) => {
            Undelivered::Login(format!("the mail server wants another login: {text}"))
        }
        _ if error.is_permanent() => Undelivered::Refused(text),
        // An address that only newer servers take.
        _ if error.is_client() => Undelivered::Refused(text),
        _ => Undelivered::later(format!("the mail server did not take it: {text}")),
    }
}

/// An error with its causes, in one bounded line.
fn said(error: &SmtpError) -> String {
    let text = crate::error::chain(error);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SAID).collect()
}
