//! Users over HTTP: the records.

pub(super) mod cloud;
mod export;
pub(super) mod form;
pub(super) mod trial;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use zelador_actors::identity::passwords;
use zelador_actors::users::queries::{self, Filter};
use zelador_actors::users::{Command, Erase, NewCredential, Register, UserRecord, What};
use zelador_actors::{Error, Refusal, tenants};
use zelador_store::event::Event;
use zelador_store::id::{TenantId, UserId};

use self::cloud::AccountWord;
use self::form::{NewUser, StatusWord, UserView};
use self::trial::Tried;
use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::language::Language;
use super::merge::Merge;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::tenants::MERGES;

/// What may be read and what may be written.
pub(super) const READ: Need = Need::Scope("users:read");
pub(super) const WRITE: Need = Need::Scope("users:write");
/// The same, or one's own.
pub(super) const READ_OWN: Need = Need::Own("users:read");
const WRITE_OWN: Need = Need::Own("users:write");

/// Which users.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct UserFilter {
    /// Of this tenant.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// With one of these in force.
    status: Vec<StatusWord>,
    /// With a Nextcloud account in one of these states.
    nextcloud_status: Vec<AccountWord>,
    /// Whose name or address begins like this, whatever case and accents.
    #[schema(min_length = 1, max_length = 200)]
    q: Option<String>,
}

/// How a user is deleted.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Ending {
    /// Answer what would happen, and change nothing.
    #[schema(default = false)]
    dry_run: bool,
    /// Erase what is known of the person as well, also of one deleted before.
    #[schema(default = false)]
    erase: bool,
}

/// Something that happened to a user.
#[derive(Debug, Serialize, ToSchema)]
struct TimelineEntry {
    /// The event's id.
    #[schema(format = "uuid")]
    id: String,
    /// What happened.
    #[schema(example = "user.status_changed")]
    r#type: String,
    /// Whose user.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// When, with milliseconds.
    #[schema(format = "date-time")]
    occurred_at: String,
    /// The particulars.
    #[schema(value_type = Object, additional_properties = true)]
    data: Value,
}

impl From<Event> for TimelineEntry {
    fn from(event: Event) -> Self {
        Self {
            id: event.id.to_string(),
            r#type: event.kind,
            tenant_id: event.tenant.map(|id| id.to_string()),
            occurred_at: event.at.to_string(),
            data: serde_json::from_str(&event.data).unwrap_or_default(),
        }
    }
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    let changed = |route: Route<Doors>| {
        route
            .changes::<NewUser>()
            .answers::<UserView>(200)
            .refuses(404, "not_found")
            .refuses(412, "stale_version")
            .refuses(409, "email_taken")
            .refuses(409, "id_wispro_taken")
            .refuses(403, "not_yourself")
            .refuses(409, "last_admin")
    };
    vec![
        Route::post("/users", WRITE, register)
            .summary("Register a user")
            .takes::<NewUser>()
            .example(json!({
                "tenant_id": "0198c5a8-5f00-7000-8000-000000000000",
                "name": "João Silva",
                "email": "joao.silva@academiafit.com",
            }))
            .answers::<UserView>(201)
            .refuses(404, "not_found")
            .refuses(409, "email_taken")
            .refuses(409, "id_wispro_taken"),
        Route::get("/users", READ, list)
            .summary("List users")
            .filters::<UserFilter>()
            .lists::<UserView>(),
        Route::get("/users/{id}", READ_OWN, show)
            .summary("Show a user")
            .answers::<UserView>(200)
            .refuses(404, "not_found"),
        changed(
            Route::put("/users/{id}", WRITE_OWN, revise)
                .summary("Change a user; what is left out stays"),
        ),
        changed(Route::patch("/users/{id}", WRITE_OWN, revise).summary("Change a user")),
        Route::delete("/users/{id}", WRITE, delete)
            .summary("Delete a user, and erase what is known of the person")
            .filters::<Ending>()
            .status(204)
            .tries(Tried::<UserView>::shape())
            .refuses(404, "not_found")
            .refuses(403, "not_yourself")
            .refuses(409, "last_admin")
            .refuses(412, "stale_version"),
        Route::get("/users/{id}/timeline", READ_OWN, timeline)
            .summary("Everything that ever happened to a user, the newest first")
            .lists::<TimelineEntry>()
            .refuses(404, "not_found"),
        export::route(),
    ]
}

