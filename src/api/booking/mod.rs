//! Bookings over HTTP.

mod form;
mod labels;
mod make;
pub(super) mod refused;

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::booking::queries::{self, BookingFilter};
use zelador_actors::booking::{BookingRecord, Changed, Command, Decided, Revision, Rights, What};
use zelador_actors::moment::Spoken;
use zelador_actors::{Error, Refusal};
use zelador_store::booking::BookingStatus;
use zelador_store::id::{BookingId, UserId};

pub(super) use self::form::BookingView;
use self::form::{BookingChange, BookingWord, How, NewBooking};
use self::make::{book, id_of, parsed};
use super::audit::{moment, zone_of};
use super::auth::{Need, Who};
use super::call::Call;
use super::doors::Doors;
use super::merge::Merge;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::schema::Shape;
use super::tenants::MERGES;
use super::users::narrowed;
use super::users::trial::Trial;

/// What may be read and what may be written, beside one's own.
const READ: Need = Need::Own("bookings:read");
const WRITE: Need = Need::Own("bookings:write");

/// Bookings that one document about a person holds, at most.
const MOST_OF_PERSON: usize = 10_000;

/// Which bookings.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = BookingFilter)]
struct Filter {
    /// Of this tenant.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// On this resource.
    #[schema(format = "uuid")]
    resource_id: Option<String>,
    /// Made by this user.
    #[schema(format = "uuid")]
    user_id: Option<String>,
    /// For this client.
    #[schema(format = "uuid")]
    client_id: Option<String>,
    /// Of this series.
    #[schema(format = "uuid")]
    series_id: Option<String>,
    /// In one of these.
    status: Vec<BookingWord>,
    /// Not over by this time; without an offset local to the tenant.
    #[schema(format = "moment")]
    from: Option<String>,
    /// Begun before this time.
    #[schema(format = "moment")]
    to: Option<String>,
}

