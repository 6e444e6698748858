//! The waitlist: whoever waits gets a hold once a place is free, the eldest first.
//!
//! Invariants:
//! - An offer is a hold: it takes a seat, expires by its job, and is turned into a
//!   booking by whoever it is for.
//! - An entry and the hold that was offered to it change in one commit.

mod offers;

use serde_json::json;
use zelador_store::author::Author;
use zelador_store::booking::BookingStatus;
use zelador_store::id::{ResourceId, TenantId, UserId, WaitlistId};
use zelador_store::waitlist::{
    WaitingByResource, Waitlist, WaitlistByResource, WaitlistEntry, WaitlistState,
};
use zelador_store::{Cursor, Error as StoreError, Page, Query, Stored, Write};

pub use offers::Offers;

use super::book::interval;
use super::load::{CalendarView, Ground, People};
use super::rules::{self, Span};
use crate::answer::Keep;
use crate::engine::audit::{Deed, note};
use crate::engine::{Shell, Tries};
use crate::error::{During, Error, Refusal};
use crate::facts::about_user;
use crate::moment::Spoken;

/// Entries of a resource that wait at a time.
const MOST: usize = 500;

/// Puts somebody on the waitlist of a resource.
#[derive(Debug)]
pub struct Join {
    /// For what.
    pub resource: ResourceId,
    /// Resources of any other tenant are invisible to the caller; `None`: none are.
    pub within: Option<TenantId>,
    /// Who.
    pub user: UserId,
    /// From when.
    pub start: Spoken,
    /// Until when.
    pub end: Spoken,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<WaitlistRecord>>,
}

/// An entry of a waitlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistRecord {
    /// Its id.
    pub id: WaitlistId,
    /// Its row.
    pub entry: WaitlistEntry,
    /// The language of the tenant's people.
    pub locale: Option<String>,
}

/// Puts somebody on the list. Refused if the place is free, the interval is over,
/// or they wait for it already.
pub(super) async fn join(shell: &Shell, command: &Join) -> Result<WaitlistRecord, Error> {
    let mut tries = Tries::of("joining a waitlist");
    loop {
        let (mut write, record) = joining(shell, command).await?;
        if let Some(keep) = &command.keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => return Ok(record),
            Err(error) => tries.again(error)?,
        }
    }
}