/// A command of this caller's; what it may not see does not exist for it.
pub(super) fn command(call: &Call, id: UserId, what: What) -> Command {
    Command {
        id,
        within: call.who.tenant(),
        if_version: None,
        what,
        credential: None,
        standing: call.standing(),
        by: call.author(),
        keep: None,
    }
}

/// A user, if the caller may see it.
pub(super) async fn found(doors: &Doors, call: &Call, id: UserId) -> Result<UserRecord, Problem> {
    Ok(queries::get(&doors.shell, id, call.who.tenant()).await?)
}

/// The version to expect, if the caller named one; refused if it is stale.
pub(super) async fn expected(
    doors: &Doors,
    call: &Call,
    id: UserId,
) -> Result<Option<u64>, Problem> {
    if call.if_match.is_absent() {
        return Ok(None);
    }
    let version = found(doors, call, id).await?.user.version;
    call.if_match.check(version)?;
    Ok(Some(version))
}

/// 200 with the user as it would be, and what else would happen.
pub(super) async fn foresee(
    doors: &Doors,
    call: &Call,
    command: &Command,
) -> Result<Reply, Problem> {
    let foreseen = doors.users.foresee(command).await?;
    let language = call.language_for(&foreseen.record.tenant);
    let view = Tried::new(UserView::new(&foreseen.record, language)?, &foreseen);
    Ok(Reply::ok(&view)?.version(foreseen.record.user.version).language(language))
}

/// 200 with the user.
pub(super) fn shown(record: &UserRecord, call: &Call) -> Result<Reply, Problem> {
    let language = call.language_for(&record.tenant);
    let reply = Reply::ok(&UserView::new(record, language)?)?;
    Ok(reply.version(record.user.version).language(language))
}

async fn register(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let body: NewUser = call.body()?;
    let tenant: TenantId = body.tenant_id.parse().map_err(|_| Problem::absent("tenant"))?;
    if !call.who.sees(tenant) {
        return Err(Problem::absent("tenant"));
    }
    let credential = credential(&doors, &body).await?;
    let (draft, status) = body.draft();
    let speech = call.speech();
    let show = move |record: &UserRecord| {
        let language = speech.for_tenant(&record.tenant);
        let view = UserView::new(record, language)?;
        let reply = Reply::created(format!("/users/{}", record.id), &view)?;
        Ok(reply.version(record.user.version).language(language))
    };
    let keep = call.keep(show);
    let (standing, by) = (call.standing(), call.author());
    let command = Register { tenant, draft, status, credential, standing, by, keep };
    show(&doors.users.register(command).await?)
}

/// What the body says to sign in with, hashed.
async fn credential(doors: &Doors, body: &NewUser) -> Result<Option<NewCredential>, Problem> {
    let must_change = body.must_change_password.unwrap_or(false);
    let flaw = |field: &str, code| Problem::from(Refusal::field(field, code));
    let hash = match (&body.password, &body.password_hash) {
        (Some(_), Some(_)) => return Err(flaw("password_hash", "either_password")),
        (Some(password), None) => doors.identity.hash("password", password.clone().into()).await?,
        (None, Some(hash)) if !passwords::is_hash(hash) => {
            return Err(flaw("password_hash", "unknown_hash"));
        }
        (None, Some(hash)) => hash.clone(),
        (None, None) if must_change => return Err(flaw("password", "required")),
        (None, None) => return Ok(None),
    };
    Ok(Some(NewCredential { hash, must_change }))
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: UserFilter = call.query()?;
    let filter = Filter {
        tenant: None,
        statuses: asked.status.into_iter().map(Into::into).collect(),
        beginning: asked.q,
        cloud: asked.nextcloud_status.iter().flat_map(|word| word.states()).copied().collect(),
    };
    match narrowed(&call, asked.tenant_id.as_deref()) {
        Some(tenant) => users(&doors, &call, Filter { tenant, ..filter }).await,
        None => Reply::list(&[] as &[UserView], None),
    }
}

