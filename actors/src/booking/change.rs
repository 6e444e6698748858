//! Changing what is booked: load, decide, commit, tell.

use jiff::civil::DateTime;
use zelador_store::booking::{Booking, BookingStatus, Bookings, BookingsBySeries};
use zelador_store::id::{BookingId, TenantId, UserId};
use zelador_store::tenant::Tenants;
use zelador_store::{Query, Stored, Timestamp, Write};

use super::book::{check_notes, interval};
use super::load::{CalendarView, Ground, NEAREST, People, can_cancel, nearest};
use super::messages::{
    BookingRecord, Changed, Command, Decided, Failing, Revision, Scope, Unbookable, What,
};
use super::queries::pattern_of;
use super::rules::{self, Judgement, Occurrence, Rule, Search, Span, status};
use super::stage::Stage;
use crate::engine::{Shell, Tries};
use crate::error::{During, Error, Refusal};
use crate::moment::Spoken;
use crate::tenants::rules::expect_version;

/// Bookings of a series that one command changes, at most.
const SERIES: usize = 1000;

/// Does what a command says, or tells why not. `commit`: false: only tells. Once it
/// is on disk, it is to be logged.
pub(super) async fn change(
    shell: &Shell,
    command: &Command,
    commit: bool,
) -> Result<Decided<Changed>, Error> {
    if let What::Revise(revision) = &command.what {
        check_notes(revision.notes.as_ref().and_then(|notes| notes.as_deref()))?;
    }
    let mut tries = Tries::of("changing a booking");
    loop {
        let found = load(shell, command.id, command.within).await?;
        if !command.rights.over(&found.row) {
            return Err(Refusal::Forbidden { code: "forbidden" }.into());
        }
        expect_version(found.row.version, command.if_version)?;
        let ground = Ground::of_booking(shell, &found.row).await?;
        let case = Case { shell, command, found: &found, ground: &ground };
        let (mut write, all) = match case.decide().await? {
            Ok(done) => done,
            Err(why) => return Ok(Err(why)),
        };
        let changed = case.changed(all).await?;
        if write.is_empty() || !commit {
            return Ok(Ok(changed));
        }
        if let Some(keep) = &command.keep {
            keep.stage(&mut write, &changed);
        }
        match shell.store.commit(write).await {
            Ok(_) => return Ok(Ok(changed)),
            Err(error) => tries.again(error)?,
        }
    }
}

/// A booking of a living tenant that the caller may see.
pub(super) async fn load(
    shell: &Shell,
    id: BookingId,
    within: Option<TenantId>,
) -> Result<Stored<Bookings>, Error> {
    let absent = Refusal::Absent { what: "booking" };
    let found = shell.store.get::<Bookings>(&id).await.during("reading a booking")?;
    let seen = |found: &Stored<Bookings>| within.is_none_or(|only| only == found.row.tenant);
    let Some(found) = found.filter(seen) else { return Err(absent.into()) };
    let owner = shell.store.get::<Tenants>(&found.row.tenant).await.during("reading a tenant")?;
    match owner.filter(|owner| owner.row.is_live()) {
        Some(_) => Ok(found),
        None => Err(absent.into()),
    }
}

type Staged = (Write, Vec<(BookingId, Booking)>);

struct Case<'a> {
    shell: &'a Shell,
    command: &'a Command,
    found: &'a Stored<Bookings>,
    ground: &'a Ground,
}

