//! Categories over HTTP: sorts of resources.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::resources::queries::{self, CategoryFilter};
use zelador_actors::resources::{CategoryDraft, CategoryRecord, Delete, Register, Revise};
use zelador_actors::{Error, Refusal};
use zelador_store::category::CategoryType;
use zelador_store::id::TenantId;

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::merge::Merge;
use super::overrides::OverridesForm;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::tenants::MERGES;
use super::time::Utc;
use super::users::narrowed;

/// What everybody of a tenant may read, and what some may write.
pub(super) const READ: Need = Need::Member("resources:read");
pub(super) const WRITE: Need = Need::Scope("resources:write");

/// What is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TypeWord {
    /// Rooms and machines.
    #[default]
    Fisico,
    /// Professionals.
    Humano,
}

impl From<CategoryType> for TypeWord {
    fn from(sort: CategoryType) -> Self {
        match sort {
            CategoryType::Fisico => Self::Fisico,
            CategoryType::Humano => Self::Humano,
        }
    }
}

impl From<TypeWord> for CategoryType {
    fn from(word: TypeWord) -> Self {
        match word {
            TypeWord::Fisico => Self::Fisico,
            TypeWord::Humano => Self::Humano,
        }
    }
}

/// What makes a category.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCategory {
    /// Whose.
    #[schema(format = "uuid")]
    tenant_id: String,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, format = "name", example = "Salas de Aula")]
    name: String,
    /// What it is, for people.
    #[schema(max_length = 2000, format = "text")]
    #[serde(default)]
    description: Option<String>,
    /// Things or people.
    #[schema(default = "fisico")]
    #[serde(default)]
    r#type: TypeWord,
    /// The name of an icon.
    #[schema(max_length = 100, format = "line", example = "room")]
    #[serde(default)]
    icon: Option<String>,
    /// Its colour.
    #[schema(format = "color", example = "#4CAF50")]
    #[serde(default)]
    color: Option<String>,
    /// Rules that differ from the tenant's.
    #[serde(default)]
    settings: OverridesForm,
}

impl NewCategory {
    fn draft(self) -> Result<CategoryDraft, Problem> {
        Ok(CategoryDraft {
            name: self.name,
            description: self.description,
            category_type: self.r#type.into(),
            icon: self.icon,
            color: self.color,
            settings: self.settings.parse()?,
        })
    }
}

/// A category.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Category)]
struct CategoryView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    #[serde(flatten)]
    made: NewCategory,
    /// Raised with every change.
    version: u64,
    /// When it was made.
    created_at: Utc,
    /// When it was changed last.
    updated_at: Utc,
}

impl From<&CategoryRecord> for CategoryView {
    fn from(record: &CategoryRecord) -> Self {
        let category = record.category.clone();
        Self {
            id: record.id.to_string(),
            made: NewCategory {
                tenant_id: category.tenant.to_string(),
                name: category.name,
                description: category.description,
                r#type: category.category_type.into(),
                icon: category.icon,
                color: category.color,
                settings: OverridesForm::from(&category.settings),
            },
            version: category.version,
            created_at: category.created_at.into(),
            updated_at: category.updated_at.into(),
        }
    }
}

