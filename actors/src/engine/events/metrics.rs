//! The consumer `metrics`: how often each type of event happens.

use async_trait::async_trait;
use zelador_store::Write;
use zelador_store::event::Event;

use super::consumer::{Begin, Consume, EventCx};
use crate::engine::jobs::Failure;

/// Counts events by type in `zelador_events_total`.
///
/// The counter lives as long as the process; after a fall of the loop the last
/// few hundred events may be counted again.
pub struct Metrics;

#[async_trait]
impl Consume for Metrics {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn wants(&self, _event: &Event) -> bool {
        true
    }

    async fn consume(&self, _cx: &EventCx, _seq: u64, event: &Event) -> Result<Write, Failure> {
        metrics::counter!("zelador_events_total", "type" => event.kind.clone()).increment(1);
        Ok(Write::new())
    }

    fn begins(&self) -> Begin {
        Begin::Now
    }
}
