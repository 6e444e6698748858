//! What is answered about webhooks from committed data, on the caller's task.

use zelador_store::delivery::{Deliveries, DeliveriesByStatus, DeliveryStatus};
use zelador_store::event::Events;
use zelador_store::id::{EventId, TenantId, WebhookId};
use zelador_store::webhook::{WebhookHealths, Webhooks, WebhooksByTenant};
use zelador_store::{Cursor, Page, Query, Stored};

use super::messages::{DeliveryRecord, WebhookRecord, Which};
use super::rules::turn;
use crate::engine::Shell;
use crate::error::{During, Error, Refusal};
use crate::tenants;

/// A webhook of a living tenant.
pub(super) async fn load(shell: &Shell, which: Which) -> Result<Stored<Webhooks>, Error> {
    tenants::load(shell, which.tenant).await?;
    let found = shell.store.get::<Webhooks>(&which.id).await.during("reading a webhook")?;
    let own = found.filter(|found| found.row.tenant == which.tenant);
    Ok(own.ok_or(Refusal::Absent { what: "webhook" })?)
}

/// How a webhook does, if anything was ever sent.
pub(super) async fn health_of(
    shell: &Shell,
    id: WebhookId,
) -> Result<Option<Stored<WebhookHealths>>, Error> {
    shell.store.get::<WebhookHealths>(&id).await.during("reading how a webhook does")
}

/// The number of the last event.
pub(super) async fn tip(shell: &Shell) -> Result<u64, Error> {
    let last = Query::all().reverse().limit(1);
    let page = shell.store.page::<Events>(&last).await.during("reading the log")?;
    Ok(page.rows.first().map_or(0, |stored| stored.key))
}

/// A webhook.
pub async fn webhook(shell: &Shell, which: Which) -> Result<WebhookRecord, Error> {
    record(shell, load(shell, which).await?).await
}

async fn record(shell: &Shell, found: Stored<Webhooks>) -> Result<WebhookRecord, Error> {
    let health = health_of(shell, found.key).await?.map(|found| found.row).unwrap_or_default();
    Ok(WebhookRecord { id: found.key, webhook: found.row, health, made: None })
}

impl WebhookRecord {
    /// The first event that it may have missed since something arrived last.
    pub fn replay_from(&self) -> Option<u64> {
        super::courier::earlier(self.webhook.replay_from, turn::replay_from(&self.health))
    }
}

/// The webhooks of a tenant, the oldest first.
pub async fn webhooks(
    shell: &Shell,
    tenant: TenantId,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<WebhookRecord>, Error> {
    tenants::load(shell, tenant).await?;
    let query = Query::under_key(&tenant).after(after).limit(limit);
    let page = shell.store.page_by::<WebhooksByTenant>(&query).await;
    let page = page.during("listing webhooks")?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for found in page.rows {
        rows.push(record(shell, found).await?);
    }
    Ok(Page { rows, next: page.next })
}

/// The deliveries of a webhook, the newest event first; of one status, or of any.
pub async fn deliveries(
    shell: &Shell,
    which: Which,
    status: Option<DeliveryStatus>,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<DeliveryRecord>, Error> {
    load(shell, which).await?;
    let store = &shell.store;
    let page = if let Some(status) = status {
        let query = Query::under_key(&(which.id, status.code()));
        store.page_by::<DeliveriesByStatus>(&query.reverse().after(after).limit(limit)).await
    } else {
        let query = Query::under(&(which.id,)).reverse().after(after).limit(limit);
        store.page::<Deliveries>(&query).await
    };
    let page = page.during("listing deliveries")?;
    Ok(Page { rows: page.rows.into_iter().map(delivery_record).collect(), next: page.next })
}

/// A delivery of a webhook.
pub async fn delivery(
    shell: &Shell,
    which: Which,
    event: EventId,
) -> Result<DeliveryRecord, Error> {
    load(shell, which).await?;
    let found = shell.store.get::<Deliveries>(&(which.id, event)).await;
    let found = found.during("reading a delivery")?;
    Ok(delivery_record(found.ok_or(Refusal::Absent { what: "delivery" })?))
}

pub(super) fn delivery_record(found: Stored<Deliveries>) -> DeliveryRecord {
    let (webhook, id) = found.key;
    DeliveryRecord { id, webhook, delivery: found.row }
}
