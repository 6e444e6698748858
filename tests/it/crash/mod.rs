//! SIGKILL, again and again, under load.
//!
//! ```text
//!          ┌ 16 callers write, each keeping its own record of what was answered ┐
//! start ───┴ after 50 answers and a moment more: SIGKILL ───────────────────────┴─► check the store
//!   ▲                                                                                  │
//!   └─ settle doubts, look for every acknowledged write, follow the event log ◄── start┘
//! ```
//!
//! A caller owns the records it writes, so what each must look like is known: as
//! last acknowledged, or, where the kill cut a call off, as that call would have
//! left it. `ZELADOR_SEED` repeats the choices of a run, `ZELADOR_KILLS` sets the
//! number of kills.

mod backup;
mod call;
mod jobs;
mod log;
mod people;
mod plan;
mod store;
mod tokens;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::harness::{Daemon, Home, PATIENCE, eventually, undisturbed};
use call::Caller;
use log::Log;
use plan::{Kill, Plan};
use worker::Worker;

/// Callers at once.
const WORKERS: u64 = 16;
/// Answers at least between two kills of a daemon that is up.
const ANSWERS: usize = 50;
/// Within this a start is over, by the median: others may have had the machine at
/// one time or another.
const START: Duration = Duration::from_secs(2);

/// Kills cost tries; none must come to its end by that. The journal is small, so
/// that segments and checkpoints turn over.
const CONFIG: &str = r#"
[queues.default]
concurrency = 16
[jobs.diagnostic]
tries = 500
backoff_seconds = [0]
[jobs."user.scheduled_ban"]
tries = 500
backoff_seconds = [0]
[jobs."user.status_change"]
tries = 500
backoff_seconds = [0]
[store]
journal_segment_mb = 1
overlay_mb = 1
ballast_mb = 1
"#;

#[tokio::test]
async fn no_kill_loses_or_doubles_anything() {
    let _one = undisturbed().await;
    let plan = Plan::of_environment();
    println!("ZELADOR_SEED={} ZELADOR_KILLS={}", plan.seed, plan.kills.len());
    let mut run = Run::new(Home::new(CONFIG).await, &plan);
    let mut daemon = run.start().await;
    for kill in &plan.kills {
        match kill {
            Kill::Loaded { after } => run.load_and_kill(&mut daemon, *after).await,
            Kill::Starting { share } => {
                daemon.kill().await;
                run.kill_while_starting(*share).await;
            }
        }
        store::sound(&run.home).await;
        daemon = run.start().await;
        run.settle(&daemon).await;
    }
    run.finish(&daemon).await;
    assert_eq!(daemon.stop().await.0, Some(0));
    store::sound(&run.home).await;
    run.starts.sort_unstable();
    let (median, slowest) = (run.starts[run.starts.len() / 2], run.starts[run.starts.len() - 1]);
    println!(
        "{} kills, {} writes acknowledged, {} events, starts {median:?}, slowest {slowest:?}",
        plan.kills.len(),
        run.acknowledged.load(Ordering::SeqCst),
        run.log.tip(),
    );
    assert!(median <= START, "half of the starts took longer than {median:?}");
}

/// All that is known while it goes on.
struct Run {
    home: Home,
    workers: Vec<Worker>,
    log: Log,
    acknowledged: Arc<AtomicUsize>,
    /// How long the last start took.
    start: Duration,
    /// How long all of them took.
    starts: Vec<Duration>,
}

impl Run {
    fn new(home: Home, plan: &Plan) -> Self {
        Self {
            home,
            workers: (0..WORKERS).map(|number| Worker::new(number, plan.seed)).collect(),
            log: Log::default(),
            acknowledged: Arc::new(AtomicUsize::new(0)),
            start: Duration::ZERO,
            starts: Vec::new(),
        }
    }

    async fn start(&mut self) -> Daemon {
        let mut daemon = self.home.spawn();
        self.start = daemon.ready().await;
        self.starts.push(self.start);
        daemon
    }

    async fn load_and_kill(&mut self, daemon: &mut Daemon, after: Duration) {
        let before = self.acknowledged.load(Ordering::SeqCst);
        let mut working = JoinSet::new();
        for mut worker in std::mem::take(&mut self.workers) {
            let caller = Caller::new(daemon.client().clone(), self.acknowledged.clone());
            working.spawn(async move {
                worker.work(&caller).await;
                worker
            });
        }
        eventually("enough writes are acknowledged", PATIENCE, || async {
            (self.acknowledged.load(Ordering::SeqCst) >= before + ANSWERS).then_some(())
        })
        .await;
        sleep(after).await;
        daemon.kill().await;
        self.workers = working.join_all().await;
        self.workers.sort_by_key(|worker| worker.number);
    }

    /// Kills a daemon in the midst of its start.
    async fn kill_while_starting(&mut self, share: f64) {
        let mut daemon = self.home.spawn();
        sleep(self.start.mul_f64(share)).await;
        daemon.kill().await;
    }

    /// Every doubt is settled, every write of the last round is there.
    async fn settle(&mut self, daemon: &Daemon) {
        self.log.follow(daemon.client()).await;
        let mut settling = JoinSet::new();
        for mut worker in std::mem::take(&mut self.workers) {
            let caller = Caller::new(daemon.client().clone(), self.acknowledged.clone());
            settling.spawn(async move {
                worker.settle(&caller).await;
                worker
            });
        }
        self.workers = settling.join_all().await;
        self.workers.sort_by_key(|worker| worker.number);
    }

    /// Everything that ever was acknowledged is there and has come to its end.
    async fn finish(&mut self, daemon: &Daemon) {
        let client = daemon.client();
        for worker in &mut self.workers {
            worker.finish(client).await;
        }
        let all = jobs::all(client).await;
        jobs::all_sound(client, &all).await;
        self.log.follow(client).await;
        for worker in &self.workers {
            worker.compare_with(&self.log, &all);
        }
    }
}
