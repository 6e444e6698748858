//! How a run ends, or stops to ask: done, given up, called off, braked. Each is one
//! commit with the end of its job's try.

use serde_json::json;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{JobId, TenantId};
use zelador_store::job::{Job, JobState, Jobs};
use zelador_store::wispro::{SyncCounts, SyncRun, SyncRuns, SyncState, SyncsByTenant};
use zelador_store::{Query, Stored, Write};

use super::{Run, begin};
use crate::engine::Shell;
use crate::engine::jobs::Failure;
use crate::error::{During as _, Error};
use crate::facts::about_tenant;
use crate::wispro::actor::discarded;
use crate::wispro::queries;
use crate::wispro::rules::report::{Counter, Counts};

/// Runs of a tenant that are remembered with all they said.
const KEPT: usize = 90;

/// What is to be committed with the end of a try that is no success.
pub(super) async fn fell_short(shell: &Shell, id: JobId, next: &Job) -> Result<Write, Error> {
    let mut write = Write::new();
    let found = shell.store.get::<SyncRuns>(&id).await.during("reading a sync")?;
    let Some(found) = found.filter(|found| !found.row.state.is_over()) else {
        return Ok(write);
    };
    let asks = next.run_at.is_none() && found.row.brake.is_some() && !found.row.approved;
    match next.state {
        JobState::Failed => give_up(shell, &mut write, &found, next),
        JobState::Cancelled => {
            let half = found.row.state == SyncState::Applying;
            let error = half.then(|| "called off while clients were being changed".to_owned());
            let row = SyncRun { error, ..discarded(&found.row, shell.now()) };
            write.update::<SyncRuns>(&found, &row);
        }
        JobState::Scheduled if asks && found.row.state != SyncState::Braked => {
            let counts = queries::counts(shell, id).await.during("counting clients")?;
            brake(shell, &mut write, &found, &counts, next);
        }
        _ => {}
    }
    Ok(write)
}

fn give_up(shell: &Shell, write: &mut Write, found: &Stored<SyncRuns>, job: &Job) {
    let (run, error) = (&found.row, job.error.as_deref().unwrap_or_default());
    let row = SyncRun {
        state: SyncState::Failed,
        error: Some(error.to_owned()),
        ended_at: Some(shell.now()),
        ..run.clone()
    };
    let data = json!({
        "job_id": found.key, "tenant_id": run.tenant, "error": error, "page": run.page,
    });
    write.update::<SyncRuns>(found, &row);
    let by = Author::new(AuthorKind::Job, found.key.to_string());
    write.event(&about_tenant(shell, "wispro.sync_failed", run.tenant, &by, data));
    tracing::error!(error, page = run.page, "wispro sync failed");
}

fn brake(shell: &Shell, write: &mut Write, found: &Stored<SyncRuns>, counts: &Counts, job: &Job) {
    let (run, Some(brake)) = (&found.row, &found.row.brake) else { return };
    let of = |counter| counts.get(counter);
    let (create, change) = (of(Counter::WouldCreate), of(Counter::WouldUpdate));
    let data = json!({
        "job_id": found.key, "tenant_id": run.tenant, "brake": brake.rule,
        "found": brake.found, "limit": brake.limit, "would_create": create,
        "would_update": change, "seen": counts.met(), "promised": run.promised,
        "error": job.error,
    });
    let row = SyncRun { state: SyncState::Braked, error: job.error.clone(), ..run.clone() };
    write.update::<SyncRuns>(found, &row);
    let by = Author::new(AuthorKind::Job, found.key.to_string());
    write.event(&about_tenant(shell, "wispro.sync_braked", run.tenant, &by, data));
    tracing::warn!(brake = brake.rule, create, change, "wispro sync braked");
}

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
