//! Nextcloud over HTTP: the instances of the pool, and the accounts of users.

mod account;
mod form;
mod page;
mod secret;

use serde_json::json;
use zelador_actors::nextcloud::{
    AccountRecord, AddInstance, InstanceRecord, MoveAccount, Provision, RemoveInstance,
    ReviseInstance, queries,
};
use zelador_actors::{Error, Refusal};
use zelador_store::id::{InstanceId, UserId};

use self::account::{AccountMove, CloudAccount, HealthCheck, PasswordLink, Requeued};
use self::form::{InstanceView, NewInstance};
use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::merge::Merge;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::tenants::MERGES;

const SEE: Need = Need::Global("instances:read");
const KEEP: Need = Need::Global("instances:write");
const READ_OWN: Need = Need::Own("nextcloud:read");
const WRITE: Need = Need::Scope("nextcloud:write");

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    let all = instances().into_iter().chain(accounts());
    all.map(|route| route.part("nextcloud")).chain(page::routes()).collect()
}

fn instances() -> Vec<Route<Doors>> {
    let (all, one) = ("/admin/instances", "/admin/instances/{id}");
    let changed = |route: Route<Doors>| {
        route
            .changes::<NewInstance>()
            .answers::<InstanceView>(200)
            .refuses(404, "not_found")
            .refuses(409, "instance_name_taken")
            .refuses(412, "stale_version")
    };
    vec![
        Route::post(all, KEEP, add)
            .summary("Register a Nextcloud server")
            .takes::<NewInstance>()
            .example(json!({
                "name": "nc-1", "base_url": "https://cloud.example.org",
                "management_method": "api", "max_users": 500,
                "api": { "username": "zelador", "password": { "credential": "nc-1" } },
            }))
            .answers::<InstanceView>(201)
            .refuses(409, "instance_name_taken")
            .refuses(409, "too_many_instances")
            .refuses(409, "concern_off"),
        Route::get(all, SEE, list).summary("List the instances").lists::<InstanceView>(),
        Route::get(one, SEE, show)
            .summary("Show an instance, and how it does")
            .answers::<InstanceView>(200)
            .refuses(404, "not_found"),
        changed(
            Route::put(one, KEEP, revise).summary("Change an instance; what is left out stays"),
        ),
        changed(Route::patch(one, KEEP, revise).summary("Change an instance")),
        Route::delete(one, KEEP, remove)
            .summary("Forget an instance without accounts")
            .status(204)
            .refuses(404, "not_found")
            .refuses(409, "instance_in_use")
            .refuses(412, "stale_version"),
        Route::post("/admin/instances/{id}/health-check", KEEP, check)
            .summary("Look at an instance now")
            .answers::<HealthCheck>(200)
            .refuses(404, "not_found")
            .refuses(409, "sandbox_records")
            .refuses(409, "sandbox_only")
            .refuses(409, "concern_off"),
    ]
}

fn accounts() -> Vec<Route<Doors>> {
    let one = "/users/{id}/nextcloud";
    let off =
        |route: Route<Doors>| route.refuses(409, "sandbox_records").refuses(409, "concern_off");
    vec![
        off(Route::post(one, WRITE, provision)
            .summary("Have a Nextcloud account made for a user")
            .answers::<CloudAccount>(202)
            .refuses(404, "not_found")
            .refuses(409, "account_active")),
        Route::get(one, READ_OWN, tell)
            .summary("The Nextcloud account of a user")
            .answers::<CloudAccount>(200)
            .refuses(404, "not_found"),
        off(Route::post("/users/{id}/nextcloud/move", KEEP, relocate)
            .summary("Make the account anew on another instance, and switch the old one off")
            .takes::<AccountMove>()
            .answers::<CloudAccount>(202)
            .refuses(404, "not_found")
            .refuses(409, "no_account_to_move")
            .refuses(409, "account_there_already")),
        off(Route::post("/users/{id}/nextcloud/link", WRITE, link)
            .summary("Make a link that shows the first password once")
            .answers::<PasswordLink>(200)
            .secret()
            .refuses(404, "not_found")
            .refuses(409, "no_first_password")),
        off(Route::post("/admin/nextcloud/retry-failed", WRITE, retry_failed)
            .summary("Try every account anew that could not be made")
            .answers::<Requeued>(202)),
    ]
}

