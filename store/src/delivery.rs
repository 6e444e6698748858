//! Deliveries: one event on its way to one webhook, and what became of it.
//!
//! ```text
//!              ┌─ failed, tries left: due later ─┐
//!              ▼                                 │
//! pending ── due, the first of its key ──▶ (a try) ──▶ delivered
//!    ▲ │                                         └───▶ failed
//!    │ └─ held: an earlier one of its key waits        │
//!    └──────────── redelivered ◀───────────────────────┘
//! ```
//! A try under way is no state: if the process ends, it is tried again.
//!
//! Invariant: before whatever is held stands an earlier one of its key, pending and
//! marked as followed; whoever ends that one sets the next free in the same commit.

use serde::{Deserialize, Serialize};

use crate::id::{EventId, TenantId, WebhookId};
use crate::kv::{IndexDef, Lookup, Table, Term};
use crate::time::Timestamp;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// It will be tried, or tried again.
    Pending,
    /// The receiver took it.
    Delivered,
    /// Its tries are used up, or it cannot be sent.
    Failed,
}

impl DeliveryStatus {
    /// Its number in keys.
    pub const fn code(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Delivered => 1,
            Self::Failed => 2,
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryTry {
    /// When it began.
    pub at: Timestamp,
    /// Milliseconds it took.
    pub ms: u32,
    /// What the receiver answered; `None`: nothing.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<String>,
}

/// One event on its way to one webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Whose.
    pub tenant: TenantId,
    /// The event's place in the log; 0: it is in none.
    pub seq: u64,
    /// The event's type.
    pub kind: String,
    /// What the order is kept for.
    pub key: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// While it is pending: an earlier one of its key waits.
    pub held: bool,
    /// While it is pending: a later one of its key is held, or was.
    pub followed: bool,
    /// While it is pending: not before.
    pub due: Timestamp,
    /// Tries since it was made, or redelivered.
    pub tries: u16,
    /// The last tries, the oldest first.
    pub history: Vec<DeliveryTry>,
    /// The beginning of what the receiver answered last.
    pub excerpt: Option<String>,
    /// The payload of an event that is in no log: a JSON object, as text.
    pub payload: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Deliveries by webhook, and by the id of the event, which is the id that
/// the receiver sees: of one event there is one delivery to a webhook.
#[derive(Debug)]
pub struct Deliveries;

impl Table for Deliveries {
    const NAME: &'static str = "deliveries";
    const TAG: u16 = 0x0d11;
    const VERSION: u8 = 1;
    type Key = (WebhookId, EventId);
    type Row = Delivery;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<DeliveriesDue>(),
        IndexDef::of::<DeliveriesInOrder>(),
        IndexDef::of::<DeliveriesByStatus>(),
    ];
}

/// What is to be tried of a webhook, and when; what is held is left out.
#[derive(Debug)]
pub struct DeliveriesDue;

impl Lookup for DeliveriesDue {
    type Table = Deliveries;
    const NAME: &'static str = "deliveries due";
    const TAG: u16 = 0x0d12;
    const UNIQUE: bool = false;
    type Key = (WebhookId, Timestamp, u64);

    fn key((webhook, _): &(WebhookId, EventId), row: &Delivery) -> Option<Self::Key> {
        let due = row.status == DeliveryStatus::Pending && !row.held;
        due.then_some((*webhook, row.due, row.seq))
    }
}

/// What is pending of a webhook and a key, in the order of the log.
#[derive(Debug)]
pub struct DeliveriesInOrder;

impl Lookup for DeliveriesInOrder {
    type Table = Deliveries;
    const NAME: &'static str = "deliveries in order";
    const TAG: u16 = 0x0d13;
    const UNIQUE: bool = false;
    type Key = (WebhookId, Term, u64);

    fn key((webhook, _): &(WebhookId, EventId), row: &Delivery) -> Option<Self::Key> {
        let pending = row.status == DeliveryStatus::Pending;
        pending.then(|| (*webhook, Term::new(&row.key), row.seq))
    }
}

/// Deliveries of a webhook by status; in it by the event's age.
#[derive(Debug)]
pub struct DeliveriesByStatus;

impl Lookup for DeliveriesByStatus {
    type Table = Deliveries;
    const NAME: &'static str = "deliveries by status";
    const TAG: u16 = 0x0d14;
    const UNIQUE: bool = false;
    type Key = (WebhookId, u8);

    fn key((webhook, _): &(WebhookId, EventId), row: &Delivery) -> Option<Self::Key> {
        Some((*webhook, row.status.code()))
    }
}
