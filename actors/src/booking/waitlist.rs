//! The waitlist: whoever waits gets a hold once a place is free, the eldest first.
//!
//! Invariants:
//! - An offer is a hold: it takes a seat, expires by its job, and is turned into a
//!   booking by whoever it is for.
//! - An entry and the hold that was offered to it change in one commit.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::booking::{Booking, BookingStatus};
use zelador_store::event::Event;
use zelador_store::id::{BookingId, ResourceId, TenantId, UserId, WaitlistId};
use zelador_store::waitlist::{
    WaitingByResource, Waitlist, WaitlistByResource, WaitlistEntry, WaitlistState,
};
use zelador_store::{Cursor, Error as StoreError, Page, Query, Stored, Timestamp, Write};

use super::book::{hold, interval};
use super::load::{CalendarView, Ground, People};
use super::rules::{self, Span, Taken};
use super::settings::BookingSettings;
use super::stage::{Stage, about_booking, payload};
use crate::answer::Keep;
use crate::engine::audit::{Deed, note};
use crate::engine::events::{Consume, EventCx};
use crate::engine::jobs::Failure;
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

/// The consumer `waitlist`: places that become free are offered.
pub struct Offers(watch::Receiver<Arc<BookingSettings>>);

impl Offers {
    /// With the time that an offer is held.
    pub fn new(settings: watch::Receiver<Arc<BookingSettings>>) -> Self {
        Self(settings)
    }
}

#[async_trait]
impl Consume for Offers {
    fn name(&self) -> &'static str {
        "waitlist"
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(
            event.kind.as_str(),
            "booking.cancelled"
                | "booking.updated"
                | "booking.status_changed"
                | "booking.hold_expired"
                | "booking.waitlist_joined"
                | "resource.updated"
        )
    }

    async fn consume(&self, cx: &EventCx, _: u64, event: &Event) -> Result<Write, Failure> {
        let data: Value = serde_json::from_str(&event.data).map_err(Failure::permanent)?;
        let resource = data.get("resource_id").and_then(Value::as_str);
        let Some(resource) = resource.and_then(|id| id.parse().ok()) else {
            return Ok(Write::new());
        };
        let offer = Duration::from_secs(self.0.borrow().waitlist_offer_seconds.into());
        offers(&cx.shell, resource, offer).await.map_err(Failure::from)
    }
}

/// The offers that a resource can make now.
async fn offers(shell: &Shell, resource: ResourceId, offer: Duration) -> Result<Write, Error> {
    let waiting = waiting(shell, resource).await?;
    if waiting.is_empty() {
        return Ok(Write::new());
    }
    let ground = match Ground::of(shell, resource, None).await {
        Ok(ground) => ground,
        Err(Error::Refused(_)) => return Ok(Write::new()),
        Err(error) => return Err(error),
    };
    let by = Author::new(AuthorKind::Job, "waitlist");
    let calendar = CalendarView::of(&shell.store, resource).await?;
    let mut making = Making {
        shell,
        ground: &ground,
        stage: Stage::new(shell, &by),
        until: shell.now() + offer,
        new: Vec::new(),
        longest: Duration::ZERO,
    };
    for entry in &waiting {
        making.entry(&calendar, entry).await?;
    }
    if !making.new.is_empty() {
        ground.expect(&mut making.stage.write);
        calendar.raise(&mut making.stage.write, making.longest);
    }
    Ok(making.stage.write)
}

struct Making<'a> {
    shell: &'a Shell,
    ground: &'a Ground,
    stage: Stage<'a>,
    until: Timestamp,
    /// What this very write places.
    new: Vec<Taken>,
    longest: Duration,
}

impl Making<'_> {
    async fn entry(
        &mut self,
        calendar: &CalendarView,
        entry: &Stored<Waitlist>,
    ) -> Result<(), Error> {
        let (terms, now, row) = (&self.ground.terms, self.shell.now(), &entry.row);
        if row.start <= now {
            self.end(entry, WaitlistState::Over, None);
            return Ok(());
        }
        let asked = Span { start: row.start, end: row.end };
        let people = match People::of(self.shell, row.tenant, row.user, row.user).await {
            Ok(people) => people,
            Err(Error::Refused(_)) => {
                self.end(entry, WaitlistState::Withdrawn, None);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let reach = rules::reach(terms, asked);
        let mut taken = calendar.taken(&self.shell.store, reach, &[]).await?;
        taken.extend(self.new.iter().copied());
        taken.sort_by_key(|taken| (taken.start, taken.end));
        if !rules::judge(terms, now, &people.booker, asked, &taken).bookable() {
            return Ok(());
        }
        people.expect(&mut self.stage.write);
        let id = self.offer(entry, asked);
        self.end(entry, WaitlistState::Offered, Some(id));
        self.new.push(Taken { id, start: asked.start, end: asked.end });
        self.longest = self.longest.max(asked.length());
        Ok(())
    }

    /// The hold for an entry, and the news of it.
    fn offer(&mut self, entry: &Stored<Waitlist>, asked: Span) -> BookingId {
        let (shell, row) = (self.shell, &entry.row);
        let id: BookingId = shell.id();
        let zone = &self.ground.terms.zone;
        let booking = Booking {
            tenant: row.tenant,
            resource: row.resource,
            user: row.user,
            client: row.user,
            start: asked.start,
            end: asked.end,
            start_local: zone.to_datetime(asked.start.to_jiff()),
            zone: self.ground.terms.zone_name.clone(),
            notes: None,
            status: BookingStatus::Reservado,
            hold: None,
            occurrence: None,
            cancellation: None,
            sequence: 0,
            by: self.stage.by.clone(),
            version: 1,
            created_at: shell.now(),
            updated_at: shell.now(),
        };
        // Nobody takes up what has begun.
        let until = self.until.min(asked.start);
        let held = hold(shell, id, &booking, until, Some(entry.key), &mut self.stage.write);
        let booking = Booking { hold: Some(held), ..booking };
        self.stage.place(id, &booking);
        let mut data = payload(id, &booking);
        if let Some(members) = data.as_object_mut() {
            members.insert("waitlist_id".into(), json!(entry.key));
            members.insert("hold_expires_at".into(), json!(until.to_seconds_string()));
        }
        let kind = "booking.waitlist_offered";
        let event = about_booking(shell, kind, id, &booking, self.stage.by, data);
        self.stage.write.event(&event);
        tracing::info!(booking = %id, resource = %row.resource, user = %row.user, %until,
            "a place was offered to the next in line");
        id
    }

    fn end(&mut self, entry: &Stored<Waitlist>, state: WaitlistState, booking: Option<BookingId>) {
        let row = WaitlistEntry {
            state,
            booking: booking.or(entry.row.booking),
            version: entry.row.version + 1,
            updated_at: self.shell.now(),
            ..entry.row.clone()
        };
        self.stage.write.update::<Waitlist>(entry, &row);
    }
}
