//! From the configuration to rows.

use zelador_store::job::{Schedule, Schedules};
use zelador_store::{Query, Stored, Write};

use super::desk::{REFUSED_PAUSE, REPEATS, ScheduleDesk};
use super::rules;
use crate::engine::settings::{ScheduleSettings, Schedules as Settings};
use crate::error::{During, Error};

/// Rows read at once.
const PAGE: usize = 200;

impl ScheduleDesk {
    /// Makes the rows those of the configuration.
    pub(super) async fn configure_all(&self, settings: &Settings) -> Result<(), Error> {
        for (name, settings) in settings {
            self.configure(name, settings).await?;
        }
        for stored in self.rows().await? {
            if !settings.contains_key(&stored.key) {
                let mut write = Write::new();
                write.remove::<Schedules>(&stored);
                self.commit(write).await?;
                tracing::info!(schedule = stored.key, "schedule removed");
            }
        }
        Ok(())
    }

    pub(super) async fn configure(
        &self,
        name: &str,
        settings: &ScheduleSettings,
    ) -> Result<(), Error> {
        for _ in 0..REPEATS {
            let stored = self.row(name).await?;
            let now = self.0.shell.now();
            let row = stored.as_ref().map(|stored| &stored.row);
            let Some(next) = rules::configure(row, settings, now) else { return Ok(()) };
            let mut write = Write::new();
            match &stored {
                Some(stored) => write.update::<Schedules>(stored, &next),
                None => write.insert::<Schedules>(&name.to_owned(), &next),
            };
            if self.commit(write).await? {
                told(name, &next);
                return Ok(());
            }
        }
        Err(Error::Busy { what: "schedule", retry_after: REFUSED_PAUSE })
    }

    async fn rows(&self) -> Result<Vec<Stored<Schedules>>, Error> {
        let mut rows = Vec::new();
        let mut cursor = None;
        loop {
            let query = Query::all().limit(PAGE).after(cursor);
            let page = self.0.shell.store.page::<Schedules>(&query).await;
            let page = page.during("listing schedules")?;
            rows.extend(page.rows);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(rows);
            }
        }
    }
}

fn told(name: &str, row: &Schedule) {
    if let Some(at) = row.next_at {
        tracing::info!(schedule = name, next_at = %at, "schedule set");
    } else {
        let error = row.skipped.as_deref();
        tracing::error!(schedule = name, error, "schedule never fires");
    }
}
