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
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use zelador_actors::engine::jobs::{Failure as JobFailure, Handler, Handlers, JobCx, JobDesk};
use zelador_actors::engine::jobs::{JobSettings, NewJob};
use zelador_actors::engine::settings::QueueSettings;
use zelador_actors::engine::{Clock, Dice, Shell};
use zelador_benches::floor::{Failure, WRITERS, raw_rate};
use zelador_benches::{
    judge, judge_at_most, median, processor_seconds, resident_mib, say, surroundings, verdict,
    workplace,
};
use zelador_store::job::{JobCounts, JobState};
use zelador_store::kv::Term;
use zelador_store::kv::embedded::{Embedded, Options};
use zelador_store::{Store, Write};

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

/// A desk at work on a new store.
struct Place {
    shell: Shell,
    engine: Arc<Embedded>,
    desk: JobDesk,
    started: mpsc::UnboundedReceiver<Instant>,
    // Without it the desk would take the settings for gone.
    _settings: watch::Sender<Arc<JobSettings>>,
}

impl Place {
    fn open(dir: &Path) -> Result<Self, Failure> {
        let clock = Clock::system();
        let options = Options::new(dir, "bench", {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        });
        let (engine, _) = Embedded::open(options)?;
        let shell = Shell { store: Store::new(engine.clone()), clock, dice: Dice::system() };
        let (tell, started) = mpsc::unbounded_channel();
        let mut handlers = Handlers::new();
        handlers.insert(NOTHING, Arc::new(Nothing));
        handlers.insert(TELL, Arc::new(Tell(tell)));
        let mut settings = JobSettings::default();
        let lanes = QueueSettings { concurrency: CONCURRENCY, rate_per_second: None };
        settings.queues.insert(QUEUE.to_owned(), lanes);
        let (sender, settings) = watch::channel(Arc::new(settings));
        let desk = JobDesk::new(shell.clone(), handlers, settings);
        tokio::spawn({
            let desk = desk.clone();
            async move { desk.work().await }
        });
        Ok(Self { shell, engine, desk, started, _settings: sender })
    }

    async fn close(self) -> Result<(), Failure> {
        self.desk.stop(Duration::from_secs(10)).await;
        Ok(self.engine.close()?)
    }

    /// Jobs that have durably succeeded.
    async fn done(&self) -> Result<i64, Failure> {
        let key = (Term::new(QUEUE), JobState::Succeeded.code());
        Ok(self.shell.store.count::<JobCounts>(&key).await?)
    }
}

fn job(kind: &str) -> NewJob {
    NewJob { queue: Some(QUEUE.to_owned()), ..NewJob::new(kind, &()) }
}

/// Jobs per second, from the first enqueueing to the last durable end.
async fn end_to_end(place: &Place) -> Result<f64, Failure> {
    let (began, processor) = (Instant::now(), processor_seconds("self"));
    let mut writers: JoinSet<Result<(), Failure>> = JoinSet::new();
    for writer in 0..WRITERS {
        let desk = place.desk.clone();
        let share = JOBS / WRITERS + u32::from(writer < JOBS % WRITERS);
        writers.spawn(async move {
            for _ in 0..share {
                desk.enqueue(job(NOTHING), |_| Write::new()).await?;
            }
            Ok(())
        });
    }
    while let Some(enqueued) = writers.join_next().await {
        enqueued??;
    }
    let enqueued = began.elapsed();
    while place.done().await? < i64::from(JOBS) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = began.elapsed();
    let processor = (processor_seconds("self") - processor) * 1e6 / f64::from(JOBS);
    say(&format!(
        "  enqueued after {enqueued:.2?}, all done after {took:.2?}; \
         {processor:.0} µs of processor each"
    ));
    Ok(f64::from(JOBS) / took.as_secs_f64())
}

/// How long after its enqueueing was answered each job was started, sorted.
async fn pick_ups(place: &mut Place) -> Result<Vec<Duration>, Failure> {
    let mut waits = Vec::with_capacity(PICK_UPS);
    for _ in 0..PICK_UPS {
        place.desk.enqueue(job(TELL), |_| Write::new()).await?;
        let answered = Instant::now();
        let started = place.started.recv().await.ok_or("the handler is gone")?;
        waits.push(started.saturating_duration_since(answered));
        while place.desk.running() > 0 {
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
        place.close().await?;
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
    place.close().await?;
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