/// Which categories.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct CategoryQuery {
    /// Of this tenant.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Of things or of people.
    r#type: Option<TypeWord>,
    /// Whose name begins like this, whatever case and accents.
    #[schema(min_length = 1, max_length = 200)]
    q: Option<String>,
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    let changed = |route: Route<Doors>| {
        route
            .changes::<NewCategory>()
            .answers::<CategoryView>(200)
            .refuses(404, "not_found")
            .refuses(412, "stale_version")
    };
    vec![
        Route::post("/categories", WRITE, register)
            .summary("Make a category")
            .takes::<NewCategory>()
            .example(json!({
                "tenant_id": "0198c5a8-5f00-7000-8000-000000000000",
                "name": "Salas de Aula", "type": "fisico", "icon": "room", "color": "#4CAF50",
            }))
            .answers::<CategoryView>(201)
            .refuses(404, "not_found"),
        Route::get("/categories", READ, list)
            .summary("List categories")
            .filters::<CategoryQuery>()
            .lists::<CategoryView>(),
        Route::get("/categories/{id}", READ, show)
            .summary("Show a category")
            .answers::<CategoryView>(200)
            .refuses(404, "not_found"),
        changed(
            Route::put("/categories/{id}", WRITE, revise)
                .summary("Change a category; what is left out stays"),
        ),
        changed(Route::patch("/categories/{id}", WRITE, revise).summary("Change a category")),
        Route::delete("/categories/{id}", WRITE, delete)
            .summary("Delete a category that no resource is of")
            .status(204)
            .refuses(404, "not_found")
            .refuses(409, "category_in_use")
            .refuses(412, "stale_version"),
    ]
}

/// The tenant that a body names, if it is there for the caller.
pub(super) fn tenant(call: &Call, text: &str) -> Result<TenantId, Problem> {
    let tenant = text.parse().ok().filter(|tenant| call.who.sees(*tenant));
    tenant.ok_or_else(|| Problem::absent("tenant"))
}

async fn register(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let body: NewCategory = call.body()?;
    let tenant = tenant(&call, &body.tenant_id)?;
    let draft = body.draft()?;
    let keep = call.keep(created);
    let command = Register { tenant, draft, by: call.author(), keep };
    created(&doors.resources.register_category(command).await?)
}

fn created(record: &CategoryRecord) -> Result<Reply, Problem> {
    let reply = Reply::created(format!("/categories/{}", record.id), &CategoryView::from(record))?;
    Ok(reply.version(record.category.version))
}

fn shown(record: &CategoryRecord) -> Result<Reply, Problem> {
    Ok(Reply::ok(&CategoryView::from(record))?.version(record.category.version))
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: CategoryQuery = call.query()?;
    let Some(tenant) = narrowed(&call, asked.tenant_id.as_deref()) else {
        return Reply::list(&[] as &[CategoryView], None);
    };
    let category_type = asked.r#type.map(Into::into);
    let filter = CategoryFilter { tenant, category_type, beginning: asked.q };
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    let page = queries::categories(&doors.shell, &filter, after, limit).await?;
    let rows: Vec<_> = page.rows.iter().map(CategoryView::from).collect();
    Reply::list(&rows, page.next)
}

async fn found(doors: &Doors, call: &Call) -> Result<CategoryRecord, Problem> {
    Ok(queries::category(&doors.shell, call.id("id")?, call.who.tenant()).await?)
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    shown(&found(&doors, &call).await?)
}

/// Merges the body into the record as it is, and again if it moved meanwhile;
/// a caller who named a version is told instead.
async fn revise(doors: Doors, call: Call) -> Result<Reply, Problem> {
    for _ in 0..MERGES {
        let record = found(&doors, &call).await?;
        let how = Merge { whole: &[], fixed: &["tenant_id"] };
        let body: NewCategory = call.merge(&CategoryView::from(&record), &how)?;
        let draft = body.draft()?;
        call.if_match.check(record.category.version)?;
        let command = Revise {
            id: record.id,
            within: call.who.tenant(),
            draft,
            if_version: Some(record.category.version),
            by: call.author(),
        };
        match doors.resources.revise_category(command).await {
            Err(Error::Refused(Refusal::Stale)) if call.if_match.is_absent() => {}
            other => return shown(&other?),
        }
    }
    Err(Problem::from(Refusal::Stale))
}

async fn delete(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let record = found(&doors, &call).await?;
    call.if_match.check(record.category.version)?;
    let if_version = (!call.if_match.is_absent()).then_some(record.category.version);
    let (within, by) = (call.who.tenant(), call.author());
    doors.resources.delete_category(Delete { id: record.id, within, if_version, by }).await?;
    Ok(Reply::none())
}
