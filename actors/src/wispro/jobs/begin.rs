//! The beginning of a try: whose clients, whose turn, and where it stands.

use serde_json::json;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{JobId, TenantId};
use zelador_store::job::Jobs;
use zelador_store::kv::Term;
use zelador_store::tenant::{Settings, Tenants, TenantsByDomain};
use zelador_store::wispro::{
    StagedClients, SyncCounts, SyncLines, SyncRun, SyncRuns, SyncState, SyncTurns, SyncVerdicts,
};
use zelador_store::{Query, Stored, Write};

use super::{Place, resumes};
use crate::engine::jobs::{Failure, JobCx};
use crate::tenants::{Register, TenantDesk, TenantDraft};
use crate::wispro::messages::SyncArgs;
use crate::wispro::queries;
use crate::wispro::settings::{Mode, WisproSettings};

/// Rows cleared in one commit.
const STEP: usize = 500;

/// The run's row and where it stands; `None`: another run has the turn and is not
/// over, so this one has nothing to do.
pub(super) async fn begin(
    cx: &JobCx,
    settings: &WisproSettings,
    args: &SyncArgs,
) -> Result<Option<(Stored<SyncRuns>, Place)>, Failure> {
    if settings.mode == Mode::Off {
        return Err(Failure::permanent("the wispro concern is off ([wispro] mode)"));
    }
    if settings.mode == Mode::Live && queries::has_sandbox_users(&cx.shell).await? {
        let why = "the store holds users that were made against the sandbox: \
                   `zelador sandbox purge` removes them";
        return Err(Failure::permanent(why));
    }
    let tenant = tenant(cx, settings).await?;
    if let Some(other) = claim(cx, tenant).await? {
        tracing::warn!(other = %other, "another wispro sync is not over: nothing to do");
        return Ok(None);
    }
    clear_others(cx).await?;
    let known = cx.shell.store.get::<SyncRuns>(&cx.id).await?;
    match (known, cx.resume::<Place>()) {
        (Some(run), Some(place)) if resumes(run.row.state) => Ok(Some((run, place))),
        (known, _) => Ok(Some((anew(cx, settings, args, tenant, known).await?, first()))),
    }
}

fn first() -> Place {
    Place::Fetch { page: 1, before: None }
}

/// The row of a run that begins.
async fn anew(
    cx: &JobCx,
    settings: &WisproSettings,
    args: &SyncArgs,
    tenant: TenantId,
    known: Option<Stored<SyncRuns>>,
) -> Result<Stored<SyncRuns>, Failure> {
    clear(cx, cx.id).await?;
    clear_lines(cx, cx.id).await?;
    let row = SyncRun {
        tenant,
        state: SyncState::Fetching,
        dry_run: args.dry_run,
        sandbox: settings.mode == Mode::Sandbox,
        per_page: args.per_page.unwrap_or(settings.per_page).clamp(1, 1000),
        max_pages: args.max_pages.unwrap_or(settings.max_pages),
        page: 0,
        pages: 0,
        passes: 1,
        promised: 0,
        brake: None,
        approved: false,
        error: None,
        started_at: cx.shell.now(),
        ended_at: None,
    };
    let mut write = Write::new();
    match &known {
        Some(known) => write.update::<SyncRuns>(known, &row),
        None => write.insert::<SyncRuns>(&cx.id, &row),
    };
    let query = Query::under(&(cx.id,)).limit(256);
    for (key, count) in cx.shell.store.counts::<SyncCounts>(&query).await?.rows {
        write.add::<SyncCounts>(&key, -count);
    }
    cx.checkpoint_with(&first(), write).await?;
    let made = cx.shell.store.get::<SyncRuns>(&cx.id).await?;
    made.ok_or_else(|| Failure::retry("the run's row is gone"))
}

