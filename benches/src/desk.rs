//! The daemon's own job desk on the embedded engine, set up as the daemon does
//! it but for what the caller brings.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use zelador_actors::engine::jobs::{Handlers, JobDesk, JobSettings, NewJob};
use zelador_actors::engine::{Clock, Dice, Shell};
use zelador_store::kv::embedded::{Embedded, Options};
use zelador_store::{Store, Write};

use crate::Failure;
use crate::floor::WRITERS;

/// A desk at work.
pub struct Desk {
    /// What it stands on.
    pub shell: Shell,
    /// The engine beneath the store.
    pub engine: Arc<Embedded>,
    /// The desk.
    pub jobs: JobDesk,
    // Without it the desk would take the settings for gone.
    _settings: watch::Sender<Arc<JobSettings>>,
}

impl Desk {
    /// Opens the store in `dir`, or makes one, and sets the desk to work.
    pub fn open(dir: &Path, handlers: Handlers, settings: JobSettings) -> Result<Self, Failure> {
        let (clock, engine) = open_engine(dir)?;
        let shell = Shell { store: Store::new(engine.clone()), clock, dice: Dice::system() };
        let (sender, settings) = watch::channel(Arc::new(settings));
        let jobs = JobDesk::new(shell.clone(), handlers, settings);
        tokio::spawn({
            let jobs = jobs.clone();
            async move { jobs.work().await }
        });
        Ok(Self { shell, engine, jobs, _settings: sender })
    }

    /// Enqueues jobs from [`WRITERS`] tasks, each of whom waits for its job to be
    /// durable before it makes the next.
    pub async fn enqueue(&self, count: u32, job: fn(&Shell) -> NewJob) -> Result<(), Failure> {
        let mut writers: JoinSet<Result<(), Failure>> = JoinSet::new();
        for writer in 0..WRITERS {
            let (desk, shell) = (self.jobs.clone(), self.shell.clone());
            let share = count / WRITERS + u32::from(writer < count % WRITERS);
            writers.spawn(async move {
                for _ in 0..share {
                    desk.enqueue(job(&shell), |_| Write::new()).await?;
                }
                Ok(())
            });
        }
        while let Some(enqueued) = writers.join_next().await {
            enqueued??;
        }
        Ok(())
    }

    /// Stops the desk and closes the store.
    pub async fn close(self) -> Result<(), Failure> {
        self.jobs.stop(Duration::from_secs(10)).await;
        Ok(self.engine.close()?)
    }
}

/// The engine with what the daemon's defaults say.
pub fn open_engine(dir: &Path) -> Result<(Clock, Arc<Embedded>), Failure> {
    let clock = Clock::system();
    // As the daemon asks for it: another one would be taken for a power cut.
    let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    let options = Options::new(dir, boot_id.trim(), {
        let clock = clock.clone();
        Arc::new(move || clock.now())
    });
    let (engine, _) = Embedded::open(options)?;
    Ok((clock, engine))
}
