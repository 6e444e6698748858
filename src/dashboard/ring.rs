//! How much was done over the last hours: a ring of samples of what `/metrics`
//! counts. It is bounded, lives in memory, and begins anew with the daemon.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::interval;

use crate::api::health::Vitals;

/// How often a sample is taken.
const EVERY: Duration = Duration::from_secs(10);
/// Samples kept: six hours of them.
const KEPT: usize = 6 * 360;
/// Points of a plot.
const POINTS: usize = 90;
/// A plot shows at least so many samples: a quarter of an hour.
const LEAST: usize = POINTS;
/// Of the jobs that waited, so many waited no longer.
const SHARE: f64 = 0.95;

/// What is counted since the start of the process.
#[derive(Debug, Clone, Default, PartialEq)]
struct Totals {
    succeeded: f64,
    failed: f64,
    /// Jobs that waited no longer than so many milliseconds.
    waited: BTreeMap<u64, f64>,
}

/// What happened between two samples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sample {
    succeeded: f64,
    failed: f64,
    /// Seconds that 95 of 100 jobs waited at most, if any began.
    waited: Option<f64>,
}

/// A point of the plots.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Point {
    /// Jobs that came to their end, a minute.
    pub(super) done: f64,
    /// Seconds that most jobs waited, if any began.
    pub(super) waited: Option<f64>,
    /// Of 100 jobs that came to their end, so many failed, if any came.
    pub(super) failed: Option<f64>,
}

/// The plots' points, and how many seconds they cover.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// So many points are of before the daemon's start: nobody knows.
    pub(super) unknown: usize,
    /// The others, the oldest first.
    pub(super) points: Vec<Point>,
    /// Seconds that all of it covers.
    pub(super) seconds: f64,
    /// Seconds of which something is known.
    pub(super) measured: f64,
}

/// The last hours.
#[derive(Default)]
pub(super) struct Ring(Mutex<VecDeque<Sample>>);

impl Ring {
    /// Takes a sample every few seconds.
    pub(super) async fn keep(&self, vitals: &Arc<dyn Vitals>) {
        let mut ticks = interval(EVERY);
        let mut before = Totals::read(&vitals.metrics());
        loop {
            ticks.tick().await;
            let now = Totals::read(&vitals.metrics());
            self.add(Sample::between(&before, &now));
            before = now;
        }
    }

    fn add(&self, sample: Sample) {
        let mut samples = self.0.lock();
        while samples.len() >= KEPT {
            samples.pop_front();
        }
        samples.push_back(sample);
    }

