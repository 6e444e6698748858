//! The token: had once, renewed early, by one caller for all.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Url};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::client::passing;
use super::credentials::Credentials;
use super::wire;
use crate::drive::rules::answer::{Trouble, token_trouble};
use crate::engine::clock::Clock;

/// So long before its end a token is renewed; of one that lives shortly, a tenth of
/// its life.
const EARLY: Duration = Duration::from_secs(300);
/// Bytes of an answer, at most.
const MOST: usize = 64 * 1024;

struct Held {
    token: SecretString,
    renew: Instant,
    serial: u64,
}

/// Tokens of one account.
pub(super) struct Tokens {
    client: Client,
    credentials: Credentials,
    subject: String,
    /// Where tokens are had.
    url: Url,
    clock: Clock,
    held: Mutex<Option<Held>>,
}

impl Tokens {
    pub(super) fn new(
        client: Client,
        credentials: Credentials,
        subject: String,
        url: Url,
        clock: Clock,
    ) -> Self {
        Self { client, credentials, subject, url, clock, held: Mutex::default() }
    }

    /// A token that is good for a while, and its number. Who comes while one is
    /// being had waits for that one.
    pub(super) async fn get(&self) -> Result<(SecretString, u64), Trouble> {
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_ref().filter(|held| Instant::now() < held.renew) {
            return Ok((held.token.clone(), held.serial));
        }
        let serial = held.as_ref().map_or(1, |held| held.serial + 1);
        let (token, life) = self.fetch().await?;
        let early = EARLY.min(life / 10);
        let renew = Instant::now() + life.saturating_sub(early);
        *held = Some(Held { token: token.clone(), renew, serial });
        Ok((token, serial))
    }

    /// The token of this number is not good any more.
    pub(super) async fn spoiled(&self, serial: u64) {
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_mut().filter(|held| held.serial == serial) {
            held.renew = Instant::now();
        }
    }

    async fn fetch(&self) -> Result<(SecretString, Duration), Trouble> {
        let seconds = self.clock.now().as_millis() / 1000;
        // What is signed names the place that the key file names, wherever it is asked.
        let audience = self.credentials.token_uri();
        let form = self.credentials.form(&self.subject, audience, seconds);
        let form = form.map_err(|flaw| Trouble::Credentials { why: flaw.to_string() })?;
        let request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(&form));
        let answer = request.send().await.map_err(passing)?;
        let status = answer.status().as_u16();
        let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.map(str::to_owned);
        let body = super::client::whole(answer, MOST).await?;
        if status != 200 {
            return Err(token_trouble(status, after.as_deref(), &body));
        }
        let told: wire::Token = wire::read(&body)?;
        Ok((told.access_token, Duration::from_secs(told.expires_in)))
    }
}

fn encoded(form: &[(&'static str, SecretString)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in form {
        body.append_pair(name, value.expose_secret());
    }
    body.finish()
}
