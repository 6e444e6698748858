//! How far a consumer is behind, for those who watch the daemon.

use metrics::Gauge;
use zelador_store::Stored;
use zelador_store::event::Consumers;

use super::rules;

/// The gauge of one consumer, looked up once for each of its loops.
#[derive(Default)]
pub(super) struct Lag(Option<Gauge>);

impl Lag {
    /// Shows how far a consumer is behind the end of the log.
    pub(super) fn show(&mut self, place: &Stored<Consumers>, tip: u64) {
        let gauge = self.0.get_or_insert_with(
            || metrics::gauge!("zelador_event_lag", "consumer" => place.key.clone()),
        );
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a double")]
        gauge.set(rules::lag(&place.row, tip) as f64);
    }
}