async fn joining(shell: &Shell, command: &Join) -> Result<(Write, WaitlistRecord), Error> {
    let ground = Ground::of(shell, command.resource, command.within).await?;
    let (tenant, user) = (ground.resource.row.tenant, command.user);
    let people = People::of(shell, tenant, user, user).await?;
    let asked = interval(command.start, command.end, &ground.terms)?;
    taken_only(shell, &ground, &people, asked).await?;
    room(&waiting(shell, command.resource).await?, user, asked)?;
    let (id, now): (WaitlistId, _) = (shell.id(), shell.now());
    let entry = WaitlistEntry {
        tenant,
        resource: command.resource,
        user,
        start: asked.start,
        end: asked.end,
        state: WaitlistState::Waiting,
        booking: None,
        by: command.by.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut write = Write::new();
    ground.expect(&mut write);
    people.expect(&mut write);
    write.insert::<Waitlist>(&id, &entry);
    // The place may have become free since the calendar was read: with this
    // event the offers look again.
    let data = json!({
        "waitlist_id": id, "resource_id": command.resource, "user_id": user,
        "tenant_id": tenant, "start_time": asked.start.to_seconds_string(),
        "end_time": asked.end.to_seconds_string(),
    });
    let kind = "booking.waitlist_joined";
    write.event(&about_user(shell, kind, tenant, user, &command.by, data));
    let deed = Deed::new("waitlist.join", id).of(tenant).about(user);
    note(shell, &mut write, &command.by, deed.with(&json!(entry)));
    let locale = ground.tenant.row.locale.clone();
    Ok((write, WaitlistRecord { id, entry, locale }))
}

/// Nobody waits for what is free, nor for what could never be booked.
async fn taken_only(
    shell: &Shell,
    ground: &Ground,
    people: &People,
    asked: Span,
) -> Result<(), Error> {
    let calendar = CalendarView::of(&shell.store, ground.resource.key).await?;
    let reach = rules::reach(&ground.terms, asked);
    let taken = calendar.taken(&shell.store, reach, &[]).await?;
    let judgement = rules::judge(&ground.terms, shell.now(), &people.booker, asked, &taken);
    match judgement.first_broken() {
        Some(rules::Rule::Conflict) => Ok(()),
        None => Err(Refusal::conflict("place_is_free").into()),
        Some(rule) => Err(Refusal::rule(rule.code()).into()),
    }
}

fn room(waiting: &[Stored<Waitlist>], user: UserId, asked: Span) -> Result<(), Refusal> {
    let alike =
        |row: &WaitlistEntry| row.user == user && row.start == asked.start && row.end == asked.end;
    if waiting.iter().any(|found| alike(&found.row)) {
        return Err(Refusal::conflict("already_waiting"));
    }
    if waiting.len() >= MOST {
        return Err(Refusal::conflict("waitlist_full"));
    }
    Ok(())
}

/// Takes somebody off the list.
pub(super) async fn leave(
    shell: &Shell,
    resource: ResourceId,
    id: WaitlistId,
    by: &Author,
) -> Result<(), Error> {
    let mut tries = Tries::of("leaving a waitlist");
    loop {
        let found = get(shell, resource, id).await?;
        if found.row.state != WaitlistState::Waiting {
            return Err(Refusal::conflict("not_waiting").into());
        }
        let row = WaitlistEntry {
            state: WaitlistState::Withdrawn,
            version: found.row.version + 1,
            updated_at: shell.now(),
            ..found.row.clone()
        };
        let mut write = Write::new();
        write.update::<Waitlist>(&found, &row);
        let deed = Deed::new("waitlist.leave", id).of(row.tenant).about(row.user);
        note(shell, &mut write, by, deed.change(&json!(found.row), &json!(row)));
        match shell.store.commit(write).await {
            Ok(_) => return Ok(()),
            Err(error) => tries.again(error)?,
        }
    }
}

/// An entry of this resource's waitlist.
pub async fn get(
    shell: &Shell,
    resource: ResourceId,
    id: WaitlistId,
) -> Result<Stored<Waitlist>, Error> {
    let found = shell.store.get::<Waitlist>(&id).await.during("reading a waitlist")?;
    let found = found.filter(|found| found.row.resource == resource);
    Ok(found.ok_or(Refusal::Absent { what: "waitlist-entry" })?)
}

/// The waitlist of a resource, the eldest first.
pub async fn list(
    shell: &Shell,
    resource: ResourceId,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<Stored<Waitlist>>, Error> {
    let query = Query::under_key(&resource).after(after).limit(limit);
    shell.store.page_by::<WaitlistByResource>(&query).await.during("reading a waitlist")
}

async fn waiting(shell: &Shell, resource: ResourceId) -> Result<Vec<Stored<Waitlist>>, Error> {
    let query = Query::under_key(&resource).limit(MOST);
    let page = shell.store.page_by::<WaitingByResource>(&query).await;
    Ok(page.during("reading a waitlist")?.rows)
}

/// What becomes of an entry when the hold that was offered to it ends.
pub(super) async fn answered(
    shell: &Shell,
    write: &mut Write,
    id: &WaitlistId,
    to: BookingStatus,
) -> Result<(), StoreError> {
    let Some(found) = shell.store.get::<Waitlist>(id).await? else { return Ok(()) };
    let state = match to {
        BookingStatus::Expirado => WaitlistState::Missed,
        BookingStatus::Pendente | BookingStatus::Confirmado => WaitlistState::Taken,
        _ => WaitlistState::Withdrawn,
    };
    let row = WaitlistEntry {
        state,
        version: found.row.version + 1,
        updated_at: shell.now(),
        ..found.row.clone()
    };
    write.update::<Waitlist>(&found, &row);
    Ok(())
}
