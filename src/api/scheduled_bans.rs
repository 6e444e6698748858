//! Scheduled bans over HTTP, as the administration page asks for them.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::users::What;
use zelador_actors::users::queries::Filter;
use zelador_store::id::UserId;
use zelador_store::plan::PlanSort;
use zelador_store::user::Status;

use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::status::{PlannedView, make, plan_of, spoken, undo};
use super::users::form::UserView;
use super::users::trial::{Trial, Tried};
use super::users::{READ, WRITE, command, found, narrowed, page};

/// A ban, later.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBan {
    /// Whom.
    #[schema(format = "uuid")]
    user_id: String,
    /// When: an instant, a time local to the tenant, or a day.
    #[schema(format = "moment", example = "2025-12-05T14:00:00-03:00")]
    date: String,
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Which users.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct BanFilter {
    /// Of this tenant.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Whose name or address begins like this, whatever case and accents.
    #[schema(min_length = 1, max_length = 200)]
    q: Option<String>,
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    let routes = vec![
        Route::get("/admin/scheduled-bans", READ, list)
            .summary("Users who are not banned, with the ban that is planned")
            .filters::<BanFilter>()
            .lists::<PlannedView>(),
        Route::post("/admin/scheduled-bans", WRITE, plan)
            .summary("Plan a ban; one already planned is replaced")
            .filters::<Trial>()
            .takes::<NewBan>()
            .example(json!({
                "user_id": "0198c5a8-5f00-7000-8000-000000000000",
                "date": "2030-01-10T08:00",
                "reason": "falta de pagamento",
            }))
            .answers::<PlannedView>(201)
            .tries(Tried::<PlannedView>::shape())
            .refuses(404, "not_found")
            .refuses(409, "already_banned"),
        Route::get("/admin/scheduled-bans/{user_id}", READ, show)
            .summary("The ban that is planned for a user")
            .answers::<PlannedView>(200)
            .refuses(404, "not_found"),
        Route::delete("/admin/scheduled-bans/{user_id}", WRITE, call_off)
            .summary("Call a planned ban off")
            .filters::<Trial>()
            .status(204)
            .tries(Tried::<UserView>::shape())
            .refuses(404, "not_found")
            .refuses(412, "stale_version"),
    ];
    routes.into_iter().map(|route| route.part("users")).collect()
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: BanFilter = call.query()?;
    let Some(tenant) = narrowed(&call, asked.tenant_id.as_deref()) else {
        return Reply::list(&[] as &[PlannedView], None);
    };
    let statuses = Status::ALL.into_iter().filter(|status| *status != Status::Banned).collect();
    let filter = Filter { tenant, statuses, beginning: asked.q, ..Filter::default() };
    let (language, page) = page(&doors, &call, &filter).await?;
    let rows: Result<Vec<_>, _> =
        page.rows.iter().map(|record| PlannedView::new(record, PlanSort::Ban, language)).collect();
    Ok(Reply::list(&rows?, page.next)?.language(language))
}

async fn plan(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let NewBan { user_id, date, reason } = call.body()?;
    let what = What::PlanBan { date: spoken("date", &date)?, reason: Some(reason) };
    let id: UserId = user_id.parse().map_err(|_| Problem::absent("user"))?;
    let command = command(&call, id, what);
    let path = format!("/admin/scheduled-bans/{id}");
    make(&doors, &mut call, command, PlanSort::Ban, path).await
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    plan_of(&found(&doors, &call, call.id("user_id")?).await?, PlanSort::Ban, &call)
}

async fn call_off(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let command = command(&call, call.id("user_id")?, What::CallOff(PlanSort::Ban));
    undo(&doors, &call, command).await
}
