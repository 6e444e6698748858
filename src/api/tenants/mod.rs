//! Tenants over HTTP.

pub(super) mod settings;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::tenants::{Delete, Register, Revise, TenantDraft, TenantRecord, queries};
use zelador_actors::{Error, Flaw, Refusal};
use zelador_store::Cursor;
use zelador_store::id::TenantId;
use zelador_store::tenant::ServicePlan;

use self::settings::TenantSettings;
use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::merge::Merge;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::time::Utc;

/// How often a change is merged anew because the record moved under it.
pub(super) const MERGES: usize = 8;

/// What a tenant or a user has booked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PlanWord {
    /// The first weeks.
    #[default]
    Trial,
    /// The small one.
    Basico,
    /// The middle one.
    Profissional,
    /// The large one.
    Empresarial,
}

impl From<ServicePlan> for PlanWord {
    fn from(plan: ServicePlan) -> Self {
        match plan {
            ServicePlan::Trial => Self::Trial,
            ServicePlan::Basico => Self::Basico,
            ServicePlan::Profissional => Self::Profissional,
            ServicePlan::Empresarial => Self::Empresarial,
        }
    }
}

impl From<PlanWord> for ServicePlan {
    fn from(plan: PlanWord) -> Self {
        match plan {
            PlanWord::Trial => Self::Trial,
            PlanWord::Basico => Self::Basico,
            PlanWord::Profissional => Self::Profissional,
            PlanWord::Empresarial => Self::Empresarial,
        }
    }
}

/// What makes a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTenant {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, format = "name", example = "Academia Fit")]
    name: String,
    /// Its domain; no two tenants share one.
    #[schema(min_length = 1, max_length = 254, format = "domain", example = "academia-fit.com")]
    domain: String,
    /// Where its logo is.
    #[schema(format = "web-address", max_length = 2048)]
    #[serde(default)]
    logo_url: Option<String>,
    /// The colour of its pages.
    #[schema(format = "color", example = "#FF5722")]
    #[serde(default)]
    theme_primary_color: Option<String>,
    /// What it has booked of the service.
    #[schema(default = "trial")]
    #[serde(default)]
    plan: PlanWord,
    /// The language of its people; without it, that of the service.
    #[schema(format = "language", example = "pt-BR")]
    #[serde(default)]
    locale: Option<String>,
    /// Whether it is in business.
    #[schema(default = true)]
    #[serde(default = "yes")]
    is_active: bool,
    /// Its rules.
    #[serde(default)]
    settings: TenantSettings,
}

const fn yes() -> bool {
    true
}

impl NewTenant {
    fn draft(self) -> Result<TenantDraft, Problem> {
        Ok(TenantDraft {
            name: self.name,
            domain: self.domain,
            logo_url: self.logo_url,
            theme_primary_color: self.theme_primary_color,
            plan: self.plan.into(),
            locale: self.locale,
            is_active: self.is_active,
            settings: self.settings.parse()?,
        })
    }
}

/// A tenant.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Tenant)]
struct TenantView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    #[serde(flatten)]
    made: NewTenant,
    /// Raised with every change.
    version: u64,
    /// When it was registered.
    created_at: Utc,
    /// When it was changed last.
    updated_at: Utc,
}

impl From<&TenantRecord> for TenantView {
    fn from(record: &TenantRecord) -> Self {
        let tenant = &record.tenant;
        Self {
            id: record.id.to_string(),
            made: NewTenant {
                name: tenant.name.clone(),
                domain: tenant.domain.clone(),
                logo_url: tenant.logo_url.clone(),
                theme_primary_color: tenant.theme_primary_color.clone(),
                plan: tenant.plan.into(),
                locale: tenant.locale.clone(),
                is_active: tenant.is_active,
                settings: TenantSettings::from(&tenant.settings),
            },
            version: tenant.version,
            created_at: tenant.created_at.into(),
            updated_at: tenant.updated_at.into(),
        }
    }
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    let (read, write) = (Need::Scope("tenants:read"), Need::Scope("tenants:write"));
    let changed =
        |route: Route<Doors>| route.refuses(404, "not_found").refuses(412, "stale_version");
    vec![
        Route::post("/tenants", Need::Global("tenants:write"), register)
            .summary("Register a tenant")
            .takes::<NewTenant>()
            .example(json!({ "name": "Academia Fit", "domain": "academia-fit.com" }))
            .answers::<TenantView>(201)
            .refuses(409, "domain_taken"),
        Route::get("/tenants", read, list).summary("List tenants").lists::<TenantView>(),
        Route::get("/tenants/{id}", read, show)
            .summary("Show a tenant")
            .answers::<TenantView>(200)
            .refuses(404, "not_found"),
        changed(
            Route::put("/tenants/{id}", write, revise)
                .summary("Change a tenant; what is left out stays")
                .changes::<NewTenant>()
                .answers::<TenantView>(200)
                .refuses(409, "domain_taken"),
        ),
        changed(
            Route::patch("/tenants/{id}", write, revise)
                .summary("Change a tenant")
                .changes::<NewTenant>()
                .answers::<TenantView>(200)
                .refuses(409, "domain_taken"),
        ),
        Route::delete("/tenants/{id}", Need::Global("tenants:write"), delete)
            .summary("Delete a tenant; its users and all else go in the background")
            .status(204)
            .refuses(404, "not_found")
            .refuses(412, "stale_version"),
        Route::get("/tenants/{id}/settings", read, show_settings)
            .summary("Show the rules of a tenant")
            .answers::<TenantSettings>(200)
            .refuses(404, "not_found"),
        changed(
            Route::put("/tenants/{id}/settings", write, revise_settings)
                .summary("Change the rules of a tenant; what is left out stays")
                .changes::<TenantSettings>()
                .answers::<TenantSettings>(200),
        ),
        changed(
            Route::patch("/tenants/{id}/settings", write, revise_settings)
                .summary("Change the rules of a tenant")
                .changes::<TenantSettings>()
                .answers::<TenantSettings>(200),
        ),
    ]
}

