//! Patterns by tables and over every zone there is; the desk on a store in memory
//! and a clock moved by hand.

mod desk;
mod jumps;
mod pattern;
mod seasons;
mod zones;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;
use zelador_store::job::{Job, JobState, Jobs, Schedule, Schedules};
use zelador_store::{Query, Timestamp};

use super::ScheduleDesk;
use crate::engine::jobs::{Diagnostic, Handlers, JobDesk, JobSettings};
use crate::engine::settings::{
    Overlap, ScheduleSettings, Schedules as Settings, default_kinds, default_queues,
};
use crate::testkit::{World, eventually};

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn every(cron: &str, timezone: &str) -> ScheduleSettings {
    ScheduleSettings {
        kind: "diagnostic".into(),
        cron: cron.into(),
        timezone: timezone.into(),
        overlap: Overlap::Allow,
        ..ScheduleSettings::default()
    }
}

/// A desk with a world of its own. Jobs stay ready unless somebody runs them.
struct Bench {
    world: World,
    desk: ScheduleDesk,
    settings: watch::Sender<Arc<Settings>>,
}

impl Bench {
    fn at(start: &str, schedules: &[(&str, ScheduleSettings)]) -> Self {
        let world = World::at(start);
        let (settings, receiver) = watch::channel(settings_of(schedules));
        let desk = ScheduleDesk::new(world.shell.clone(), receiver);
        Self { world, desk, settings }
    }

    /// As the daemon does it; gone with the task.
    fn start(&self) -> tokio::task::JoinHandle<()> {
        let desk = self.desk.clone();
        tokio::spawn(async move { desk.work().await.unwrap() })
    }

    /// The process ends and another begins.
    async fn restart(&mut self, task: tokio::task::JoinHandle<()>) -> tokio::task::JoinHandle<()> {
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        let receiver = self.settings.subscribe();
        self.desk = ScheduleDesk::new(self.world.shell.clone(), receiver);
        self.start()
    }

    fn set(&self, schedules: &[(&str, ScheduleSettings)]) {
        self.settings.send_replace(settings_of(schedules));
    }

    /// Runs what is started, so that nothing stays under way.
    fn work_off(&self) -> JobDesk {
        let mut handlers: Handlers = HashMap::new();
        handlers.insert("diagnostic", Arc::new(Diagnostic));
        let mut settings = JobSettings { queues: default_queues(), kinds: default_kinds() };
        settings.queues.values_mut().for_each(|queue| queue.concurrency = 64);
        let (_, receiver) = watch::channel(Arc::new(settings));
        let jobs = JobDesk::new(self.world.shell.clone(), handlers, receiver);
        let desk = jobs.clone();
        tokio::spawn(async move { desk.work().await.unwrap() });
        jobs
    }

    async fn row(&self, name: &str) -> Option<Schedule> {
        let row = self.world.shell.store.get::<Schedules>(&name.to_owned()).await.unwrap();
        row.map(|stored| stored.row)
    }

    /// The row once the loop has nothing more to do for it.
    async fn settled(&self, name: &str) -> Schedule {
        let waits = async || {
            let now = self.world.shell.now();
            self.row(name).await.filter(|row| row.next_at.is_none_or(|at| at > now))
        };
        // Most often the loop only has to be let in.
        for _ in 0..10 {
            tokio::task::yield_now().await;
            if let Some(row) = waits().await {
                return row;
            }
        }
        eventually("a schedule that waits for its time", waits).await
    }

    /// Moves the clock to every next time until `end`, then to `end`.
    async fn live_until(&self, name: &str, end: &str) {
        let end = instant(end);
        loop {
            let next = self.settled(name).await.next_at.filter(|at| *at <= end);
            self.world.hand.set(next.unwrap_or(end));
            if next.is_none() {
                return;
            }
        }
    }

    /// Every job there is, oldest first.
    async fn jobs(&self) -> Vec<Job> {
        let all = Query::all().limit(100_000);
        let page = self.world.shell.store.page::<Jobs>(&all).await.unwrap();
        page.rows.into_iter().map(|stored| stored.row).collect()
    }

    /// When each job was to run.
    async fn runs(&self) -> Vec<String> {
        self.jobs().await.iter().map(|job| job.run_at.unwrap().to_seconds_string()).collect()
    }

    async fn all_ended(&self) -> usize {
        eventually("the end of every job", async || {
            let jobs = self.jobs().await;
            jobs.iter().all(|job| job.state == JobState::Succeeded).then_some(jobs.len())
        })
        .await
    }
}

fn settings_of(schedules: &[(&str, ScheduleSettings)]) -> Arc<Settings> {
    Arc::new(schedules.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect())
}
