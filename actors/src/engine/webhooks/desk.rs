//! Where commands about webhooks are handed in.

use std::sync::Arc;

use tokio::sync::{Mutex, watch};
use zelador_store::author::Author;
use zelador_store::id::EventId;

use super::commands::{self, redeliver};
use super::courier::Courier;
use super::messages::{
    Delete, DeliveryRecord, Make, Range, Redelivered, Revise, Rotate, Test, WebhookRecord, Which,
};
use super::settings::WebhookSettings;
use crate::answer::Keep;
use crate::engine::Shell;
use crate::engine::seal::Seal;
use crate::error::Error;

/// Takes in commands about webhooks; clones are the same desk. Its callers do the
/// work themselves: what two of them want at once, the rows that they expect put in
/// order.
#[derive(Clone)]
pub struct WebhookDesk {
    pub(super) shell: Shell,
    pub(super) seal: Seal,
    pub(super) courier: Courier,
    pub(super) settings: watch::Receiver<Arc<WebhookSettings>>,
    /// One after the other is made, so that no tenant gets more than it may have.
    pub(super) making: Arc<Mutex<()>>,
}

impl WebhookDesk {
    /// A desk.
    pub fn new(
        shell: Shell,
        seal: Seal,
        courier: Courier,
        settings: watch::Receiver<Arc<WebhookSettings>>,
    ) -> Self {
        Self { shell, seal, courier, settings, making: Arc::default() }
    }

    /// What holds now.
    pub fn settings(&self) -> Arc<WebhookSettings> {
        self.settings.borrow().clone()
    }

    /// The courier that takes what is made.
    pub fn courier(&self) -> &Courier {
        &self.courier
    }

    /// Makes a webhook. Refused: a URL or events that cannot be, one too many.
    pub async fn make(&self, command: Make) -> Result<WebhookRecord, Error> {
        commands::make(self, command).await
    }

    /// Makes a webhook what a draft says.
    pub async fn revise(&self, command: Revise) -> Result<WebhookRecord, Error> {
        commands::revise(self, command).await
    }

    /// Deletes a webhook.
    pub async fn delete(&self, command: Delete) -> Result<(), Error> {
        commands::delete(self, command).await
    }

    /// Replaces a webhook's secret, with an overlap of 24 h.
    pub async fn rotate(&self, command: Rotate) -> Result<WebhookRecord, Error> {
        commands::rotate(self, command).await
    }

    /// Sends an event of its own making. Refused: the webhook is off.
    pub async fn test(&self, command: Test) -> Result<DeliveryRecord, Error> {
        redeliver::test(self, command).await
    }

    /// Sends one event again, whatever became of it. Refused: the webhook is off, or
    /// the event is no longer kept.
    pub async fn redeliver(
        &self,
        which: Which,
        event: EventId,
        by: &Author,
        keep: Option<Keep<DeliveryRecord>>,
    ) -> Result<DeliveryRecord, Error> {
        redeliver::one(self, which, event, by, keep).await
    }

    /// Sends events again; on trial nothing is sent, and they are counted.
    pub async fn redeliver_range(
        &self,
        which: Which,
        range: Range,
        by: &Author,
        on_trial: bool,
    ) -> Result<Redelivered, Error> {
        redeliver::range(self, which, range, by, on_trial).await
    }
}
