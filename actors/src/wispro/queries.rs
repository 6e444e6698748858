//! What is answered about runs, on the caller's task.

use zelador_store::id::{JobId, TenantId};
use zelador_store::job::Jobs;
use zelador_store::wispro::{
    SandboxUsers, SyncCounts, SyncLines, SyncRun, SyncRuns, SyncsByTenant,
};
use zelador_store::{Cursor, Page, Query, Stored};

use super::jobs::KIND;
use super::messages::SyncView;
use super::rules::report::Counts;
use crate::engine::Shell;
use crate::engine::jobs::JobDesk;
use crate::error::{During, Error, Refusal};

/// Numbers of a run, at most.
const COUNTERS: usize = 256;

/// What a run has counted so far.
pub async fn counts(shell: &Shell, id: JobId) -> Result<Counts, zelador_store::Error> {
    let page = shell.store.counts::<SyncCounts>(&Query::under(&(id,)).limit(COUNTERS)).await?;
    Ok(Counts::new(page.rows.into_iter().map(|((_, number), count)| (number, count))))
}

/// A run; one that waits for its turn is one, too.
pub async fn get(
    shell: &Shell,
    jobs: &JobDesk,
    id: JobId,
    within: Option<TenantId>,
) -> Result<SyncView, Error> {
    let absent = || Error::from(Refusal::Absent { what: "sync" });
    let run = shell.store.get::<SyncRuns>(&id).await.during("reading a sync")?;
    if let (Some(run), Some(tenant)) = (&run, within)
        && run.row.tenant != tenant
    {
        return Err(absent());
    }
    let job = shell.store.get::<Jobs>(&id).await.during("reading a job")?;
    let job = job.filter(|job| job.row.kind == KIND).map(|job| job.row);
    if run.is_none() && (job.is_none() || within.is_some()) {
        return Err(absent());
    }
    let counts = counts(shell, id).await.during("reading a sync")?;
    // The job's own row has what its last try showed.
    let progress = match &job {
        Some(job) if job.state.is_live() => {
            jobs.job(id).await?.and_then(|job| job.progress).or_else(|| job.progress.clone())
        }
        _ => None,
    };
    Ok(SyncView { id, run: run.map(|run| run.row), job, counts, progress })
}

/// Runs, the newest first.
pub async fn list(
    shell: &Shell,
    tenant: Option<TenantId>,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<SyncView>, Error> {
    let doing = "listing syncs";
    let page: Page<Stored<SyncRuns>> = if let Some(tenant) = tenant {
        let query = Query::under_key(&tenant).reverse().after(after).limit(limit);
        shell.store.page_by::<SyncsByTenant>(&query).await.during(doing)?
    } else {
        let query = Query::all().reverse().after(after).limit(limit);
        shell.store.page::<SyncRuns>(&query).await.during(doing)?
    };
    let mut rows = Vec::with_capacity(page.rows.len());
    for run in page.rows {
        let job = shell.store.get::<Jobs>(&run.key).await.during(doing)?.map(|job| job.row);
        let counts = counts(shell, run.key).await.during(doing)?;
        let row: SyncRun = run.row;
        rows.push(SyncView { id: run.key, run: Some(row), job, counts, progress: None });
    }
    Ok(Page { rows, next: page.next })
}

/// What a run says about single clients, by time.
pub async fn lines(
    shell: &Shell,
    id: JobId,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<Stored<SyncLines>>, Error> {
    let query = Query::under(&(id,)).after(after).limit(limit);
    shell.store.page::<SyncLines>(&query).await.during("listing what a sync says")
}

/// Whether the store holds users that were made against the sandbox.
pub async fn has_sandbox_users(shell: &Shell) -> Result<bool, zelador_store::Error> {
    let page = shell.store.page::<SandboxUsers>(&Query::all().limit(1)).await?;
    Ok(!page.rows.is_empty())
}
