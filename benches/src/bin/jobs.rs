//! 20,000 jobs that do nothing, each durable when it is enqueued, started and
//! finished, through the daemon's own desk on the embedded engine; beside raw
//! appends grouped and synced in the same way, measured before and after.
//!
//! Then, with nothing to do: how long after its enqueueing was answered a job
//! is picked up.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::sync::mpsc;
use tokio::time::Instant;
use zelador_actors::engine::jobs::{Failure as JobFailure, Handler, Handlers, JobCx};
use zelador_actors::engine::jobs::{JobSettings, NewJob};
use zelador_actors::engine::settings::{QueueSettings, default_kinds, default_queues};
use zelador_benches::Failure;
use zelador_benches::desk::Desk;
use zelador_benches::floor::raw_rate;
use zelador_benches::{
    judge, judge_at_most, median, processor_seconds, resident_mib, say, surroundings, verdict,
    workplace,
};
use zelador_store::Write;
use zelador_store::job::{JobCounts, JobState};
use zelador_store::kv::Term;

const JOBS: u32 = 20_000;
/// Jobs that run at once: as many as there are writers.
const CONCURRENCY: u32 = 64;
const ROUNDS: usize = 3;
const FLOOR_TIME: Duration = Duration::from_secs(3);
const PICK_UPS: usize = 1000;
/// Of the raw rate.
const RATE_FIGURE: f64 = 0.15;
const PICK_UP_FIGURE: Duration = Duration::from_millis(25);

const QUEUE: &str = "bench";
const NOTHING: &str = "bench.nothing";
const TELL: &str = "bench.tell";

struct Nothing;

#[async_trait]
impl Handler for Nothing {
    async fn run(&self, _: JobCx) -> Result<Write, JobFailure> {
        Ok(Write::new())
    }
}

/// Tells when it was started.
struct Tell(mpsc::UnboundedSender<Instant>);

#[async_trait]
impl Handler for Tell {
    async fn run(&self, _: JobCx) -> Result<Write, JobFailure> {
        self.0.send(Instant::now()).map_err(JobFailure::permanent)?;
        Ok(Write::new())
    }
}

/// A desk that can do both kinds.
struct Place {
    desk: Desk,
    started: mpsc::UnboundedReceiver<Instant>,
}

impl Place {
    fn open(dir: &Path) -> Result<Self, Failure> {
        let (tell, started) = mpsc::unbounded_channel();
        let mut handlers = Handlers::new();
        handlers.insert(NOTHING, Arc::new(Nothing));
        handlers.insert(TELL, Arc::new(Tell(tell)));
        let mut settings = JobSettings { queues: default_queues(), kinds: default_kinds() };
        let lanes = QueueSettings { concurrency: CONCURRENCY, rate_per_second: None };
        settings.queues.insert(QUEUE.to_owned(), lanes);
        Ok(Self { desk: Desk::open(dir, handlers, settings)?, started })
    }

    /// Jobs that have durably succeeded.
    async fn done(&self) -> Result<i64, Failure> {
        let key = (Term::new(QUEUE), JobState::Succeeded.code());
        Ok(self.desk.shell.store.count::<JobCounts>(&key).await?)
    }
}

fn job(kind: &str) -> NewJob {
    NewJob { queue: Some(QUEUE.to_owned()), ..NewJob::new(kind, &()) }
}

/// Jobs per second, from the first enqueueing to the last durable end.
async fn end_to_end(place: &Place) -> Result<f64, Failure> {
    let (began, processor) = (Instant::now(), processor_seconds("self"));
    place.desk.enqueue(JOBS, |_| job(NOTHING)).await?;
    let enqueued = began.elapsed();
    while place.done().await? < i64::from(JOBS) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = began.elapsed();
    let processor = (processor_seconds("self") - processor) * 1e6 / f64::from(JOBS);
    say(&format!(
        "  enqueued after {enqueued:.2?}, all done after {took:.2?}; \
         {processor:.0} µs of processor each, {:.1} jobs a turn of the desk",
        f64::from(JOBS) / f64::from(u32::try_from(place.desk.jobs.turns())?)
    ));
    Ok(f64::from(JOBS) / took.as_secs_f64())
}

/// How long after its enqueueing was answered each job was started, sorted.
async fn pick_ups(place: &mut Place) -> Result<Vec<Duration>, Failure> {
    let mut waits = Vec::with_capacity(PICK_UPS);
    for _ in 0..PICK_UPS {
        place.desk.jobs.enqueue(job(TELL), |_| Write::new()).await?;
        let answered = Instant::now();
        let started = place.started.recv().await.ok_or("the handler is gone")?;
        waits.push(started.saturating_duration_since(answered));
        while place.desk.jobs.running() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    waits.sort_unstable();
    Ok(waits)
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// What the daemon has beside it, too: a log of level `info`, and metrics.
fn observe() -> Result<(), Failure> {
    tracing_subscriber::fmt().with_writer(std::io::sink).try_init()?;
    PrometheusBuilder::new().install_recorder()?;
    Ok(())
}

async fn rates(dir: &Path) -> Result<f64, Failure> {
    let mut ratios = Vec::new();
    let mut before = raw_rate(dir, FLOOR_TIME).await?;
    for round in 0..ROUNDS {
        let data = dir.join(format!("rate-{round}"));
        let place = Place::open(&data)?;
        let rate = end_to_end(&place).await?;
        place.desk.close().await?;
        std::fs::remove_dir_all(data)?;
        let after = raw_rate(dir, FLOOR_TIME).await?;
        let ratio = rate / f64::midpoint(before, after);
        say(&format!(
            "round {round}: {rate:.0} jobs/s, raw {before:.0}/s before and {after:.0}/s after, \
             {ratio:.3}; {}, {:.0} MiB resident",
            surroundings(),
            resident_mib()
        ));
        ratios.push(ratio);
        before = after;
    }
    Ok(median(ratios))
}

async fn slowest_pick_up(dir: &Path) -> Result<Duration, Failure> {
    let mut place = Place::open(&dir.join("pick-up"))?;
    let waits = pick_ups(&mut place).await?;
    place.desk.close().await?;
    say(&format!(
        "pick-up of {PICK_UPS} jobs, one at a time: median {:.2?}, p99 {:.2?}, slowest {:.2?}; {}",
        percentile(&waits, 50),
        percentile(&waits, 99),
        percentile(&waits, 100),
        surroundings()
    ));
    Ok(percentile(&waits, 99))
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    observe()?;
    let place = workplace()?;
    let ratio = rates(place.path()).await?;
    let rate_verdict = judge("jobs end to end against raw appends", ratio, RATE_FIGURE);
    let wait = slowest_pick_up(place.path()).await?;
    let (wait, figure) = (wait.as_secs_f64() * 1000.0, PICK_UP_FIGURE.as_secs_f64() * 1000.0);
    let pick_up_verdict = judge_at_most("pick-up p99 in ms", wait, figure);
    Ok(verdict([rate_verdict, pick_up_verdict]))
}
