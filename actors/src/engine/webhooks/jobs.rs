//! `webhooks.prune`: deliveries go once their time is over. `webhooks.clear`: all
//! deliveries of a webhook that was deleted go.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use zelador_store::delivery::{Deliveries, DeliveriesByStatus, DeliveryStatus};
use zelador_store::id::{EventId, TenantId, WebhookId};
use zelador_store::webhook::{WebhookHealths, Webhooks, WebhooksByTenant};
use zelador_store::{Cursor, Query, Timestamp, Write};

use super::messages::Which;
use super::settings::WebhookSettings;
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};

/// The kind of job that removes what is old.
pub const PRUNE: &str = "webhooks.prune";

/// The kind of job that removes what a deleted webhook leaves behind.
pub const CLEAR: &str = "webhooks.clear";

/// Rows removed in one commit.
const STEP: usize = 200;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long after the end of its tenant a webhook is still served.
const LAST_WORD: Duration = Duration::from_secs(60);

#[derive(Debug, Serialize, Deserialize)]
struct Args {
    webhook_id: WebhookId,
}

/// The job that clears up after a webhook.
pub(super) fn clear(which: Which) -> NewJob {
    let mut job = NewJob::new(CLEAR, &Args { webhook_id: which.id });
    job.tenant = Some(which.tenant);
    job
}

/// Does the work of `webhooks.clear`.
#[derive(Debug, Default)]
pub struct Clear;

#[async_trait]
impl Handler for Clear {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Args { webhook_id } = cx.args()?;
        let count = clear_deliveries(&cx.shell, webhook_id).await?;
        tracing::info!(%webhook_id, count, "deliveries of a deleted webhook removed");
        Ok(Write::new())
    }
}

/// Removes all deliveries of a webhook; how many.
async fn clear_deliveries(shell: &Shell, webhook: WebhookId) -> Result<u64, Failure> {
    let mut count = 0;
    loop {
        let query = Query::under(&(webhook,)).limit(STEP);
        let page = shell.store.page::<Deliveries>(&query).await?;
        if page.rows.is_empty() {
            return Ok(count);
        }
        let mut write = Write::new();
        for row in &page.rows {
            write.remove::<Deliveries>(row);
        }
        if committed(shell, write).await? {
            count += page.rows.len() as u64;
        }
    }
}

/// `false`: something was changed meanwhile; look again.
async fn committed(shell: &Shell, write: Write) -> Result<bool, Failure> {
    match shell.store.commit(write).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_conflict() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Removes the webhooks of a deleted tenant. They are left a little time to tell of
/// its end, then what is still on its way stays behind.
pub(crate) async fn purge(cx: &JobCx, tenant: TenantId, deleted: Timestamp) -> Result<(), Failure> {
    loop {
        let query = Query::under_key(&tenant).limit(1);
        let page = cx.shell.store.page_by::<WebhooksByTenant>(&query).await?;
        let Some(hook) = page.rows.first() else { return Ok(()) };
        let now = cx.shell.now();
        if now < deleted + LAST_WORD && hook.row.is_active && is_telling(cx, hook.key).await? {
            let until = Some(now + Duration::from_secs(1));
            let reason = "its webhooks tell of the end".to_owned();
            return Err(Failure::Snooze { until, reason });
        }
        let mut write = Write::new();
        write.remove::<Webhooks>(hook);
        if let Some(health) = cx.shell.store.get::<WebhookHealths>(&hook.key).await? {
            write.remove::<WebhookHealths>(&health);
        }
        // First the webhook: nothing new is made for one that is not there.
        if committed(&cx.shell, write).await? {
            clear_deliveries(&cx.shell, hook.key).await?;
        }
    }
}

/// Whether events are still on their first way to a webhook, or not yet read.
async fn is_telling(cx: &JobCx, webhook: WebhookId) -> Result<bool, Failure> {
    use zelador_store::event::Consumers;
    let consumer = cx.shell.store.get::<Consumers>(&"webhooks".to_owned()).await?;
    let tip = super::queries::tip(&cx.shell).await?;
    if consumer.is_some_and(|found| !found.row.detached && found.row.cursor < tip) {
        return Ok(true);
    }
    let query = Query::under_key(&(webhook, DeliveryStatus::Pending.code())).limit(STEP);
    let page = cx.shell.store.page_by::<DeliveriesByStatus>(&query).await?;
    Ok(page.rows.iter().any(|one| one.row.tries == 0))
}

/// Does the work of `webhooks.prune`.
pub struct PruneDeliveries(watch::Receiver<Arc<WebhookSettings>>);

impl PruneDeliveries {
    /// With live settings.
    pub fn new(settings: watch::Receiver<Arc<WebhookSettings>>) -> Self {
        Self(settings)
    }
}

#[async_trait]
impl Handler for PruneDeliveries {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let settings = self.0.borrow().clone();
        let before = |days: u32| cx.shell.now() - DAY * days.max(1);
        let limits = [
            (DeliveryStatus::Delivered, before(settings.keep_deliveries_days)),
            (DeliveryStatus::Failed, before(settings.keep_failed_days)),
        ];
        let (mut count, mut after): (u64, Option<Cursor>) = (0, None);
        loop {
            let page =
                cx.shell.store.page::<Webhooks>(&Query::all().after(after).limit(STEP)).await?;
            for hook in &page.rows {
                for (status, before) in limits {
                    count += prune(&cx.shell, hook.key, status, before).await?;
                }
                cx.progress(count, count, "removing old deliveries");
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        tracing::info!(count, "old deliveries removed");
        Ok(Write::new())
    }
}

/// Removes deliveries of events from before an instant; how many.
async fn prune(
    shell: &Shell,
    webhook: WebhookId,
    status: DeliveryStatus,
    before: Timestamp,
) -> Result<u64, Failure> {
    // Ids begin with the instant of their making.
    let limit: EventId = EventId::new(before, [0; 10]);
    let mut count = 0;
    loop {
        let query = Query::under_key(&(webhook, status.code())).limit(STEP);
        let page = shell.store.page_by::<DeliveriesByStatus>(&query).await?;
        let old = page.rows.iter().filter(|one| one.key.1 < limit);
        let mut write = Write::new();
        let mut removed = 0;
        for row in old {
            write.remove::<Deliveries>(row);
            removed += 1;
        }
        if removed == 0 {
            return Ok(count);
        }
        if committed(shell, write).await? {
            count += removed;
        }
    }
}