fn id(call: &Call) -> Result<InstanceId, Problem> {
    call.id("id")
}

fn shown(record: &InstanceRecord) -> Result<Reply, Problem> {
    Ok(Reply::ok(&InstanceView::from(record))?.version(record.instance.version))
}

async fn add(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let body: NewInstance = call.body()?;
    let show = |record: &InstanceRecord| {
        let reply =
            Reply::created(format!("/admin/instances/{}", record.id), &InstanceView::from(record))?;
        Ok(reply.version(record.instance.version))
    };
    let draft = body.draft(&call.body)?;
    let (keep, by) = (call.keep(show), call.author());
    let command = AddInstance { draft, sandbox: false, by, keep };
    show(&doors.nextcloud.add(command).await?)
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    let page = queries::instances(&doors.shell, after, limit).await?;
    let rows: Vec<_> = page.rows.iter().map(InstanceView::from).collect();
    Reply::list(&rows, page.next)
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    shown(&queries::instance(&doors.shell, id(&call)?).await?)
}

/// Merges the body into the record as it is, and again if it moved meanwhile;
/// a caller who named a version is told instead.
async fn revise(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let id = id(&call)?;
    for _ in 0..MERGES {
        let record = queries::instance(&doors.shell, id).await?;
        let body: NewInstance = call.merge(&InstanceView::from(&record), &Merge::default())?;
        call.if_match.check(record.instance.version)?;
        let draft = body.draft(&call.body)?;
        let (if_version, by) = (Some(record.instance.version), call.author());
        match doors.nextcloud.revise(ReviseInstance { id, draft, if_version, by }).await {
            Err(Error::Refused(Refusal::Stale)) if call.if_match.is_absent() => {}
            other => return shown(&other?),
        }
    }
    Err(Problem::from(Refusal::Stale))
}

async fn remove(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let id = id(&call)?;
    let record = queries::instance(&doors.shell, id).await?;
    call.if_match.check(record.instance.version)?;
    let if_version = (!call.if_match.is_absent()).then_some(record.instance.version);
    doors.nextcloud.remove(RemoveInstance { id, if_version, by: call.author() }).await?;
    Ok(Reply::none())
}

async fn check(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let checked = doors.nextcloud.check(id(&call)?, &call.author()).await?;
    Reply::ok(&HealthCheck::from(&checked.look))
}

async fn provision(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let show = |record: &AccountRecord| Reply::accepted(&CloudAccount::from(record));
    let (user, within): (UserId, _) = (call.id("id")?, call.who.tenant());
    let (keep, by) = (call.keep(show), call.author());
    show(&doors.nextcloud.provision(Provision { user, within, by, keep }).await?)
}

async fn tell(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let user: UserId = call.id("id")?;
    let record = queries::account(&doors.shell, user, call.who.tenant()).await?;
    call.permit(user, "nextcloud:read")?;
    Reply::ok(&CloudAccount::from(&record))
}

async fn relocate(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let AccountMove { instance_id } = call.body()?;
    let to = instance_id.parse().map_err(|_| Problem::absent("instance"))?;
    let show = |record: &AccountRecord| Reply::accepted(&CloudAccount::from(record));
    let (user, within): (UserId, _) = (call.id("id")?, call.who.tenant());
    let (keep, by) = (call.keep(show), call.author());
    show(&doors.nextcloud.move_account(MoveAccount { user, within, to, by, keep }).await?)
}

async fn link(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (user, within): (UserId, _) = (call.id("id")?, call.who.tenant());
    let (token, until) = doors.nextcloud.link(user, within, &call.author()).await?;
    let base = doors.notices.settings().public_url.clone().unwrap_or_default();
    let url = format!("{}/nextcloud/password?token={token}", base.trim_end_matches('/'));
    Reply::ok(&PasswordLink { url, expires_at: until })
}

async fn retry_failed(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let show = |requeued: &u64| Reply::accepted(&Requeued { requeued: *requeued });
    let (keep, by, within) = (call.keep(show), call.author(), call.who.tenant());
    show(&doors.nextcloud.retry_failed(within, &by, keep.as_ref()).await?)
}
