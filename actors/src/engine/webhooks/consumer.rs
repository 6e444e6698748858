//! The consumer `webhooks`: from an event to a delivery for each webhook of its
//! tenant that wants it.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use parking_lot::Mutex;
use zelador_store::delivery::{Deliveries, Delivery, DeliveryStatus};
use zelador_store::event::Event;
use zelador_store::id::{TenantId, WebhookId};
use zelador_store::webhook::{Webhooks, WebhooksByTenant};
use zelador_store::{Query, Stored, Timestamp, Write};

use super::courier::Courier;
use super::rules::filter;
use crate::engine::Shell;
use crate::engine::events::{Begin, Consume, EventCx};
use crate::engine::jobs::Failure;

/// Events taken in one commit.
const AT_ONCE: usize = 64;

/// More webhooks than any tenant may have, whatever is configured.
pub(super) const MOST: usize = 1000;

/// Makes deliveries of events.
pub struct FanOut {
    courier: Courier,
    /// Whose deliveries are staged, and not yet committed.
    staged: Mutex<HashSet<WebhookId>>,
}

impl FanOut {
    /// One that wakes this courier.
    pub fn new(courier: Courier) -> Self {
        Self { courier, staged: Mutex::default() }
    }

    async fn fan_out(&self, shell: &Shell, events: &[(u64, &Event)]) -> Result<Write, Failure> {
        let mut write = Write::new();
        let mut hooks: HashMap<TenantId, Vec<Stored<Webhooks>>> = HashMap::new();
        let mut expected = HashSet::new();
        for (seq, event) in events {
            let Some(tenant) = event.tenant else { continue };
            let hooks = match hooks.entry(tenant) {
                std::collections::hash_map::Entry::Occupied(found) => found.into_mut(),
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(webhooks_of(shell, tenant).await?)
                }
            };
            for hook in hooks.iter().filter(|hook| wants(hook, event)) {
                let key = (hook.key, event.id);
                // A replay must not double what is there.
                if shell.store.get::<Deliveries>(&key).await?.is_some() {
                    continue;
                }
                if expected.insert(hook.key) {
                    // One that is being deleted must not leave anything behind.
                    write.expect(hook);
                }
                write.insert::<Deliveries>(&key, &delivery(tenant, *seq, event, shell.now()));
            }
        }
        *self.staged.lock() = expected;
        Ok(write)
    }
}

#[async_trait]
impl Consume for FanOut {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn wants(&self, event: &Event) -> bool {
        event.tenant.is_some()
    }

    async fn consume(&self, cx: &EventCx, seq: u64, event: &Event) -> Result<Write, Failure> {
        self.fan_out(&cx.shell, &[(seq, event)]).await
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    async fn consume_all(&self, cx: &EventCx, events: &[(u64, &Event)]) -> Result<Write, Failure> {
        self.fan_out(&cx.shell, events).await
    }

    fn committed(&self) {
        self.courier.look(std::mem::take(&mut *self.staged.lock()));
    }

    /// What happened before there were webhooks is nobody's business.
    fn begins(&self) -> Begin {
        Begin::Now
    }
}

/// The webhooks of a tenant.
pub(super) async fn webhooks_of(
    shell: &Shell,
    tenant: TenantId,
) -> Result<Vec<Stored<Webhooks>>, zelador_store::Error> {
    let query = Query::under_key(&tenant).limit(MOST);
    Ok(shell.store.page_by::<WebhooksByTenant>(&query).await?.rows)
}

fn wants(hook: &Stored<Webhooks>, event: &Event) -> bool {
    let row = &hook.row;
    row.is_active && event.at >= row.active_since && filter::takes(&row.events, &event.kind)
}

/// A delivery that is to be tried at once.
pub(super) fn delivery(tenant: TenantId, seq: u64, event: &Event, now: Timestamp) -> Delivery {
    Delivery {
        tenant,
        seq,
        kind: event.kind.clone(),
        key: event.key.clone(),
        status: DeliveryStatus::Pending,
        held: false,
        followed: false,
        due: now,
        tries: 0,
        history: Vec::new(),
        excerpt: None,
        payload: None,
        created_at: now,
        updated_at: now,
    }
}
