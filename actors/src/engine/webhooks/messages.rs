//! What can be asked about webhooks. `Ok` means that it is on disk.

use secrecy::SecretString;
use zelador_store::author::Author;
use zelador_store::delivery::Delivery;
use zelador_store::id::{EventId, TenantId, WebhookId};
use zelador_store::webhook::{Webhook, WebhookHealth};

use crate::answer::Keep;

/// A webhook as it was committed.
#[derive(Debug, Clone)]
pub struct WebhookRecord {
    /// Its id.
    pub id: WebhookId,
    /// Its row.
    pub webhook: Webhook,
    /// How it does.
    pub health: WebhookHealth,
    /// A secret that was made for it just now: shown this once.
    pub made: Option<SecretString>,
}

/// One event on its way to one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// The event's id, and the `webhook-id` that the receiver sees.
    pub id: EventId,
    /// To which webhook.
    pub webhook: WebhookId,
    /// Its row.
    pub delivery: Delivery,
}

/// What a webhook shall be.
#[derive(Debug, Clone)]
pub struct WebhookDraft {
    /// Where.
    pub url: String,
    /// Which events.
    pub events: Vec<String>,
    /// Whether anything is sent.
    pub is_active: bool,
}

/// The secret of a new webhook.
#[derive(Debug)]
pub enum NewSecret {
    /// Nothing signs.
    None,
    /// This one signs.
    Given(SecretString),
    /// One is made, and shown once.
    Made,
}

/// What becomes of a webhook's secret.
#[derive(Debug, Clone)]
pub enum SecretChange {
    /// It stays.
    Keep,
    /// Nothing signs any more.
    Remove,
    /// Another signs, at once and alone.
    Replace(SecretString),
}

/// Which webhook: of which tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: WebhookId,
}

/// Makes a webhook. Absent: the tenant.
#[derive(Debug)]
pub struct Make {
    /// Whose.
    pub tenant: TenantId,
    /// What it shall be.
    pub draft: WebhookDraft,
    /// What signs.
    pub secret: NewSecret,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<WebhookRecord>>,
}

/// Makes a webhook what the draft says.
#[derive(Debug)]
pub struct Revise {
    /// Which.
    pub which: Which,
    /// What it shall be.
    pub draft: WebhookDraft,
    /// What becomes of its secret.
    pub secret: SecretChange,
    /// The version that was meant; another one is refused.
    pub if_version: Option<u64>,
    /// Who wants it.
    pub by: Author,
}

/// Deletes a webhook: nothing more is sent, its deliveries go in the background.
#[derive(Debug)]
pub struct Delete {
    /// Which.
    pub which: Which,
    /// The version that was meant; another one is refused.
    pub if_version: Option<u64>,
    /// Who wants it.
    pub by: Author,
}

/// Replaces a secret; for 24 h the one before signs as well.
#[derive(Debug)]
pub struct Rotate {
    /// Which.
    pub which: Which,
    /// The new one; `None`: one is made, and shown once.
    pub secret: Option<SecretString>,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<WebhookRecord>>,
}

/// Sends an event that is in no log, to see whether it arrives.
#[derive(Debug)]
pub struct Test {
    /// Which.
    pub which: Which,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<DeliveryRecord>>,
}

/// From where events are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From this event on.
    Seq(u64),
    /// From the first that may have been missed since something arrived last.
    LastSuccess,
}

/// Which events of a webhook are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// From where.
    pub from: Since,
    /// Up to this event; `None`: to the end of the log.
    pub until: Option<u64>,
    /// Only those whose delivery failed.
    pub only_failed: bool,
    /// Those, too, that arrived.
    pub delivered_too: bool,
}

/// What is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redelivered {
    /// How many events.
    pub count: u64,
    /// From which event on; `None`: from none.
    pub from: Option<u64>,
    /// There is more: go on from this event.
    pub next: Option<u64>,
}