/// Why a booking is called off.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = Cancellation)]
struct Ending {
    /// Why.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Another status.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBookingStatus)]
struct NewStatus {
    /// Which.
    status: BookingWord,
}

/// The rules of a booking, each with its code.
const RULES: [&str; 10] = [
    "resource_inactive",
    "user_not_allowed",
    "in_the_past",
    "min_notice",
    "beyond_advance_window",
    "duration_not_multiple",
    "not_aligned",
    "outside_working_hours",
    "closed",
    "resource_unavailable",
];

fn judged(route: Route<Doors>) -> Route<Doors> {
    let route = RULES.into_iter().fold(route, |route, code| route.refuses(400, code));
    route.refuses(404, "not_found").refuses(409, "conflict")
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    let [put, patch] = changes();
    let [delete, cancel] = endings();
    vec![
        judged(
            Route::post("/bookings", WRITE, book)
                .summary("Book, hold, or book again and again")
                .filters::<Trial>()
                .tries(Shape::of::<BookingView>())
                .takes::<NewBooking>()
                .example(json!({
                    "tenant_id": "0198c5a8-5f00-7000-8000-000000000000",
                    "resource_id": "0198c5a8-5f00-7000-8000-000000000001",
                    "user_id": "0198c5a8-5f00-7000-8000-000000000002",
                    "start_time": "2025-12-05T14:00:00Z",
                    "end_time": "2025-12-05T15:00:00Z",
                    "notes": "Aula de Spinning - Iniciantes",
                }))
                .answers::<BookingView>(201),
        ),
        Route::get("/bookings", READ, list)
            .summary("List bookings, by their start")
            .filters::<Filter>()
            .lists::<BookingView>(),
        Route::get("/bookings/{id}", READ, show)
            .summary("Show a booking")
            .answers::<BookingView>(200)
            .refuses(404, "not_found"),
        put,
        patch,
        delete,
        cancel,
        moves(),
    ]
}

fn changes() -> [Route<Doors>; 2] {
    let changed = |route: Route<Doors>| {
        let route = route.filters::<How>().tries(Shape::of::<BookingView>());
        let route = route.changes::<BookingChange>().answers::<BookingView>(200);
        judged(route).refuses(412, "stale_version").refuses(409, "booking_closed")
    };
    let put = Route::put("/bookings/{id}", WRITE, revise);
    let patch = Route::patch("/bookings/{id}", WRITE, revise);
    [
        changed(put.summary("Change a booking; what is left out stays")),
        changed(patch.summary("Change a booking")),
    ]
}

fn endings() -> [Route<Doors>; 2] {
    let ended = |route: Route<Doors>| {
        route
            .filters::<How>()
            .tries(Shape::of::<BookingView>())
            .answers::<BookingView>(200)
            .refuses(404, "not_found")
            .refuses(400, "cancellation_window_passed")
            .refuses(409, "booking_closed")
            .refuses(412, "stale_version")
    };
    let delete_route = Route::delete("/bookings/{id}", WRITE, delete);
    let cancel_route = Route::post("/bookings/{id}/cancel", WRITE, cancel).takes::<Ending>();
    [
        ended(delete_route.summary("Call a booking off")),
        ended(cancel_route.summary("Call a booking off, and say why")),
    ]
}

fn moves() -> Route<Doors> {
    Route::put("/bookings/{id}/status", WRITE, status)
        .summary("Move a booking to another status")
        .filters::<Trial>()
        .tries(Shape::of::<BookingView>())
        .takes::<NewStatus>()
        .example(json!({ "status": "confirmado" }))
        .answers::<BookingView>(200)
        .refuses(404, "not_found")
        .refuses(400, "cancellation_window_passed")
        .refuses(409, "status_not_reachable")
        .refuses(409, "booking_closed")
        .refuses(409, "hold_expired")
        .refuses(409, "conflict")
        .refuses(412, "stale_version")
}

/// What the caller may do with the bookings of others.
pub(super) fn rights(call: &Call) -> Rights {
    let manages = call.who.may("bookings:write");
    // A service acts for people, and is bound by what binds them.
    let spared = manages && !matches!(call.who, Who::Service { .. });
    Rights { person: call.who.user(), manages, spared }
}

fn granted<T>(decided: Decided<T>, call: &Call) -> Result<T, Problem> {
    decided.map_err(|why| refused::problem(&why, call))
}

/// A booking that the caller may see and is permitted to; 403 where it is
/// somebody else's of the same tenant.
async fn found(
    doors: &Doors,
    call: &Call,
    id: BookingId,
    scope: &str,
) -> Result<BookingRecord, Problem> {
    let record = queries::get(&doors.shell, id, call.who.tenant()).await?;
    let person = call.who.user();
    let own = person.is_some_and(|id| id == record.booking.user || id == record.booking.client);
    if own || call.who.may(scope) { Ok(record) } else { Err(Problem::forbidden("forbidden")) }
}

fn shown(record: &BookingRecord, call: &Call) -> Result<Reply, Problem> {
    let language = call.language_for(&record.tenant.row);
    let reply = Reply::ok(&BookingView::new(record, language))?;
    Ok(reply.version(record.booking.version).language(language))
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    shown(&found(&doors, &call, call.id("id")?, "bookings:read").await?, &call)
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: Filter = call.query()?;
    let zone = zone_of(&doors, &call, asked.tenant_id.as_deref()).await;
    let Some(tenant) = narrowed(&call, asked.tenant_id.as_deref()) else {
        return Reply::list(&[] as &[BookingView], None);
    };
    let person = call.who.user().filter(|_| !call.who.may("bookings:read"));
    // The shapes were checked: they are ids.
    let user = asked.user_id.as_deref().and_then(|id| id.parse().ok());
    let filter = BookingFilter {
        tenant,
        resource: asked.resource_id.as_deref().and_then(|id| id.parse().ok()),
        user,
        client: asked.client_id.as_deref().and_then(|id| id.parse().ok()),
        person,
        series: asked.series_id.as_deref().and_then(|id| id.parse().ok()),
        statuses: asked.status.into_iter().map(BookingStatus::from).collect(),
        from: moment("from", asked.from.as_deref(), zone.as_ref())?,
        to: moment("to", asked.to.as_deref(), zone.as_ref())?,
    };
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    let page = queries::list(&doors.shell, &filter, after, limit).await?;
    let language =
        page.rows.first().map_or(call.language, |one| call.language_for(&one.tenant.row));
    let rows: Vec<_> = page.rows.iter().map(|one| BookingView::new(one, language)).collect();
    Ok(Reply::list(&rows, page.next)?.language(language))
}

/// What a person booked, or was booked for them, and whether that is all of it.
pub(super) async fn of_person(
    doors: &Doors,
    call: &Call,
    person: UserId,
) -> Result<(Vec<BookingView>, bool), Problem> {
    let filter = BookingFilter { person: Some(person), ..BookingFilter::default() };
    let (mut views, mut after) = (Vec::new(), None);
    loop {
        let page = queries::list(&doors.shell, &filter, after, 500).await?;
        let view = |one: &BookingRecord| BookingView::new(one, call.language_for(&one.tenant.row));
        views.extend(page.rows.iter().map(view));
        after = page.next;
        if after.is_none() || views.len() >= MOST_OF_PERSON {
            return Ok((views, after.is_none()));
        }
    }
}

/// A command of this caller's, about a booking that it may change.
async fn command(doors: &Doors, call: &Call, what: What, how: How) -> Result<Command, Problem> {
    let record = found(doors, call, call.id("id")?, "bookings:write").await?;
    call.if_match.check(record.booking.version)?;
    let if_version = (!call.if_match.is_absent()).then_some(record.booking.version);
    Ok(Command {
        id: record.id,
        within: call.who.tenant(),
        if_version,
        what,
        scope: how.scope.into(),
        rights: rights(call),
        by: call.author(),
        keep: None,
    })
}

async fn carried_out(
    doors: &Doors,
    mut call: Call,
    mut command: Command,
    dry_run: bool,
) -> Result<Reply, Problem> {
    let speech = call.speech();
    let show = move |changed: &Changed| {
        let language = speech.for_tenant(&changed.record.tenant.row);
        let others: &[_] = if changed.all.len() > 1 { &changed.all } else { &[] };
        let view = BookingView::new(&changed.record, language).with(others);
        Ok(Reply::ok(&view)?.version(changed.record.booking.version).language(language))
    };
    let decided = if dry_run {
        doors.bookings.foresee(&command).await?
    } else {
        command.keep = call.keep(show);
        doors.bookings.execute(command).await?
    };
    show(&granted(decided, &call)?)
}

async fn delete(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let how: How = call.query()?;
    let command = command(&doors, &call, What::Cancel { reason: None }, how).await?;
    carried_out(&doors, call, command, how.dry_run).await
}

async fn cancel(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (how, Ending { reason }): (How, _) = (call.query()?, call.body()?);
    let command = command(&doors, &call, What::Cancel { reason }, how).await?;
    carried_out(&doors, call, command, how.dry_run).await
}

async fn status(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (trial, body): (Trial, NewStatus) = (call.query()?, call.body()?);
    let what = What::Move(body.status.into());
    let command = command(&doors, &call, what, How::default()).await?;
    carried_out(&doors, call, command, trial.dry_run).await
}

/// Merges the body into the booking as it is, and again if it moved meanwhile; a
/// caller who named a version is told instead.
async fn revise(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let how: How = call.query()?;
    for _ in 0..MERGES {
        let record = found(&doors, &call, call.id("id")?, "bookings:write").await?;
        let language = call.language_for(&record.tenant.row);
        let (view, own) = (BookingView::new(&record, language), BookingChange::of(&record.booking));
        let body = call.merge_changed::<BookingChange>(&view, &own, &Merge::default())?;
        let revision = revision(&call, &record, &own, &body)?;
        let mut command = command(&doors, &call, What::Revise(revision), how).await?;
        command.if_version = Some(record.booking.version);
        let decided = if how.dry_run {
            doors.bookings.foresee(&command).await
        } else {
            doors.bookings.execute(command).await
        };
        match decided {
            Err(Error::Refused(Refusal::Stale)) if call.if_match.is_absent() => {}
            other => {
                let changed = granted(other?, &call)?;
                let others: &[_] = if changed.all.len() > 1 { &changed.all } else { &[] };
                let view = BookingView::new(&changed.record, language).with(others);
                let version = changed.record.booking.version;
                return Ok(Reply::ok(&view)?.version(version).language(language));
            }
        }
    }
    Err(Problem::from(Refusal::Stale))
}

/// What of the body differs from the booking.
fn revision(
    call: &Call,
    record: &BookingRecord,
    own: &BookingChange,
    body: &BookingChange,
) -> Result<Revision, Problem> {
    let time = |field: &str, old: &str, new: &str| -> Result<Option<Spoken>, Problem> {
        if old == new { Ok(None) } else { parsed(field, new).map(Some) }
    };
    let client = (own.client_id != body.client_id).then(|| id_of(&body.client_id)).transpose()?;
    let other = client.filter(|client| *client != record.booking.user);
    if other.is_some() && !call.who.may("bookings:write") {
        return Err(Problem::forbidden("forbidden"));
    }
    let resource =
        (own.resource_id != body.resource_id).then(|| id_of(&body.resource_id)).transpose()?;
    Ok(Revision {
        resource,
        client,
        start: time("start_time", &own.start_time, &body.start_time)?,
        end: time("end_time", &own.end_time, &body.end_time)?,
        notes: (own.notes != body.notes).then(|| body.notes.clone()),
    })
}
