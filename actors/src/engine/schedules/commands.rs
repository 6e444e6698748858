//! What may be asked about schedules, and done to them.

use zelador_store::id::JobId;
use zelador_store::job::{Job, Jobs, Schedule, Schedules};
use zelador_store::kv::Bell;
use zelador_store::{Stored, Write};

use super::desk::{REFUSED_PAUSE, REPEATS, ScheduleDesk};
use super::rules;
use crate::engine::jobs::Enqueued;
use crate::engine::settings::{Overlap, ScheduleSettings};
use crate::error::{During, Error, Refusal};

/// A schedule and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleView {
    /// Its name.
    pub name: String,
    /// What the configuration says.
    pub settings: ScheduleSettings,
    /// Next and last run; `None`: it was configured this very moment.
    pub row: Option<Schedule>,
    /// The job it started last, if that is still kept.
    pub last_job: Option<Job>,
}

impl ScheduleDesk {
    /// Every schedule of the configuration, by name.
    pub async fn list(&self) -> Result<Vec<ScheduleView>, Error> {
        let mut views = Vec::new();
        for (name, settings) in self.settings().iter() {
            views.push(self.view(name, settings).await?);
        }
        Ok(views)
    }

    async fn view(&self, name: &str, settings: &ScheduleSettings) -> Result<ScheduleView, Error> {
        let row = self.row(name).await?.map(|stored| stored.row);
        let last_job = match row.as_ref().and_then(|row| row.last_job) {
            Some(id) => self.job(id).await?,
            None => None,
        };
        Ok(ScheduleView { name: name.to_owned(), settings: settings.clone(), row, last_job })
    }

    /// Starts a schedule's job now, beside the plan, together with what `also`
    /// adds. Where jobs of the schedule may not overlap, one that is still under
    /// way is answered in its stead, and only `also` is written.
    pub async fn run(
        &self,
        name: &str,
        also: impl Fn(&Enqueued) -> Write,
    ) -> Result<Enqueued, Error> {
        let settings = self.settings();
        let settings = settings.get(name).ok_or(Refusal::Absent { what: "schedule" })?;
        for _ in 0..REPEATS {
            let Some(stored) = self.row(name).await? else {
                self.configure(name, settings).await?;
                continue;
            };
            if let Some(found) = self.under_way(&stored, settings).await? {
                let write = also(&found);
                if write.is_empty() || self.commit(write).await? {
                    return Ok(found);
                }
                continue;
            }
            let now = self.0.shell.now();
            let (id, job) = self.draft(name, settings, now, now);
            let row = rules::started(&stored.row, stored.row.next_at, id, now);
            let enqueued = Enqueued { id, job, existed: false };
            let mut write = also(&enqueued);
            write.update::<Schedules>(&stored, &row).enqueue(id, &enqueued.job);
            write.ring(Bell::Schedules);
            if self.commit(write).await? {
                return Ok(enqueued);
            }
        }
        Err(Error::Busy { what: "schedule", retry_after: REFUSED_PAUSE })
    }

    async fn under_way(
        &self,
        stored: &Stored<Schedules>,
        settings: &ScheduleSettings,
    ) -> Result<Option<Enqueued>, Error> {
        if settings.overlap == Overlap::Allow {
            return Ok(None);
        }
        let Some(id) = self.live_job(stored).await? else { return Ok(None) };
        let job = self.job(id).await?;
        Ok(job.map(|job| Enqueued { id, job, existed: true }))
    }

    async fn job(&self, id: JobId) -> Result<Option<Job>, Error> {
        let stored = self.0.shell.store.get::<Jobs>(&id).await.during("reading a job")?;
        Ok(stored.map(|stored| stored.row))
    }
}
