//! Resources over HTTP: what can be booked.

mod form;
mod schedule;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::resources::queries::{self, ResourceFilter};
use zelador_actors::resources::{Delete, Register, ResourceRecord, Revise, Upcoming};
use zelador_actors::{Error, Refusal};

use self::form::{NewResource, ResourceView};
use super::call::Call;
use super::categories::{READ, WRITE, tenant};
use super::doors::Doors;
use super::merge::Merge;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::schema::Shape;
use super::tenants::MERGES;
use super::users::narrowed;
use super::users::trial::Trial;

/// Which resources.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct ResourceQuery {
    /// Of this tenant.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Of this category.
    #[schema(format = "uuid")]
    category_id: Option<String>,
    /// That can, or cannot, be booked.
    is_active: Option<bool>,
    /// Whose name begins like this, whatever case and accents.
    #[schema(min_length = 1, max_length = 200)]
    q: Option<String>,
}

/// A resource, and what deleting it would come to.
#[derive(Debug, Serialize)]
struct Tried {
    #[serde(flatten)]
    record: ResourceView,
    would: Would,
}

/// What would happen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WouldCancel)]
struct Would {
    /// Bookings that would be cancelled, as far as they were counted.
    bookings_cancelled: usize,
    /// There are more than were counted.
    more: bool,
}

impl From<Upcoming> for Would {
    fn from(upcoming: Upcoming) -> Self {
        Self { bookings_cancelled: upcoming.bookings, more: upcoming.more }
    }
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    let changed = |route: Route<Doors>| {
        route
            .changes::<NewResource>()
            .answers::<ResourceView>(200)
            .refuses(404, "not_found")
            .refuses(412, "stale_version")
    };
    vec![
        Route::post("/resources", WRITE, register)
            .summary("Make a resource")
            .takes::<NewResource>()
            .example(json!({
                "tenant_id": "0198c5a8-5f00-7000-8000-000000000000",
                "name": "Sala 1 - Spinning", "capacity": 20, "location": "Andar 2",
                "availability_schedule": { "monday": [{ "start": "08:00", "end": "12:00" }] },
            }))
            .answers::<ResourceView>(201)
            .refuses(404, "not_found"),
        Route::get("/resources", READ, list)
            .summary("List resources")
            .filters::<ResourceQuery>()
            .lists::<ResourceView>(),
        Route::get("/resources/{id}", READ, show)
            .summary("Show a resource, and the rules in force")
            .answers::<ResourceView>(200)
            .refuses(404, "not_found"),
        changed(
            Route::put("/resources/{id}", WRITE, revise)
                .summary("Change a resource; what is left out stays"),
        ),
        changed(Route::patch("/resources/{id}", WRITE, revise).summary("Change a resource")),
        Route::delete("/resources/{id}", WRITE, delete)
            .summary("Delete a resource; its upcoming bookings are cancelled")
            .filters::<Trial>()
            .tries(Shape::of::<ResourceView>().with("would", Shape::of::<Would>()))
            .status(204)
            .refuses(404, "not_found")
            .refuses(412, "stale_version"),
    ]
}

async fn register(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let body: NewResource = call.body()?;
    let tenant = tenant(&call, &body.tenant_id)?;
    let draft = body.draft()?;
    let keep = call.keep(created);
    let command = Register { tenant, draft, by: call.author(), keep };
    created(&doors.resources.register_resource(command).await?)
}

fn created(record: &ResourceRecord) -> Result<Reply, Problem> {
    let view = ResourceView::new(record)?;
    let reply = Reply::created(format!("/resources/{}", record.id), &view)?;
    Ok(reply.version(record.resource.version))
}

fn shown(record: &ResourceRecord) -> Result<Reply, Problem> {
    Ok(Reply::ok(&ResourceView::new(record)?)?.version(record.resource.version))
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: ResourceQuery = call.query()?;
    let category = asked.category_id.map(|text| text.parse());
    let (Some(tenant), Ok(category)) =
        (narrowed(&call, asked.tenant_id.as_deref()), category.transpose())
    else {
        return Reply::list(&[] as &[ResourceView], None);
    };
    let filter =
        ResourceFilter { tenant, category, is_active: asked.is_active, beginning: asked.q };
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    let page = queries::resources(&doors.shell, &filter, after, limit).await?;
    let rows: Result<Vec<_>, _> = page.rows.iter().map(ResourceView::new).collect();
    Reply::list(&rows?, page.next)
}

async fn found(doors: &Doors, call: &Call) -> Result<ResourceRecord, Problem> {
    Ok(queries::resource(&doors.shell, call.id("id")?, call.who.tenant()).await?)
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    shown(&found(&doors, &call).await?)
}

/// Merges the body into the record as it is, and again if it moved meanwhile;
/// a caller who named a version is told instead.
async fn revise(doors: Doors, call: Call) -> Result<Reply, Problem> {
    for _ in 0..MERGES {
        let record = found(&doors, &call).await?;
        let how = Merge { whole: &["availability_schedule"], fixed: &["tenant_id"] };
        let body: NewResource = call.merge(&ResourceView::new(&record)?, &how)?;
        let draft = body.draft()?;
        call.if_match.check(record.resource.version)?;
        let command = Revise {
            id: record.id,
            within: call.who.tenant(),
            draft,
            if_version: Some(record.resource.version),
            by: call.author(),
        };
        match doors.resources.revise_resource(command).await {
            Err(Error::Refused(Refusal::Stale)) if call.if_match.is_absent() => {}
            other => return shown(&other?),
        }
    }
    Err(Problem::from(Refusal::Stale))
}

async fn delete(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let trial: Trial = call.query()?;
    let record = found(&doors, &call).await?;
    call.if_match.check(record.resource.version)?;
    let if_version = (!call.if_match.is_absent()).then_some(record.resource.version);
    let (within, by) = (call.who.tenant(), call.author());
    let command = Delete { id: record.id, within, if_version, by };
    if trial.dry_run {
        let foreseen = doors.resources.foresee(&command).await?;
        let record = ResourceView::new(&foreseen.record)?;
        let tried = Tried { record, would: foreseen.cancelled.into() };
        return Ok(Reply::ok(&tried)?.version(foreseen.record.resource.version));
    }
    doors.resources.delete_resource(command).await?;
    Ok(Reply::none())
}