async fn register(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let draft = call.body::<NewTenant>()?.draft()?;
    let keep = call.keep(created);
    let command = Register { draft, by: call.author(), keep };
    created(&doors.tenants.register(command).await?)
}

fn created(record: &TenantRecord) -> Result<Reply, Problem> {
    let reply = Reply::created(format!("/tenants/{}", record.id), &TenantView::from(record))?;
    Ok(reply.version(record.tenant.version))
}

fn shown(record: &TenantRecord) -> Result<Reply, Problem> {
    Ok(Reply::ok(&TenantView::from(record))?.version(record.tenant.version))
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    if let Some(own) = call.who.tenant() {
        // Whoever is bound to one tenant sees one.
        let found = queries::get(&doors.shell, own).await.ok();
        let first = call.page.after.is_none();
        let rows: Vec<_> = found.iter().filter(|_| first).map(TenantView::from).collect();
        return Reply::list(&rows, None);
    }
    let (after, limit): (Option<Cursor>, _) = (call.page.after.clone(), call.page.limit);
    let page = queries::list(&doors.shell, after, limit).await?;
    let rows: Vec<_> = page.rows.iter().map(TenantView::from).collect();
    Reply::list(&rows, page.next)
}

/// The tenant of the path, if the caller may see it.
async fn found(doors: &Doors, call: &Call) -> Result<TenantRecord, Problem> {
    let id: TenantId = call.id("id")?;
    if !call.who.sees(id) {
        return Err(Problem::absent("tenant"));
    }
    Ok(queries::get(&doors.shell, id).await?)
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    shown(&found(&doors, &call).await?)
}

async fn show_settings(doors: Doors, call: Call) -> Result<Reply, Problem> {
    settings_of(&found(&doors, &call).await?)
}

fn settings_of(record: &TenantRecord) -> Result<Reply, Problem> {
    let settings = TenantSettings::from(&record.tenant.settings);
    Ok(Reply::ok(&settings)?.version(record.tenant.version))
}

/// Merges the body into the record as it is, and again if it moved meanwhile;
/// a caller who named a version is told instead.
async fn change(
    doors: &Doors,
    call: &Call,
    merge: impl Fn(&TenantRecord) -> Result<TenantDraft, Problem>,
) -> Result<TenantRecord, Problem> {
    for _ in 0..MERGES {
        let record = found(doors, call).await?;
        let draft = merge(&record)?;
        call.if_match.check(record.tenant.version)?;
        let command = Revise {
            id: record.id,
            draft,
            if_version: Some(record.tenant.version),
            by: call.author(),
        };
        match doors.tenants.revise(command).await {
            Err(Error::Refused(Refusal::Stale)) if call.if_match.is_absent() => {}
            other => return Ok(other?),
        }
    }
    Err(Problem::from(Refusal::Stale))
}

async fn revise(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let merge = |record: &TenantRecord| {
        let view = TenantView::from(record);
        call.merge::<NewTenant>(&view, &Merge::default())?.draft()
    };
    shown(&change(&doors, &call, merge).await?)
}

async fn revise_settings(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let merge = |record: &TenantRecord| {
        let view = TenantSettings::from(&record.tenant.settings);
        let settings = call.merge::<TenantSettings>(&view, &Merge::default())?.parse();
        let settings = settings.map_err(own_names)?;
        Ok(TenantDraft { settings, ..TenantDraft::from(&record.tenant) })
    };
    settings_of(&change(&doors, &call, merge).await.map_err(own_names)?)
}

/// The settings' own names of their members: here they are the record.
fn own_names(problem: Problem) -> Problem {
    if problem.flaws().is_empty() {
        return problem;
    }
    let own = |flaw: &Flaw| {
        let field = flaw.field.strip_prefix("settings.").unwrap_or(&flaw.field).to_owned();
        Flaw { field, ..flaw.clone() }
    };
    Problem::invalid(problem.flaws().iter().map(own).collect())
}

async fn delete(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let record = found(&doors, &call).await?;
    call.if_match.check(record.tenant.version)?;
    let if_version = (!call.if_match.is_absent()).then_some(record.tenant.version);
    doors.tenants.delete(Delete { id: record.id, if_version, by: call.author() }).await?;
    Ok(Reply::none())
}
