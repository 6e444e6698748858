//! Webhooks and deliveries as they go over the wire.

use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::engine::webhooks::{
    DeliveryRecord, Range, Redelivered, Since, WebhookDraft, WebhookRecord,
};
use zelador_store::Timestamp;
use zelador_store::delivery::{DeliveryStatus, DeliveryTry};

use crate::api::time::Utc;

/// What makes a webhook.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWebhook {
    /// Where events are sent: https; in development http to localhost, too.
    #[schema(min_length = 1, max_length = 2048, example = "https://example.com/webhook")]
    pub(super) url: String,
    /// Which events: types, all of a noun (`booking.*`), or all (`*`).
    #[schema(min_items = 1, max_items = 64, example = json!(["booking.created", "booking.cancelled"]))]
    pub(super) events: Vec<String>,
    /// What signs; without it nothing is signed. Never shown.
    #[schema(write_only, min_length = 8, max_length = 256)]
    #[serde(default)]
    pub(super) secret: Option<String>,
    /// Make a secret, and show it in this answer alone.
    #[schema(write_only, default = false)]
    #[serde(default)]
    pub(super) generate_secret: bool,
    /// Whether anything is sent.
    #[schema(default = true)]
    #[serde(default = "yes")]
    pub(super) is_active: bool,
}

const fn yes() -> bool {
    true
}

impl NewWebhook {
    pub(super) fn draft(&self) -> WebhookDraft {
        WebhookDraft {
            url: self.url.clone(),
            events: self.events.clone(),
            is_active: self.is_active,
        }
    }
}

/// How a webhook was switched off by the daemon.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct WebhookDisabled {
    /// When.
    at: Utc,
    /// `gone`: the receiver answered 410. `failing`: nothing but failures for too long.
    #[schema(example = "failing")]
    reason: String,
    /// What went wrong last.
    last_error: Option<String>,
}

/// A webhook.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// Whose.
    #[schema(format = "uuid")]
    tenant_id: String,
    /// Where events are sent.
    url: String,
    /// Which.
    events: Vec<String>,
    /// Whether anything is sent.
    is_active: bool,
    /// Whether a secret signs.
    has_secret: bool,
    /// Until when the secret before it signs as well.
    previous_secret_until: Option<Utc>,
    /// The secret that was made just now; it is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// How the daemon switched it off, if it did.
    disabled: Option<WebhookDisabled>,
    /// Since when nothing but failures.
    failing_since: Option<Utc>,
    /// What went wrong last, since then.
    last_error: Option<String>,
    /// When something arrived last, to within a few seconds.
    last_success_at: Option<Utc>,
    /// The latest event that is known to have arrived.
    last_success_seq: Option<u64>,
    /// The first event that it may have missed: `redeliver {"from": "last_success"}`
    /// sends again from here.
    replay_from: Option<u64>,
    /// Raised with every change.
    version: u64,
    /// When it was made.
    created_at: Utc,
    /// When it was changed last.
    updated_at: Utc,
}

