//! Deliveries: whatever is held is set free by somebody. Before it stands an earlier
//! one of its key, pending and marked as followed, or it would wait for ever.

use std::collections::BTreeMap;

use super::read;
use crate::delivery::{Deliveries, Delivery, DeliveryStatus};
use crate::id::{EventId, WebhookId};
use crate::kv::Table;
use crate::kv::keeping::Finding;
use crate::webhook::Webhooks;

/// What was met on the walk. Rows that cannot be read are the general check's
/// to name.
#[derive(Default)]
pub(super) struct Posted {
    /// Deliveries of one that is gone are being removed.
    webhooks: Vec<WebhookId>,
    /// What is pending, by webhook and key.
    queues: BTreeMap<(WebhookId, String), Queue>,
}

/// What is pending of one webhook and key.
#[derive(Default)]
struct Queue {
    /// The place in the log of the first that will set another free.
    first: Option<u64>,
    held: Vec<(u64, EventId)>,
}

impl Posted {
    pub(super) fn look(&mut self, key: &[u8], value: &[u8]) {
        let Some((tag, rest)) = key.split_first_chunk() else { return };
        match u16::from_be_bytes(*tag) {
            Webhooks::TAG => self.webhooks.extend(read::<Webhooks>(rest, value).map(|(id, _)| id)),
            Deliveries::TAG => {
                if let Some(((webhook, event), row)) = read::<Deliveries>(rest, value) {
                    self.delivery(webhook, event, row);
                }
            }
            _ => {}
        }
    }

    fn delivery(&mut self, webhook: WebhookId, event: EventId, row: Delivery) {
        let waits = row.status == DeliveryStatus::Pending && (row.held || row.followed);
        if !waits {
            return;
        }
        let queue = self.queues.entry((webhook, row.key)).or_default();
        if row.followed {
            queue.first = Some(queue.first.map_or(row.seq, |first| first.min(row.seq)));
        }
        if row.held {
            queue.held.push((row.seq, event));
        }
    }

    pub(super) fn compare(mut self, findings: &mut Vec<Finding>) {
        self.webhooks.sort_unstable();
        for ((webhook, key), queue) in &self.queues {
            if self.webhooks.binary_search(webhook).is_err() {
                continue;
            }
            for (seq, event) in &queue.held {
                if queue.first.is_none_or(|first| first >= *seq) {
                    let problem = format!(
                        "{event} to {webhook} is held, and none of «{key}» before it would free it"
                    );
                    findings.push(Finding::new(Deliveries::NAME, problem));
                }
            }
        }
    }
}
