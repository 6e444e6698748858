//! Webhooks: events sent to where their tenants want them.
//!
//! ```text
//! event log ──▶ consumer `webhooks` ──▶ a delivery for each webhook that wants it
//!               (rows and cursor: one commit)          │ due
//!                                                      ▼
//!                    courier: fair shares, first of its key ──▶ one try ──▶ its end, one commit
//! webhook:  active ⇄ off (by hand)      active ── 410, or five days of failures ──▶ off
//! ```
//!
//! Invariants:
//! - Of one event there is one delivery to a webhook, and every try of it carries
//!   the same `webhook-id`.
//! - Of one key (a booking) the earliest pending delivery to a webhook is tried, and
//!   no other; nothing else waits for it.
//! - A try under way is known in memory alone: what a crash cut off is tried again.
//! - No secret is in a row unsealed, in an answer a second time, or in a log.

pub mod client;
mod commands;
mod consumer;
mod courier;
mod desk;
pub mod guard;
pub mod jobs;
mod messages;
pub mod queries;
pub mod rules;
pub mod settings;
#[cfg(any(test, feature = "sink"))]
pub mod sink;
mod tell;

#[cfg(test)]
mod tests;

pub use consumer::FanOut;
pub use courier::{Courier, CourierStatus};
pub use desk::WebhookDesk;
pub use messages::{
    Delete, DeliveryRecord, Make, NewSecret, Range, Redelivered, Revise, Rotate, SecretChange,
    Since, Test, WebhookDraft, WebhookRecord, Which,
};
pub use settings::WebhookSettings;

/// What a webhook's secrets are sealed for.
pub(crate) fn sealed_for(id: zelador_store::id::WebhookId) -> String {
    format!("webhook/{id}")
}
