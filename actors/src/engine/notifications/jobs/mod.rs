//! The kinds of background work of notices.
//!
//! - `notification.send`: tells one person one thing, by one channel.
//! - `notification.remind`: a reminder's time has come; it looks again, and sends.
//! - `notification.test`: a sample to an address of the operator's.
//! - `notifications.prune`: forgets what was told long ago.

mod prune;
mod remind;
mod send;
mod test;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zelador_store::Write;
use zelador_store::id::{BookingId, TenantId, UserId};
use zelador_store::notice::NoticeKind;

use crate::engine::jobs::{JobCx, NewJob};

pub(super) use prune::Prune;
pub(super) use remind::{Remind, Reminder};
pub(super) use send::Send;
pub use test::Sample;
pub(super) use test::Test;

/// The kind of job that tells somebody something.
pub(super) const SEND: &str = "notification.send";
/// The kind of job that reminds somebody of a booking.
pub(super) const REMIND: &str = "notification.remind";
/// The kind of job that sends a sample.
pub const TEST: &str = "notification.test";
/// The kind of job that forgets what was told long ago.
pub(super) const PRUNE: &str = "notifications.prune";

/// How somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// By mail.
    Email,
    /// By the gateway.
    Gateway,
}

impl Channel {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Gateway => "gateway",
        }
    }
}

/// One thing to tell one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// How.
    pub channel: Channel,
    /// Whom.
    pub user_id: UserId,
    /// Whose person.
    pub tenant_id: TenantId,
    /// What had it be told: ids of events, or a reminder's key; at least one. The
    /// same cause tells the same person once.
    pub sources: Vec<String>,
    /// About which bookings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bookings: Vec<BookingId>,
    /// How many more there are than are named.
    #[serde(default)]
    pub more: usize,
    /// What the event said.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub facts: Value,
}

impl Notice {
    /// What a cause is known by once it was told.
    pub fn digest(&self, source: &str) -> [u8; 32] {
        let text = format!("{source}|{}|{}", self.user_id, self.channel.word());
        Sha256::digest(text.as_bytes()).into()
    }

    /// What makes it this notice, however often it is sent.
    fn id(&self) -> String {
        let source = self.sources.first().map(String::as_str).unwrap_or_default();
        hex::encode(self.digest(source).get(..16).unwrap_or_default())
    }

    /// The job that tells it.
    pub fn job(&self) -> NewJob {
        NewJob::new(SEND, self).about(self.tenant_id, self.user_id)
    }
}

/// Nothing is to be sent, and why.
fn done(cx: &JobCx, why: &str) -> Write {
    cx.progress(1, 1, why);
    tracing::debug!(why, "nothing was sent");
    Write::new()
}
