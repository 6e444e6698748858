//! How a run ends: done, or given up.

use serde_json::json;
use zelador_store::id::TenantId;
use zelador_store::job::Jobs;
use zelador_store::wispro::{SyncCounts, SyncRun, SyncRuns, SyncState, SyncsByTenant};
use zelador_store::{Query, Write};

use super::{Run, begin};
use crate::engine::jobs::Failure;
use crate::facts::about_tenant;
use crate::wispro::queries;
use crate::wispro::rules::report::Counter;

/// Runs of a tenant that are remembered with all they said.
const KEPT: usize = 90;

impl Run {
    /// What is committed with the job's success.
    pub(super) async fn finish(&self) -> Result<Write, Failure> {
        begin::clear(&self.cx, self.id()).await?;
        let stored = self.stored.lock().await.clone();
        self.forget(stored.row.tenant).await?;
        let counts = queries::counts(&self.cx.shell, self.id()).await?;
        let now = self.cx.shell.now();
        let row = SyncRun {
            state: SyncState::Completed,
            error: None,
            ended_at: Some(now),
            ..stored.row.clone()
        };
        let of = |counter| counts.get(counter);
        let seconds = now.since(row.started_at).as_secs_f64();
        let (created, updated) = (of(Counter::Created), of(Counter::Updated));
        let (unchanged, skipped) = (of(Counter::Unchanged), of(Counter::Skipped));
        let errors = of(Counter::Errors);
        let data = json!({
            "job_id": self.id(), "tenant_id": row.tenant, "created": created,
            "updated": updated, "unchanged": unchanged, "skipped": skipped, "errors": errors,
            "pages": row.pages, "seconds": now.since(row.started_at).as_secs(), "dry_run": row.dry_run,
        });
        let mut write = Write::new();
        write.update::<SyncRuns>(&stored, &row);
        let (shell, kind) = (&self.cx.shell, "wispro.sync_completed");
        write.event(&about_tenant(shell, kind, row.tenant, &self.author, data));
        let line = format!("{created} created, {updated} updated, {skipped} skipped");
        self.cx.progress(counts.seen(), counts.seen(), line);
        let dry_run = row.dry_run;
        tracing::info!(
            created,
            updated,
            skipped,
            errors,
            unchanged,
            dry_run,
            seconds = (seconds * 1000.0).round() / 1000.0,
            "wispro sync done"
        );
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit a double")]
        metrics::gauge!("zelador_wispro_last_success_timestamp_seconds")
            .set((now.as_millis() / 1000) as f64);
        Ok(write)
    }

    /// Tells of a failure that ends the run: for good, or with the last try.
    pub(super) async fn note_failure(&self, failure: &Failure) -> Result<(), Failure> {
        let error = match failure {
            Failure::Permanent { error } => error,
            Failure::Retry { error, .. } if self.cx.job.tries >= self.cx.job.max_tries => error,
            Failure::Retry { .. } | Failure::Snooze { .. } => return Ok(()),
        };
        let found = self.cx.shell.store.get::<SyncRuns>(&self.id()).await?;
        let Some(found) = found.filter(|found| !found.row.state.is_over()) else {
            return Ok(());
        };
        let row = SyncRun {
            state: SyncState::Failed,
            error: Some(error.clone()),
            ended_at: Some(self.cx.shell.now()),
            ..found.row.clone()
        };
        let data = json!({
            "job_id": self.id(), "tenant_id": row.tenant, "error": error, "page": row.page,
        });
        let mut write = Write::new();
        write.update::<SyncRuns>(&found, &row);
        let (shell, kind) = (&self.cx.shell, "wispro.sync_failed");
        write.event(&about_tenant(shell, kind, row.tenant, &self.author, data));
        self.cx.shell.store.commit(write).await?;
        tracing::error!(error, page = row.page, "wispro sync failed");
        Ok(())
    }

    /// Forgets the oldest runs, with what they said and counted.
    async fn forget(&self, tenant: TenantId) -> Result<(), Failure> {
        let store = &self.cx.shell.store;
        let query = Query::under_key(&tenant).reverse().limit(KEPT + 20);
        let runs = store.entries::<SyncsByTenant>(&query).await?.rows;
        for (_, id) in runs.into_iter().skip(KEPT) {
            let live = store.get::<Jobs>(&id).await?.is_some_and(|job| job.row.state.is_live());
            if id == self.id() || live {
                continue;
            }
            begin::clear_lines(&self.cx, id).await?;
            let mut write = Write::new();
            let counts = store.counts::<SyncCounts>(&Query::under(&(id,)).limit(256)).await?;
            for (key, count) in counts.rows {
                write.add::<SyncCounts>(&key, -count);
            }
            if let Some(run) = store.get::<SyncRuns>(&id).await? {
                write.remove::<SyncRuns>(&run);
            }
            store.commit(write).await?;
        }
        Ok(())
    }
}