impl Case<'_> {
    async fn decide(&self) -> Result<Decided<Staged>, Error> {
        match &self.command.what {
            What::Cancel { reason } => self.cancel(reason.as_deref()).await.map(Ok),
            What::Move(BookingStatus::Cancelado) => self.cancel(None).await.map(Ok),
            What::Move(to) => self.status(*to).await,
            What::Revise(revision) => self.revise(revision).await,
        }
    }

    /// The bookings that are meant, the named one first.
    async fn meant(&self) -> Result<Vec<Stored<Bookings>>, Error> {
        let mut meant = vec![self.found.clone()];
        let series = self.found.row.occurrence.as_ref().map(|place| place.series);
        let (Some(series), true) = (series, self.command.scope != Scope::This) else {
            return Ok(meant);
        };
        let from = match self.command.scope {
            Scope::Following => self.found.row.start,
            _ => self.shell.now(),
        };
        let query = Query::under(&(series,)).from(&(series, from)).limit(SERIES);
        let page = self.shell.store.page_by::<BookingsBySeries>(&query).await;
        let others = page.during("reading a series")?.rows.into_iter();
        meant.extend(others.filter(|one| one.key != self.found.key && one.row.status.occupies()));
        Ok(meant)
    }

    async fn cancel(&self, reason: Option<&str>) -> Result<Staged, Error> {
        status::open(&self.found.row)?;
        let (terms, now) = (&self.ground.terms, self.shell.now());
        let meant = self.meant().await?;
        let late = meant.iter().find(|one| !rules::may_cancel(terms, now, one.row.start));
        if let Some(late) = late.filter(|_| !self.command.rights.spared) {
            return Err(too_late(late, terms.cancellation_hours).into());
        }
        let mut stage = self.stage(&meant).await?;
        let mut all = Vec::with_capacity(meant.len());
        for one in &meant {
            let row = stage.cancel(one, reason).await.during("calling a booking off")?;
            all.push((one.key, row));
        }
        Ok((stage.write, all))
    }

    async fn status(&self, to: BookingStatus) -> Result<Decided<Staged>, Error> {
        let (terms, now, row) = (&self.ground.terms, self.shell.now(), &self.found.row);
        let step = status::step(row, to, self.command.rights.manages, terms.auto_confirm, now)?;
        let Some(to) = step else { return Ok(Ok((Write::new(), Vec::new()))) };
        let mut stage = self.stage(std::slice::from_ref(self.found)).await?;
        if to.occupies() {
            let asked = Span { start: row.start, end: row.end };
            let calendar = CalendarView::of(&self.shell.store, row.resource).await?;
            if let Some(why) = self.collides(&calendar, asked).await? {
                return Ok(Err(why));
            }
            self.ground.expect(&mut stage.write);
            calendar.raise(&mut stage.write, asked.length());
        }
        let row = if to == BookingStatus::Expirado {
            stage.expire(self.found).await
        } else {
            stage.status(self.found, to).await
        };
        let row = row.during("moving a booking")?;
        Ok(Ok((stage.write, vec![(self.found.key, row)])))
    }

    /// Whether a seat is left for what stands already, with the seats and the
    /// buffer of today.
    async fn collides(
        &self,
        calendar: &CalendarView,
        asked: Span,
    ) -> Result<Option<Box<Unbookable>>, Error> {
        let (terms, now) = (&self.ground.terms, self.shell.now());
        let (reach, own) = (rules::reach(terms, asked), [self.found.key]);
        let taken = calendar.taken(&self.shell.store, reach, &own).await?;
        let booker = rules::Booker { allowed: true };
        let mut judgement = rules::judge(terms, now, &booker, asked, &taken);
        judgement.verdicts.retain(|verdict| verdict.rule == Rule::Conflict);
        if judgement.bookable() {
            return Ok(None);
        }
        let search = Search::new(terms, now, &booker, asked, NEAREST);
        let nearest = nearest(&self.shell.store, calendar, search, &own).await?;
        Ok(Some(refuse(self.ground, judgement, nearest, Vec::new())))
    }

    async fn revise(&self, revision: &Revision) -> Result<Decided<Staged>, Error> {
        status::open(&self.found.row)?;
        let resource = revision.resource.unwrap_or(self.found.row.resource);
        let moved = if resource == self.found.row.resource {
            None
        } else {
            let tenant = self.found.row.tenant;
            Some(Ground::of(self.shell, resource, Some(tenant)).await?)
        };
        let ground = moved.as_ref().unwrap_or(self.ground);
        let meant = self.meant().await?;
        let shift = Shift::of(self.found, revision, ground)?;
        let rows: Vec<_> =
            meant.iter().map(|one| self.revised(one, revision, &shift, ground)).collect();
        let client = revision.client.unwrap_or(self.found.row.client);
        let (tenant, user) = (self.found.row.tenant, self.found.row.user);
        let people = People::of(self.shell, tenant, user, client).await?;
        let mut stage = self.stage(&meant).await?;
        let placed: Vec<_> =
            meant.iter().zip(&rows).filter(|(one, row)| is_moved(&one.row, row)).collect();
        if !placed.is_empty() {
            let own: Vec<_> = meant.iter().map(|one| one.key).collect();
            let spans: Vec<_> = placed.iter().map(|(one, row)| occurrence(one, row)).collect();
            let calendar = CalendarView::of(&self.shell.store, resource).await?;
            if let Some(why) = self.judge(ground, &calendar, &people, &spans, &own).await? {
                return Ok(Err(why));
            }
            ground.expect(&mut stage.write);
            let longest = spans.iter().map(|one| one.end.since(one.start)).max();
            calendar.raise(&mut stage.write, longest.unwrap_or_default());
        }
        people.expect(&mut stage.write);
        let mut all = Vec::with_capacity(meant.len());
        for (one, row) in meant.iter().zip(rows) {
            if row != one.row {
                stage.revise(one, &row);
                all.push((one.key, row));
            }
        }
        let write = if all.is_empty() { Write::new() } else { stage.write };
        Ok(Ok((write, all)))
    }

    /// Every rule, for every booking that is to stand elsewhere.
    async fn judge(
        &self,
        ground: &Ground,
        calendar: &CalendarView,
        people: &People,
        spans: &[Occurrence],
        own: &[BookingId],
    ) -> Result<Option<Box<Unbookable>>, Error> {
        let (terms, now) = (&ground.terms, self.shell.now());
        let start = spans.iter().map(|one| one.start).min().unwrap_or(now);
        let end = spans.iter().map(|one| one.end).max().unwrap_or(now);
        let reach = rules::reach(terms, Span { start, end });
        let taken = calendar.taken(&self.shell.store, reach, own).await?;
        let judged = rules::judge_series(terms, now, &people.booker, spans, &taken);
        let judged = spans.iter().zip(judged).filter(|(_, (_, judgement))| !judgement.bookable());
        let failing: Vec<_> = judged
            .map(|(occurrence, (_, judgement))| Failing { occurrence: *occurrence, judgement })
            .collect();
        let Some(first) = failing.first() else { return Ok(None) };
        let asked = Span { start: first.occurrence.start, end: first.occurrence.end };
        let search = Search::new(terms, now, &people.booker, asked, NEAREST);
        let nearest = nearest(&self.shell.store, calendar, search, own).await?;
        let judgement = first.judgement.clone();
        let failing = if spans.len() > 1 { failing } else { Vec::new() };
        Ok(Some(refuse(ground, judgement, nearest, failing)))
    }

    fn revised(
        &self,
        one: &Stored<Bookings>,
        revision: &Revision,
        shift: &Shift,
        ground: &Ground,
    ) -> Booking {
        let old = &one.row;
        let span = shift.apply(old, one.key == self.found.key, ground);
        let zone = &ground.terms.zone;
        let mut row = Booking {
            resource: revision.resource.unwrap_or(old.resource),
            client: revision.client.unwrap_or(old.client),
            start: span.start,
            end: span.end,
            notes: revision.notes.clone().unwrap_or_else(|| old.notes.clone()),
            ..old.clone()
        };
        if row.start != old.start {
            row.start_local = zone.to_datetime(row.start.to_jiff());
            row.zone.clone_from(&ground.terms.zone_name);
        }
        if row != *old {
            row.sequence += 1;
            row.version += 1;
            row.updated_at = self.shell.now();
        }
        row
    }

    /// A stage that expects whoever will read of it in their timeline.
    async fn stage(&self, meant: &[Stored<Bookings>]) -> Result<Stage<'_>, Error> {
        let mut stage = Stage::new(self.shell, &self.command.by);
        let mut users: Vec<UserId> = meant.iter().map(|one| one.row.user).collect();
        users.sort_unstable();
        users.dedup();
        stage.expect_users(&users).await.during("reading a user")?;
        Ok(stage)
    }

    async fn changed(&self, all: Vec<(BookingId, Booking)>) -> Result<Changed, Error> {
        let (now, tenant) = (self.shell.now(), self.ground.tenant.clone());
        let pattern = pattern_of(self.shell, &self.found.row).await?;
        let record = |id, booking: Booking| {
            let can_cancel = can_cancel(&self.ground.terms, now, &booking);
            let (pattern, tenant) = (pattern.clone(), tenant.clone());
            BookingRecord { id, booking, can_cancel, pattern, tenant }
        };
        let named = all.iter().find(|(id, _)| *id == self.found.key);
        let named = named.map_or_else(|| self.found.row.clone(), |(_, row)| row.clone());
        let record_of = record(self.found.key, named);
        Ok(Changed {
            record: record_of,
            all: all.into_iter().map(|(id, row)| record(id, row)).collect(),
        })
    }
}

