//! Booking over HTTP: from a body to a command.

use std::time::Duration;

use serde_json::json;
use zelador_actors::booking::rules::recurrence::{Frequency, Pattern};
use zelador_actors::booking::rules::{Recurrence, RecurrenceFlaw};
use zelador_actors::booking::{Book, Booked, Recurring};
use zelador_actors::{Error, Flaw};
use zelador_store::Id;
use zelador_store::id::{Kind, ResourceId, TenantId, UserId};
use zelador_store::resource::Resources;

use super::form::{BookingView, FrequencyWord, NewBooking, OnConflict, RecurringPattern};
use super::{granted, refused};
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::users::trial::Trial;

pub(super) fn parsed<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|_| Problem::invalid(vec![Flaw::new(field, "format").with("format", "date-time")]))
}

/// The id of something; one that is none is of nothing.
pub(super) fn id_of<K: Kind>(text: &str) -> Result<Id<K>, Problem> {
    text.parse().map_err(|_| Problem::absent(K::NAME))
}

/// Who books, and for whom: without a name, a person for themselves.
fn booker(call: &Call, body: &NewBooking) -> Result<(UserId, Option<UserId>), Problem> {
    let client = body.client_id.as_deref().map(id_of).transpose()?;
    let user = match (body.user_id.as_deref(), call.who.user()) {
        (Some(text), _) => id_of(text)?,
        (None, Some(person)) => person,
        (None, None) => return Err(Problem::invalid(vec![Flaw::new("user_id", "required")])),
    };
    Ok((user, client))
}

/// Whether the caller may book for them.
fn permitted(call: &Call, user: UserId, client: Option<UserId>) -> Result<(), Problem> {
    let own = |id: UserId| call.who.user() == Some(id);
    let may = call.who.may("bookings:write") || (own(user) && client.is_none_or(own));
    if may { Ok(()) } else { Err(Problem::forbidden("forbidden")) }
}

/// The tenant of the resource, if the caller may see it and it is the one named.
async fn tenant_of(
    doors: &Doors,
    call: &Call,
    body: &NewBooking,
    resource: ResourceId,
) -> Result<TenantId, Problem> {
    let named: Option<TenantId> = body.tenant_id.as_deref().map(id_of).transpose()?;
    if let Some(tenant) = named {
        return if call.who.sees(tenant) { Ok(tenant) } else { Err(Problem::absent("tenant")) };
    }
    let found = doors.shell.store.get::<Resources>(&resource).await;
    let found = found.map_err(|error| Error::from_store("reading a resource", error))?;
    let tenant = found.map(|found| found.row.tenant).filter(|tenant| call.who.sees(*tenant));
    tenant.ok_or_else(|| Problem::absent("resource"))
}

/// How the body says that it recurs.
fn recurring(body: &NewBooking) -> Result<Option<Recurring>, Problem> {
    let flaw = |field: &str, code| Problem::invalid(vec![Flaw::new(field, code)]);
    let wanted = body.recurring_pattern.is_some() || body.rrule.is_some();
    match (body.recurring_enabled, wanted) {
        (Some(false), _) | (None, false) => return Ok(None),
        (Some(true), false) => return Err(flaw("recurring_pattern", "required")),
        (_, true) => {}
    }
    let given = |flaw: RecurrenceFlaw, field: &str| {
        let flaw = Flaw { field: field.to_owned(), code: flaw.code(), args: flaw.args() };
        Problem::invalid(vec![flaw])
    };
    let rule = match (&body.recurring_pattern, &body.rrule) {
        (Some(_), Some(_)) => return Err(flaw("rrule", "either_pattern")),
        (Some(pattern), None) => Recurrence::from_pattern(&pattern_of(pattern)?)
            .map_err(|it| given(it, "recurring_pattern"))?,
        (None, Some(text)) => Recurrence::from_rrule(text).map_err(|it| given(it, "rrule"))?,
        (None, None) => return Ok(None),
    };
    let pattern = body.recurring_pattern.as_ref().map(|pattern| json!(pattern).to_string());
    let skip = body.on_conflict.unwrap_or_default() == OnConflict::Skip;
    Ok(Some(Recurring { rule, pattern, skip }))
}

fn pattern_of(pattern: &RecurringPattern) -> Result<Pattern, Problem> {
    let end_date = pattern.end_date.as_deref();
    Ok(Pattern {
        frequency: match pattern.frequency {
            FrequencyWord::Daily => Frequency::Daily,
            FrequencyWord::Weekly => Frequency::Weekly,
            FrequencyWord::Monthly => Frequency::Monthly,
        },
        interval: pattern.interval,
        end_date: end_date.map(|text| parsed("recurring_pattern.end_date", text)).transpose()?,
        days_of_week: pattern.days_of_week.clone().unwrap_or_default(),
    })
}

pub(super) async fn book(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let body: NewBooking = call.body()?;
    let trial: Trial = call.query()?;
    let resource: ResourceId = id_of(&body.resource_id)?;
    let (user, client) = booker(&call, &body)?;
    // What the caller cannot see is absent, not forbidden.
    let tenant = tenant_of(&doors, &call, &body, resource).await?;
    permitted(&call, user, client)?;
    let recurring = recurring(&body)?;
    let speech = call.speech();
    let show = move |booked: &Booked| {
        let language = speech.for_tenant(&booked.first.tenant.row);
        let skipped = booked.skipped.iter().map(refused::failing).collect();
        let view = BookingView::new(&booked.first, language);
        let view = view.with(&booked.occurrences).without(skipped);
        let reply = if trial.dry_run {
            Reply::ok(&view)?
        } else {
            Reply::created(format!("/bookings/{}", booked.first.id), &view)?
        };
        Ok(reply.version(booked.first.booking.version).language(language))
    };
    let keep = if trial.dry_run { None } else { call.keep(show) };
    let command = Book {
        tenant,
        resource,
        user,
        client,
        start: parsed("start_time", &body.start_time)?,
        end: parsed("end_time", &body.end_time)?,
        notes: body.notes.clone(),
        hold: body.hold_seconds.map(|seconds| Duration::from_secs(seconds.into())),
        recurring,
        by: call.author(),
        keep,
    };
    let decided = if trial.dry_run {
        doors.bookings.foresee_book(&command).await?
    } else {
        doors.bookings.book(command).await?
    };
    show(&granted(decided, &call)?)
}
