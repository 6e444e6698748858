//! Webhooks: where a tenant wants its events sent.
//!
//! What a tenant says and what became of it are two rows: [`Webhook`] is changed
//! by people, [`WebhookHealth`] by deliveries, many a second, and neither makes the
//! other's version move.

use serde::{Deserialize, Serialize};

use crate::id::{TenantId, WebhookId};
use crate::kv::{IndexDef, Lookup, Table};
use crate::sealed::Sealed;
use crate::time::Timestamp;

/// A secret that was replaced, while receivers still know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// What it was.
    pub secret: Sealed,
    /// Until when it signs as well.
    pub until: Timestamp,
}

/// How a webhook was switched off by the daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    /// When.
    pub at: Timestamp,
    /// Why: `gone` (the receiver said so) or `failing` (for too long).
    pub why: String,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// A place that events are sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Whose.
    pub tenant: TenantId,
    /// Where.
    pub url: String,
    /// Which: types, `booking.*`, or `*`.
    pub events: Vec<String>,
    /// What signs; `None`: nothing does.
    pub secret: Option<Sealed>,
    /// What signed before.
    pub previous: Option<Previous>,
    /// Whether anything is sent.
    pub is_active: bool,
    /// How it was switched off, if not by a person.
    pub disabled: Option<Disabled>,
    /// While it was off, or before: the first event that it may have missed, until
    /// that is sent again.
    pub replay_from: Option<u64>,
    /// Events before this instant are not its business.
    pub active_since: Timestamp,
    /// Raised with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Webhooks by id.
#[derive(Debug)]
pub struct Webhooks;

impl Table for Webhooks {
    const NAME: &'static str = "webhooks";
    const TAG: u16 = 0x0d01;
    const VERSION: u8 = 1;
    type Key = WebhookId;
    type Row = Webhook;
    const INDEXES: &'static [IndexDef<Self>] = &[IndexDef::of::<WebhooksByTenant>()];
}

/// The webhooks of a tenant, the oldest first.
#[derive(Debug)]
pub struct WebhooksByTenant;

impl Lookup for WebhooksByTenant {
    type Table = Webhooks;
    const NAME: &'static str = "webhooks by tenant";
    const TAG: u16 = 0x0d02;
    const UNIQUE: bool = false;
    type Key = TenantId;

    fn key(_: &WebhookId, webhook: &Webhook) -> Option<TenantId> {
        Some(webhook.tenant)
    }
}

/// How a webhook does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookHealth {
    /// Since when nothing but failures; `None`: the last word was a good one.
    pub failing_since: Option<Timestamp>,
    /// What went wrong last, since then.
    pub last_error: Option<String>,
    /// When something arrived last; noted at most every few seconds.
    pub last_success_at: Option<Timestamp>,
    /// The latest event that is known to have arrived.
    pub last_success_seq: Option<u64>,
    /// The earliest event that failed since then.
    pub missed_from: Option<u64>,
}

/// How webhooks do.
#[derive(Debug)]
pub struct WebhookHealths;

impl Table for WebhookHealths {
    const NAME: &'static str = "webhook health";
    const TAG: u16 = 0x0d03;
    const VERSION: u8 = 1;
    type Key = WebhookId;
    type Row = WebhookHealth;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}
