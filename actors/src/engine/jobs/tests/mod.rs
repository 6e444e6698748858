//! The desk through its doors, on a store in memory and a clock moved by hand.

mod claims;
mod lives;
mod lots;
mod rules;
mod sweeps;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use tokio::sync::{Semaphore, watch};
use zelador_store::Write;
use zelador_store::id::JobId;
use zelador_store::job::{Job, JobState};

use super::{Diagnostic, Failure, Handler, Handlers, JobCx, JobDesk, JobSettings, NewJob};
use crate::engine::settings::{default_kinds, default_queues};
use crate::testkit::{World, eventually};

/// A handler whose every try is decided by a closure.
struct Scripted<F>(F);

#[async_trait]
impl<F, R> Handler for Scripted<F>
where
    F: Fn(JobCx) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Write, Failure>> + Send + 'static,
{
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        (self.0)(cx).await
    }
}

fn scripted<F, R>(script: F) -> Arc<dyn Handler>
where
    F: Fn(JobCx) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Write, Failure>> + Send + 'static,
{
    Arc::new(Scripted(script))
}

struct Bench {
    world: World,
    desk: JobDesk,
    settings: watch::Sender<Arc<JobSettings>>,
}

impl Bench {
    fn new(extra: &[(&'static str, Arc<dyn Handler>)]) -> Self {
        Self::on(World::new(), extra)
    }

    fn on(world: World, extra: &[(&'static str, Arc<dyn Handler>)]) -> Self {
        let mut handlers: Handlers = HashMap::new();
        handlers.insert("diagnostic", Arc::new(Diagnostic));
        handlers.extend(extra.iter().cloned());
        let settings = JobSettings { queues: default_queues(), kinds: default_kinds() };
        let (sender, receiver) = watch::channel(Arc::new(settings));
        let desk = JobDesk::new(world.shell.clone(), handlers, receiver);
        Self { world, desk, settings: sender }
    }

    fn start(&self) -> tokio::task::JoinHandle<()> {
        let desk = self.desk.clone();
        tokio::spawn(async move { desk.work().await.unwrap() })
    }

    fn set(&self, change: impl Fn(&mut JobSettings)) {
        let mut settings = (*self.desk.settings()).clone();
        change(&mut settings);
        self.settings.send_replace(Arc::new(settings));
    }

    async fn enqueue(&self, job: NewJob) -> JobId {
        self.desk.enqueue(job, |_| Write::new()).await.unwrap().id
    }

    async fn reaches(&self, id: JobId, state: JobState) -> Job {
        eventually(state.word(), async || {
            self.desk.job(id).await.unwrap().filter(|job| job.state == state)
        })
        .await
    }
}

fn diagnostic(args: &serde_json::Value) -> NewJob {
    NewJob::new("diagnostic", args)
}

/// Counts its runs, and holds each until the gate lets it through.
fn gated() -> (Arc<dyn Handler>, Arc<AtomicU64>, Arc<Semaphore>) {
    let runs = Arc::new(AtomicU64::new(0));
    let gate = Arc::new(Semaphore::new(0));
    let handler = scripted({
        let (runs, gate) = (runs.clone(), gate.clone());
        move |_| {
            let (runs, gate) = (runs.clone(), gate.clone());
            async move {
                runs.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.map_err(Failure::permanent)?.forget();
                Ok(Write::new())
            }
        }
    });
    (handler, runs, gate)
}
