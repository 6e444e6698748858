//! The metrics of the process, as Prometheus reads them.

use std::fmt;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Bounds for what is measured in seconds: from an answer out of memory to the
/// longest job.
const SECONDS: &[f64] = &[
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0, 300.0, 900.0,
];
/// Bounds for what is counted at once.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// The metrics of the process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// Metrics that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("starting the metrics")]
pub struct MetricsError(#[from] BuildError);

impl Metrics {
    /// Starts the metrics of this process; once. Nothing listens: `/metrics`
    /// renders them.
    pub fn start() -> Result<Self, MetricsError> {
        Ok(Self(builder()?.install_recorder()?))
    }

    /// The metrics as text.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds samples away that wait for [`Metrics::render`]; to be called every
    /// few seconds, so that memory stays bounded when nobody asks.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), SIZES)
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_rendered() {
        let recorder = builder().unwrap().build_recorder();
        let rendered = Metrics(recorder.handle());
        ::metrics::with_local_recorder(&recorder, || {
            ::metrics::counter!("zelador_jobs_total", "state" => "succeeded").increment(2);
            ::metrics::histogram!("zelador_job_wait_seconds").record(0.003);
        });
        let text = rendered.render();
        assert!(text.contains("zelador_jobs_total{state=\"succeeded\"} 2"), "{text}");
        assert!(text.contains("zelador_job_wait_seconds_bucket{le=\"0.005\"} 1"), "{text}");
    }
}