fn refuse(
    ground: &Ground,
    judgement: Judgement,
    nearest: Vec<Span>,
    failing: Vec<Failing>,
) -> Box<Unbookable> {
    let (tenant, terms) = (ground.tenant.clone(), ground.terms.clone());
    Box::new(Unbookable { tenant, terms, judgement, nearest, failing })
}

fn too_late(late: &Stored<Bookings>, hours: u32) -> Refusal {
    Refusal::Rule {
        code: "cancellation_window_passed",
        args: vec![("hours", hours.to_string())],
        details: serde_json::json!({ "booking_id": late.key, "cancellation_hours": hours }),
    }
}

fn is_moved(old: &Booking, new: &Booking) -> bool {
    (old.resource, old.start, old.end) != (new.resource, new.start, new.end)
}

/// A booking that is to move, as the rules judge a series.
fn occurrence(one: &Stored<Bookings>, row: &Booking) -> Occurrence {
    let place = one.row.occurrence.as_ref();
    Occurrence {
        index: place.and_then(|place| usize::try_from(place.index).ok()).unwrap_or_default(),
        original: place.map_or(row.start_local, |place| place.original),
        start: row.start,
        end: row.end,
        dst_adjusted: place.is_some_and(|place| place.dst_adjusted),
    }
}

/// How far a revision moves bookings, by the clock on the wall.
struct Shift {
    /// The named booking's new interval; `None`: it stays.
    to: Option<Span>,
    /// From its old local start to its new one.
    by: jiff::Span,
}