    /// The points of the plots: of as long as there are samples, and of at least a
    /// quarter of an hour.
    pub(super) fn course(&self) -> Course {
        let samples = self.0.lock();
        let each = samples.len().max(LEAST).div_ceil(POINTS);
        // The newest points are whole; the oldest may be of fewer samples.
        let first = samples.len() % each;
        let all: Vec<_> = samples.iter().copied().collect();
        let (odd, whole) = all.split_at(first);
        let begin = (!odd.is_empty()).then(|| Point::of(odd));
        let points: Vec<_> = begin.into_iter().chain(whole.chunks(each).map(Point::of)).collect();
        Course {
            unknown: POINTS.saturating_sub(points.len()),
            seconds: seconds(each * POINTS),
            measured: seconds(samples.len()),
            points,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn seconds(samples: usize) -> f64 {
    samples as f64 * EVERY.as_secs_f64()
}

impl Point {
    fn of(samples: &[Sample]) -> Self {
        let sum = |of: fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>();
        let (succeeded, failed) = (sum(|s| s.succeeded), sum(|s| s.failed));
        let ended = succeeded + failed;
        Self {
            done: ended * 60.0 / seconds(samples.len()).max(1.0),
            waited: samples.iter().filter_map(|s| s.waited).reduce(f64::max),
            failed: (ended > 0.0).then(|| failed * 100.0 / ended),
        }
    }
}

impl Sample {
    fn between(before: &Totals, now: &Totals) -> Self {
        // A counter never goes back; what is not there yet is 0.
        let more = |now: f64, before: f64| (now - before).max(0.0);
        let begun: BTreeMap<u64, f64> = now
            .waited
            .iter()
            .map(|(bound, count)| {
                (*bound, more(*count, before.waited.get(bound).copied().unwrap_or(0.0)))
            })
            .collect();
        let all = begun.values().copied().fold(0.0, f64::max);
        let most = begun.iter().find(|(_, count)| **count >= all * SHARE);
        #[expect(clippy::cast_precision_loss, reason = "bounds of minutes")]
        let waited = most.filter(|_| all > 0.0).map(|(bound, _)| *bound as f64 / 1000.0);
        Self {
            succeeded: more(now.succeeded, before.succeeded),
            failed: more(now.failed, before.failed),
            waited,
        }
    }
}

impl Totals {
    /// Out of the metrics' text.
    fn read(text: &str) -> Self {
        let mut totals = Self::default();
        for line in text.lines().filter(|line| line.starts_with("zelador_job")) {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            let Ok(value) = value.parse::<f64>() else { continue };
            if series.starts_with("zelador_jobs_total{") {
                match label(series, "state") {
                    Some("succeeded") => totals.succeeded += value,
                    Some("failed") => totals.failed += value,
                    _ => {}
                }
            } else if series.starts_with("zelador_job_wait_seconds_bucket{")
                && let Some(bound) = label(series, "le").and_then(millis)
            {
                *totals.waited.entry(bound).or_default() += value;
            }
        }
        totals
    }
}

/// The value of a label.
fn label<'a>(series: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = series.split_once(&format!("{name}=\""))?;
    rest.split('"').next()
}

/// A bound in milliseconds; what is beyond the last one counts as an hour.
fn millis(bound: &str) -> Option<u64> {
    if bound == "+Inf" {
        return Some(3_600_000);
    }
    let seconds: f64 = bound.parse().ok().filter(|seconds: &f64| (0.0..1e6).contains(seconds))?;
    u64::try_from(Duration::from_secs_f64(seconds).as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(done: u32, failed: u32, waits: [u32; 3]) -> String {
        let [soon, later, all] = waits;
        format!(
            "# TYPE zelador_jobs_total counter\n\
             zelador_jobs_total{{queue=\"a\",kind=\"x\",state=\"succeeded\"}} {done}\n\
             zelador_jobs_total{{queue=\"b\",kind=\"y\",state=\"succeeded\"}} 1\n\
             zelador_jobs_total{{queue=\"a\",kind=\"x\",state=\"scheduled\"}} 9\n\
             zelador_jobs_total{{queue=\"a\",kind=\"x\",state=\"failed\"}} {failed}\n\
             zelador_job_wait_seconds_bucket{{queue=\"a\",le=\"0.1\"}} {soon}\n\
             zelador_job_wait_seconds_bucket{{queue=\"a\",le=\"5\"}} {later}\n\
             zelador_job_wait_seconds_bucket{{queue=\"a\",le=\"+Inf\"}} {all}\n\
             nonsense\nzelador_jobs_total\n"
        )
    }

    #[test]
    fn a_sample_is_what_happened_since_the_last() {
        let before = Totals::read(&text(10, 1, [5, 5, 5]));
        assert_eq!((before.succeeded, before.failed), (11.0, 1.0));
        let now = Totals::read(&text(16, 3, [15, 25, 25]));
        let sample = Sample::between(&before, &now);
        assert_eq!(sample, Sample { succeeded: 6.0, failed: 2.0, waited: Some(5.0) });
        assert_eq!(Sample::between(&now, &now), Sample::default());
        let point = Point::of(&[sample, Sample::default()]);
        assert_eq!(point, Point { done: 24.0, waited: Some(5.0), failed: Some(25.0) });
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_plot_grows_with_it() {
        let ring = Ring::default();
        let course = ring.course();
        assert_eq!((course.unknown, course.points.len(), course.seconds), (POINTS, 0, 900.0));
        ring.add(Sample::default());
        let course = ring.course();
        assert_eq!((course.unknown, course.measured), (POINTS - 1, 10.0), "since the start");
        assert_eq!(course.points, [Point::default()], "nothing was done, and nothing failed");
        for _ in 0..KEPT + 50 {
            ring.add(Sample { succeeded: 1.0, ..Sample::default() });
        }
        assert_eq!(ring.0.lock().len(), KEPT);
        let course = ring.course();
        assert_eq!((course.points.len(), course.seconds), (POINTS, 21_600.0));
        assert!(course.points.iter().all(|point| (point.done - 6.0).abs() < 1e-9));
    }
}
