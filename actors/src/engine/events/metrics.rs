//! The consumer `metrics`: how often each type of event happens.

use std::collections::HashMap;

use async_trait::async_trait;
use metrics::Counter;
use parking_lot::Mutex;
use zelador_store::Write;
use zelador_store::event::Event;
use zelador_store::user::Users;

use super::consumer::{Begin, Consume, EventCx};
use super::kinds;
use crate::engine::jobs::Failure;

/// Counts events by type in `zelador_events_total`.
///
/// The counter lives as long as the process; after a fall of the loop the last
/// few hundred events may be counted again.
#[derive(Default)]
pub struct Metrics {
    /// By type, as they are met: there are as many as there are types.
    counters: Mutex<HashMap<String, Counter>>,
}

impl Metrics {
    fn count(&self, kind: &str) {
        let mut counters = self.counters.lock();
        if let Some(counter) = counters.get(kind) {
            return counter.increment(1);
        }
        let counter = metrics::counter!("zelador_events_total", "type" => kind.to_owned());
        counter.increment(1);
        counters.insert(kind.to_owned(), counter);
    }
}

#[async_trait]
impl Consume for Metrics {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn wants(&self, _event: &Event) -> bool {
        true
    }

    async fn consume(&self, cx: &EventCx, seq: u64, event: &Event) -> Result<Write, Failure> {
        // It sees every event, and a suite that made a wrong one must fail.
        if cfg!(debug_assertions)
            && let Some(flaw) = kinds::undocumented(&event.kind, &event.data)
            && !is_of_nobody(cx, event).await
        {
            tracing::error!(seq, flaw, "an event does not fit its type");
        }
        self.count(&event.kind);
        Ok(Write::new())
    }

    fn begins(&self) -> Begin {
        Begin::Now
    }
}

/// Whether it is about somebody who is erased: less is left than was told.
async fn is_of_nobody(cx: &EventCx, event: &Event) -> bool {
    let Some(user) = event.user else { return false };
    let found = cx.shell.store.get::<Users>(&user).await;
    found.is_ok_and(|found| found.is_none_or(|user| user.row.name.is_empty()))
}