impl Shift {
    fn of(found: &Stored<Bookings>, revision: &Revision, ground: &Ground) -> Result<Self, Refusal> {
        let old = &found.row;
        if revision.start.is_none() && revision.end.is_none() {
            return Ok(Self { to: None, by: jiff::Span::new() });
        }
        let start = revision.start.unwrap_or(Spoken::Instant(old.start));
        let end = revision.end.unwrap_or(Spoken::Instant(old.end));
        let to = interval(start, end, &ground.terms)?;
        let local = |at: Timestamp| -> DateTime { ground.terms.zone.to_datetime(at.to_jiff()) };
        let by = local(old.start).until(local(to.start)).unwrap_or_default();
        Ok(Self { to: Some(to), by })
    }

    /// The interval of a booking of the same series, moved alike.
    fn apply(&self, old: &Booking, named: bool, ground: &Ground) -> Span {
        let Some(to) = self.to else { return Span { start: old.start, end: old.end } };
        if named {
            return to;
        }
        let zone = &ground.terms.zone;
        let local = zone.to_datetime(old.start.to_jiff());
        let local = local.checked_add(self.by).unwrap_or(local);
        let start = zone.to_ambiguous_timestamp(local).compatible();
        let start = start.map_or(old.start, Timestamp::from);
        Span { start, end: start + to.end.since(to.start) }
    }
}
