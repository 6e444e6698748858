//! One try: from a row to what came back.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use jiff::fmt::rfc2822;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use tracing::Instrument;
use zelador_store::delivery::Deliveries;
use zelador_store::event::Events;
use zelador_store::webhook::{Webhook, Webhooks};
use zelador_store::{Stored, Timestamp};

use super::Courier;
use super::lanes::Parcel;
use crate::engine::jobs::said;
use crate::engine::webhooks::rules::turn::Tried;
use crate::engine::webhooks::rules::{body, sign, url};
use crate::engine::webhooks::sealed_for;
use crate::error::{Error, Refusal, chain};

const SEED: HeaderName = HeaderName::from_static("x-webhook-signature");
const ID: HeaderName = HeaderName::from_static("webhook-id");
const AT: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Gives the place back, however the try ends.
struct Landing {
    courier: Courier,
    parcel: Parcel,
    how: Option<(bool, Duration)>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let inner = &self.courier.0;
        inner.lanes.lock().end(&self.parcel, self.how, inner.shell.now());
        inner.wake.notify_one();
    }
}

impl Courier {
    /// Begins a try; `false`: it is under way.
    pub(super) fn begin(&self, hook: &Stored<Webhooks>, row: Stored<Deliveries>) -> bool {
        if !self.0.lanes.lock().begin(row.key, hook.row.tenant) {
            return false;
        }
        let landing = Landing { courier: self.clone(), parcel: row.key, how: None };
        let (courier, hook) = (self.clone(), hook.clone());
        let span = tracing::info_span!("delivery", webhook_id = %row.key.0, event_id = %row.key.1,
            tenant_id = %hook.row.tenant);
        tokio::spawn(async move { courier.carry(hook, row, landing).await }.instrument(span));
        true
    }

    async fn carry(self, hook: Stored<Webhooks>, row: Stored<Deliveries>, mut landing: Landing) {
        let began = self.0.shell.now();
        waited(began, row.row.due);
        let attempt = AssertUnwindSafe(self.attempt(&hook, &row, began)).catch_unwind();
        let tried = tokio::select! {
            biased;
            () = self.0.release.cancelled() => return,
            tried = attempt => tried,
        };
        let tried = tried.unwrap_or_else(|panic| {
            let word = said(panic.as_ref());
            Tried::not_sent(began, format_args!("panicked: {word}"), false)
        });
        landing.how = Some((tried.is_success(), tried.took));
        self.told(&row, &tried);
        self.settle(&hook, row, &tried).await;
    }

    async fn attempt(
        &self,
        hook: &Stored<Webhooks>,
        row: &Stored<Deliveries>,
        now: Timestamp,
    ) -> Tried {
        let settings = self.settings();
        let target = match url::check(&hook.row.url, &settings) {
            Ok(target) => target,
            Err(flaw) => {
                return Tried::not_sent(
                    now,
                    format_args!("the URL is refused: {}", flaw.code),
                    false,
                );
            }
        };
        let text = match self.body(row).await {
            Ok(text) => text,
            Err(Error::Refused(Refusal::Absent { .. })) => {
                return Tried::not_sent(now, "the event is no longer kept", true);
            }
            Err(error) => return Tried::not_sent(now, error.chain(), false),
        };
        let headers = match self.headers(hook, row, &text, now) {
            Ok(headers) => headers,
            Err(error) => return Tried::not_sent(now, chain(&error), false),
        };
        let answer = self.0.client.post(&target.url, headers, text, settings.time_limit()).await;
        let retry_after = answer.retry_after.as_deref().and_then(|wait| wait_of(wait, now));
        Tried {
            at: now,
            took: answer.took,
            status: answer.status,
            retry_after,
            excerpt: answer.excerpt,
            error: answer.error,
            hopeless: false,
        }
    }

    async fn body(&self, row: &Stored<Deliveries>) -> Result<String, Error> {
        use crate::error::During as _;
        let (delivery, tenant) = (&row.row, row.row.tenant);
        if let Some(payload) = &delivery.payload {
            return Ok(body::body(&delivery.kind, tenant, payload));
        }
        let event = self.0.shell.store.get::<Events>(&delivery.seq).await;
        let event = event.during("reading the log")?.ok_or(Refusal::Absent { what: "event" })?;
        Ok(body::body(&event.row.kind, tenant, &event.row.data))
    }

    fn headers(
        &self,
        hook: &Stored<Webhooks>,
        row: &Stored<Deliveries>,
        text: &str,
        now: Timestamp,
    ) -> Result<HeaderMap, crate::engine::seal::Unsealed> {
        let (id, seconds) = (row.key.1.to_string(), now.as_millis().div_euclid(1000));
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str| {
            HeaderValue::from_str(value).map(|value| headers.insert(name, value)).ok()
        };
        set(ID, &id);
        set(AT, &seconds.to_string());
        let (secret, previous) = self.secrets(hook, now)?;
        if let Some(secret) = secret {
            set(SEED, &sign::plain(&secret, text));
            let mut signatures = sign::standard(&secret, &id, seconds, text);
            if let Some(previous) = previous {
                signatures.push(' ');
                signatures.push_str(&sign::standard(&previous, &id, seconds, text));
            }
            set(SIGNATURE, &signatures);
        }
        Ok(headers)
    }

    /// The secret in force, and the one before while that signs, too.
    fn secrets(
        &self,
        hook: &Stored<Webhooks>,
        now: Timestamp,
    ) -> Result<(Option<SecretString>, Option<SecretString>), crate::engine::seal::Unsealed> {
        let Webhook { secret, previous, .. } = &hook.row;
        let about = sealed_for(hook.key);
        let open = |sealed| self.0.seal.open(&about, sealed);
        let previous = previous.as_ref().filter(|previous| now < previous.until);
        let previous = previous.map(|previous| open(&previous.secret)).transpose()?;
        Ok((secret.as_ref().map(open).transpose()?, previous))
    }
}

fn waited(now: Timestamp, due: Timestamp) {
    metrics::histogram!("zelador_webhook_wait_seconds").record(now.since(due).as_secs_f64());
}

/// `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
pub(super) fn wait_of(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(Timestamp::from(at).since(now))
}