/// The tenant that a list is of; outer `None`: of one that the caller cannot see.
#[expect(clippy::option_option, reason = "of nothing, of everything, of one")]
pub(super) fn narrowed(call: &Call, tenant: Option<&str>) -> Option<Option<TenantId>> {
    let Some(text) = tenant else { return Some(call.who.tenant()) };
    let tenant: TenantId = text.parse().ok()?;
    call.who.sees(tenant).then_some(Some(tenant))
}

async fn users(doors: &Doors, call: &Call, filter: Filter) -> Result<Reply, Problem> {
    let (language, page) = page(doors, call, &filter).await?;
    let rows: Result<Vec<_>, _> =
        page.rows.iter().map(|record| UserView::new(record, language)).collect();
    Ok(Reply::list(&rows?, page.next)?.language(language))
}

/// A page of users, and the language to show them in: a list of one tenant
/// speaks the tenant's.
pub(super) async fn page(
    doors: &Doors,
    call: &Call,
    filter: &Filter,
) -> Result<(Language, zelador_store::Page<UserRecord>), Problem> {
    let tenant = match filter.tenant {
        Some(id) => tenants::queries::get(&doors.shell, id).await.ok(),
        None => None,
    };
    let language = tenant.map_or(call.language, |found| call.language_for(&found.tenant));
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    Ok((language, queries::list(&doors.shell, filter, after, limit).await?))
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let record = found(&doors, &call, call.id("id")?).await?;
    call.permit(record.id, "users:read")?;
    shown(&record, &call)
}

/// Merges the body into the record as it is, and again if it moved meanwhile;
/// a caller who named a version is told instead.
async fn revise(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let mut hashed = None;
    for _ in 0..MERGES {
        let record = found(&doors, &call, call.id("id")?).await?;
        call.permit(record.id, "users:write")?;
        // A record may be sent back whole, inherited and computed members too.
        let view = UserView::new(&record, call.language_for(&record.tenant))?;
        let fixed = Merge { whole: &[], fixed: &["tenant_id", "status"] };
        let own = NewUser::of(&record.user)?;
        let body = call.merge_changed::<NewUser>(&view, &own, &fixed)?;
        call.if_match.check(record.user.version)?;
        if hashed.is_none() && body.signs_in() {
            // Nobody chooses their own password without the one until now.
            if call.who.user() == Some(record.id) {
                return Err(Problem::forbidden("not_yourself"));
            }
            call.outranks(&record)?;
            hashed = credential(&doors, &body).await?;
        }
        let (draft, _) = body.draft();
        let mut command = command(&call, record.id, What::Revise(Box::new(draft)));
        command.credential.clone_from(&hashed);
        command.if_version = Some(record.user.version);
        match doors.users.execute(command).await {
            Err(Error::Refused(Refusal::Stale)) if call.if_match.is_absent() => {}
            other => return shown(&other?, &call),
        }
    }
    Err(Problem::from(Refusal::Stale))
}

async fn delete(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let ending: Ending = call.query()?;
    if ending.erase && !ending.dry_run {
        return erase(&doors, &call).await;
    }
    let mut command = command(&call, call.id("id")?, What::Delete);
    command.if_version = expected(&doors, &call, command.id).await?;
    if ending.dry_run {
        return foresee(&doors, &call, &command).await;
    }
    doors.users.execute(command).await?;
    Ok(Reply::none())
}

/// A user who was deleted before is not to be seen, so its version is looked at
/// by whoever erases.
async fn erase(doors: &Doors, call: &Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let if_version = expected(doors, call, id).await?;
    let (within, by, standing) = (call.who.tenant(), call.author(), call.standing());
    let command = Erase { id, within, if_version, by, standing };
    doors.users.erase(command).await?;
    Ok(Reply::none())
}

async fn timeline(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (id, within) = (call.id("id")?, call.who.tenant());
    if call.who.user().is_some() {
        call.permit(found(&doors, &call, id).await?.id, "users:read")?;
    }
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    let page = queries::timeline(&doors.shell, id, within, after, limit).await?;
    let rows: Vec<_> = page.rows.into_iter().map(TimelineEntry::from).collect();
    Reply::list(&rows, page.next)
}