/// The tenant that the clients belong to; that of the sandbox is made when it is
/// first needed.
async fn tenant(cx: &JobCx, settings: &WisproSettings) -> Result<TenantId, Failure> {
    let domain = settings.domain();
    if domain.is_empty() {
        return Err(Failure::permanent("[wispro] tenant names no tenant: give its domain"));
    }
    let term = Term::new(&domain.to_lowercase());
    if let Some(found) = cx.shell.store.find::<TenantsByDomain>(&term).await? {
        return Ok(found.key);
    }
    if settings.mode != Mode::Sandbox || !settings.tenant.is_empty() {
        let why = format!("there is no tenant with the domain {domain} ([wispro] tenant)");
        return Err(Failure::permanent(why));
    }
    let draft = TenantDraft {
        name: "Sandbox".into(),
        domain: domain.to_owned(),
        logo_url: None,
        theme_primary_color: None,
        plan: zelador_store::tenant::ServicePlan::default(),
        locale: Some("es".into()),
        is_active: true,
        settings: Settings { timezone: "America/Caracas".into(), ..Settings::default() },
    };
    let by = Author::new(AuthorKind::Job, cx.id.to_string());
    let desk = TenantDesk::new(cx.shell.clone());
    let made = desk.register(Register { draft, by, keep: None }).await?;
    Ok(made.id)
}

/// Takes the tenant's turn; `Some`: this other run has it.
async fn claim(cx: &JobCx, tenant: TenantId) -> Result<Option<JobId>, Failure> {
    let store = &cx.shell.store;
    let turn = store.get::<SyncTurns>(&tenant).await?;
    let mut write = Write::new();
    match &turn {
        Some(turn) if turn.row == cx.id => return Ok(None),
        Some(turn) => {
            let job = store.get::<Jobs>(&turn.row).await?;
            if job.is_some_and(|job| job.row.state.is_live()) {
                return Ok(Some(turn.row));
            }
            write.update::<SyncTurns>(turn, &cx.id);
        }
        None => {
            write.insert::<SyncTurns>(&tenant, &cx.id);
        }
    }
    let owner = store.get::<Tenants>(&tenant).await?.filter(|owner| owner.row.is_live());
    write.expect(&owner.ok_or_else(|| Failure::permanent("the tenant was deleted"))?);
    store.commit(write).await?;
    Ok(None)
}

/// Clears what runs have left that were called off or given up.
async fn clear_others(cx: &JobCx) -> Result<(), Failure> {
    loop {
        let page = cx.shell.store.page::<StagedClients>(&Query::all().limit(1)).await?;
        let Some(left) = page.rows.first().map(|row| row.key.0) else { return Ok(()) };
        let live = cx.shell.store.get::<Jobs>(&left).await?;
        if left == cx.id || live.is_some_and(|job| job.row.state.is_live()) {
            return Ok(());
        }
        clear(cx, left).await?;
    }
}

/// Clears the clients that a run has fetched, and what was decided about them.
pub(super) async fn clear(cx: &JobCx, run: JobId) -> Result<(), Failure> {
    loop {
        let query = Query::under(&(run,)).limit(STEP);
        let clients = cx.shell.store.page::<StagedClients>(&query).await?.rows;
        let verdicts = cx.shell.store.page::<SyncVerdicts>(&query).await?.rows;
        if clients.is_empty() && verdicts.is_empty() {
            return Ok(());
        }
        let mut write = Write::new();
        for row in &clients {
            write.remove::<StagedClients>(row);
        }
        for row in &verdicts {
            write.remove::<SyncVerdicts>(row);
        }
        cx.shell.store.commit(write).await?;
    }
}

/// Clears what a run has said about clients.
pub(super) async fn clear_lines(cx: &JobCx, run: JobId) -> Result<(), Failure> {
    loop {
        let lines = cx.shell.store.page::<SyncLines>(&Query::under(&(run,)).limit(STEP)).await?;
        if lines.rows.is_empty() {
            return Ok(());
        }
        let mut write = Write::new();
        for line in &lines.rows {
            write.remove::<SyncLines>(line);
        }
        cx.shell.store.commit(write).await?;
    }
}

/// What is told of a run that begins.
pub(super) fn started(row: &SyncRun, id: JobId) -> serde_json::Value {
    json!({
        "job_id": id, "tenant_id": row.tenant, "pages": row.pages, "clients": row.promised,
        "dry_run": row.dry_run, "sandbox": row.sandbox,
    })
}