impl From<&WebhookRecord> for WebhookView {
    fn from(record: &WebhookRecord) -> Self {
        let (row, health) = (&record.webhook, &record.health);
        let disabled = row.disabled.clone().map(|disabled| WebhookDisabled {
            at: disabled.at.into(),
            reason: disabled.why,
            last_error: disabled.last_error,
        });
        Self {
            id: record.id.to_string(),
            tenant_id: row.tenant.to_string(),
            url: row.url.clone(),
            events: row.events.clone(),
            is_active: row.is_active,
            has_secret: row.secret.is_some(),
            previous_secret_until: row.previous.as_ref().map(|previous| previous.until.into()),
            secret: record.made.as_ref().map(|secret| secret.expose_secret().to_owned()),
            disabled,
            failing_since: health.failing_since.map(Utc),
            last_error: health.last_error.clone(),
            last_success_at: health.last_success_at.map(Utc),
            last_success_seq: health.last_success_seq,
            replay_from: record.replay_from(),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// What replaces a secret.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SecretRotation {
    /// The new one; without it one is made, and shown in this answer alone.
    #[schema(write_only, min_length = 8, max_length = 256)]
    pub(super) secret: Option<String>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum DeliveryWord {
    /// It will be tried, or tried again.
    Pending,
    /// The receiver took it.
    Delivered,
    /// Its tries are used up.
    Failed,
}

impl From<DeliveryStatus> for DeliveryWord {
    fn from(status: DeliveryStatus) -> Self {
        match status {
            DeliveryStatus::Pending => Self::Pending,
            DeliveryStatus::Delivered => Self::Delivered,
            DeliveryStatus::Failed => Self::Failed,
        }
    }
}

impl From<DeliveryWord> for DeliveryStatus {
    fn from(word: DeliveryWord) -> Self {
        match word {
            DeliveryWord::Pending => Self::Pending,
            DeliveryWord::Delivered => Self::Delivered,
            DeliveryWord::Failed => Self::Failed,
        }
    }
}

/// Which deliveries.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeliveryQuery {
    /// In this status.
    pub(super) status: Option<DeliveryWord>,
}

/// One try.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct DeliveryTryView {
    /// When it began.
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    /// Milliseconds it took.
    duration_ms: u32,
    /// What the receiver answered; null: nothing.
    response_code: Option<u16>,
    /// What went wrong.
    error: Option<String>,
}

impl From<&DeliveryTry> for DeliveryTryView {
    fn from(one: &DeliveryTry) -> Self {
        Self {
            at: one.at,
            duration_ms: one.ms,
            response_code: one.status,
            error: one.error.clone(),
        }
    }
}

/// One event on its way to one webhook.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(super) struct DeliveryView {
    /// The event's id, which the receiver sees as `webhook-id` at every try.
    #[schema(format = "uuid")]
    id: String,
    /// To which webhook.
    #[schema(format = "uuid")]
    webhook_id: String,
    /// The event's place in the log; null: a test.
    seq: Option<u64>,
    /// The event's type.
    #[schema(example = "booking.created")]
    event: String,
    /// Where it stands.
    status: DeliveryWord,
    /// Tries since it was made, or sent again.
    attempts: u16,
    /// Not before this instant is it tried next; null: it is not, or an earlier one
    /// of the same booking comes first.
    #[schema(value_type = Option<String>, format = "date-time")]
    next_attempt_at: Option<Timestamp>,
    /// What the receiver answered last.
    response_code: Option<u16>,
    /// Milliseconds that the last try took.
    duration_ms: Option<u32>,
    /// What went wrong last.
    error: Option<String>,
    /// The beginning of what the receiver said last.
    response_excerpt: Option<String>,
    /// The last tries, the oldest first.
    history: Vec<DeliveryTryView>,
    /// When it was made.
    created_at: Utc,
    /// When it was changed last.
    updated_at: Utc,
}

impl From<&DeliveryRecord> for DeliveryView {
    fn from(record: &DeliveryRecord) -> Self {
        let row = &record.delivery;
        let last = row.history.last();
        let waits = row.status == DeliveryStatus::Pending && !row.held;
        Self {
            id: record.id.to_string(),
            webhook_id: record.webhook.to_string(),
            seq: Some(row.seq).filter(|seq| *seq > 0),
            event: row.kind.clone(),
            status: row.status.into(),
            attempts: row.tries,
            next_attempt_at: waits.then_some(row.due),
            response_code: last.and_then(|last| last.status),
            duration_ms: last.map(|last| last.ms),
            error: last.and_then(|last| last.error.clone()),
            response_excerpt: row.excerpt.clone(),
            history: row.history.iter().map(DeliveryTryView::from).collect(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// A place in the log that the daemon knows.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReplayMark {
    /// The first event that may have been missed since something arrived last.
    LastSuccess,
}

/// From where: an event's `seq`, or `last_success`.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum RedeliveryFrom {
    /// From this event on.
    Seq(u64),
    /// From where the daemon knows.
    ReplayMark(ReplayMark),
}

/// Which of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RedeliveryKind {
    /// Those whose delivery failed.
    Failed,
    /// Those, and those that were never sent.
    Undelivered,
    /// Those that arrived, too.
    All,
}

/// Which events are sent again.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RedeliveryRange {
    /// From where.
    from: RedeliveryFrom,
    /// Up to this event; without it, to the end of the log.
    #[schema(minimum = 1)]
    #[serde(default)]
    until: Option<u64>,
    /// Which of them; without it `undelivered` from `last_success`, else `all`.
    #[serde(default)]
    status: Option<RedeliveryKind>,
}

impl From<RedeliveryRange> for Range {
    fn from(form: RedeliveryRange) -> Self {
        let (from, usual) = match form.from {
            RedeliveryFrom::Seq(seq) => (Since::Seq(seq), RedeliveryKind::All),
            RedeliveryFrom::ReplayMark(ReplayMark::LastSuccess) => {
                (Since::LastSuccess, RedeliveryKind::Undelivered)
            }
        };
        let meant = form.status.unwrap_or(usual);
        Self {
            from,
            until: form.until,
            only_failed: meant == RedeliveryKind::Failed,
            delivered_too: meant == RedeliveryKind::All,
        }
    }
}

/// What is sent again.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Redelivered)]
pub(super) struct RedeliveredView {
    /// How many events; those on their way already are not counted.
    count: u64,
    /// From which event on; null: nothing was missed.
    from: Option<u64>,
    /// There is more: ask again from this event.
    next: Option<u64>,
}

impl From<&Redelivered> for RedeliveredView {
    fn from(done: &Redelivered) -> Self {
        Self { count: done.count, from: done.from, next: done.next }
    }
}
