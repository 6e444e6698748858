//! JSON over HTTP: notices to a gateway that sends them on to telephones, alerts to
//! an address of the operator's.
//!
//! No redirect is followed, no answer is read beyond its status: what an operator
//! is told is the status, and never anything that the other side chose.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use serde::Serialize;

use super::Undelivered;
use crate::engine::notifications::settings::{GatewaySettings, Hidden};

/// The longest that another side may put us off.
const LONGEST_WAIT: u64 = 24 * 3600;

/// A notice as the gateway gets it.
#[derive(Debug, Clone, Serialize)]
pub struct Message<'a> {
    /// What makes it this notice, however often it is posted.
    pub id: &'a str,
    /// How it is to be sent on: `sms`, `whatsapp`.
    pub channel: &'a str,
    /// The telephone number.
    pub to: &'a str,
    /// What it is about.
    pub kind: &'a str,
    /// The language of the text.
    pub language: &'a str,
    /// What to send.
    pub text: &'a str,
    /// Whose person it is.
    pub tenant: &'a str,
}

/// Posts JSON; clones share its connections.
#[derive(Clone)]
pub struct Gateway(reqwest::Client);

impl Default for Gateway {
    fn default() -> Self {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .user_agent("zelador")
            .pool_max_idle_per_host(4)
            .build();
        // Only a system without any certificates has no client.
        Self(client.unwrap_or_default())
    }
}

impl Gateway {
    /// Posts a notice.
    pub async fn send(
        &self,
        settings: &GatewaySettings,
        message: &Message<'_>,
    ) -> Result<(), Undelivered> {
        let header = settings.header.as_ref();
        self.post(&settings.url, header, settings.timeout, message.id, message).await
    }

    /// Posts anything, with an id that is the same on every try.
    pub async fn post(
        &self,
        url: &str,
        header: Option<&(String, Hidden)>,
        limit: Duration,
        id: &str,
        body: &impl Serialize,
    ) -> Result<(), Undelivered> {
        let mut request = self.0.post(url).timeout(limit).header("Idempotency-Key", id).json(body);
        if let Some((name, value)) = header {
            request = request.header(name, value.expose());
        }
        // The error of a request may hold its address, and that a token.
        let answer = request.send().await.map_err(|error| {
            Undelivered::later(format!(
                "not reached: {}",
                crate::error::chain(&error.without_url())
            ))
        })?;
        let status = answer.status();
        match status.as_u16() {
            _ if status.is_success() => Ok(()),
            401 | 403 => Err(Undelivered::Login(format!("it refuses our token: {status}"))),
            408 | 425 | 429 | 500.. => {
                let after = wait(answer.headers());
                Err(Undelivered::Later { error: format!("it answered {status}"), after })
            }
            _ => Err(Undelivered::Refused(format!("it answered {status}"))),
        }
    }
}

fn wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}
