//! Booking: load, decide, commit, tell.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::DateTime;
use zelador_store::booking::{Booking, BookingStatus, Hold, Occurrence as Place};
use zelador_store::id::{BookingId, JobId, SeriesId, UserId, WaitlistId};
use zelador_store::series::{Series, SeriesTable};
use zelador_store::{Timestamp, Write};

use super::jobs;
use super::load::{CalendarView, Ground, NEAREST, People, can_cancel, nearest};
use super::messages::{Book, Booked, BookingRecord, Decided, Failing, Pattern, Unbookable};
use super::rules::{self, Judgement, Occurrence, RecurrenceFlaw, Rule, Search, Span, Taken, Terms};
use super::stage::Stage;
use crate::engine::{Shell, Tries};
use crate::error::{Error, Flaw, Refusal};
use crate::moment::Spoken;

/// The longest note, in bytes.
pub(super) const NOTES: usize = 16 * 1024;

/// What was decided, ready to be committed.
struct Placed {
    write: Write,
    booked: Booked,
}

/// Books, or tells why not. `commit`: false: only tells. Once it is on disk, it is
/// to be logged.
pub(super) async fn book(
    shell: &Shell,
    command: &Book,
    commit: bool,
) -> Result<Decided<Booked>, Error> {
    check(command)?;
    let mut tries = Tries::of("booking");
    loop {
        let Placed { mut write, booked } = match decide(shell, command).await? {
            Ok(placed) => placed,
            Err(why) => return Ok(Err(why)),
        };
        if !commit {
            return Ok(Ok(booked));
        }
        if let Some(keep) = &command.keep {
            keep.stage(&mut write, &booked);
        }
        match shell.store.commit(write).await {
            Ok(_) => return Ok(Ok(booked)),
            Err(error) => tries.again(error)?,
        }
    }
}

/// What can be seen to be wrong before anything is read.
fn check(command: &Book) -> Result<(), Refusal> {
    check_notes(command.notes.as_deref())?;
    if command.hold.is_some_and(|length| !HOLD.contains(&length)) {
        let flaw = Flaw::new("hold_seconds", "range").with("min", HOLD.start().as_secs());
        return Err(Refusal::Invalid(vec![flaw.with("max", HOLD.end().as_secs())]));
    }
    if command.hold.is_some() && command.recurring.is_some() {
        return Err(Refusal::field("hold_seconds", "not_on_series"));
    }
    Ok(())
}

pub(super) fn check_notes(notes: Option<&str>) -> Result<(), Refusal> {
    match notes {
        Some(notes) if notes.len() > NOTES => {
            let flaw = Flaw::new("notes", "too_large").with("max", NOTES);
            Err(Refusal::Invalid(vec![flaw]))
        }
        _ => Ok(()),
    }
}

/// The interval that is meant, in the zone of the tenant.
pub(super) fn interval(start: Spoken, end: Spoken, terms: &Terms) -> Result<Span, Refusal> {
    let nonexistent = |field| Refusal::field(field, "nonexistent_local_time");
    let start = start.resolve(&terms.zone).map_err(|_| nonexistent("start_time"))?;
    let end = end.resolve(&terms.zone).map_err(|_| nonexistent("end_time"))?;
    if end <= start {
        return Err(Refusal::field("end_time", "not_after_start"));
    }
    Ok(Span { start, end })
}

async fn decide(shell: &Shell, command: &Book) -> Result<Decided<Placed>, Error> {
    let ground = Ground::of(shell, command.resource, Some(command.tenant)).await?;
    let client = command.client.unwrap_or(command.user);
    let people = People::of(shell, command.tenant, command.user, client).await?;
    let asked = interval(command.start, command.end, &ground.terms)?;
    let calendar = CalendarView::of(&shell.store, command.resource).await?;
    let decision = Decision { shell, command, ground, people, calendar, client };
    match &command.recurring {
        None => decision.one(asked).await,
        Some(recurring) => decision.series(asked, recurring).await,
    }
}

/// One decision about one request.
struct Decision<'a> {
    shell: &'a Shell,
    command: &'a Book,
    ground: Ground,
    people: People,
    calendar: CalendarView,
    client: UserId,
}

impl Decision<'_> {
    async fn one(self, asked: Span) -> Result<Decided<Placed>, Error> {
        let (terms, now) = (&*self.ground.terms, self.shell.now());
        let reach = rules::reach(terms, asked);
        let taken = self.calendar.taken(&self.shell.store, reach, &[]).await?;
        let judgement = rules::judge(terms, now, &self.people.booker, asked, &taken);
        if !judgement.bookable() {
            return Ok(Err(self.refuse(asked, judgement, Vec::new()).await?));
        }
        let mut stage = self.stage(asked);
        let id: BookingId = self.shell.id();
        let mut booking = self.booking(asked, now);
        if let Some(length) = self.command.hold {
            let hold = hold(self.shell, id, &booking, now + length, None, &mut stage.write);
            booking = Booking { status: BookingStatus::Reservado, hold: Some(hold), ..booking };
        }
        stage.place(id, &booking);
        let first = self.record(id, booking, None);
        let booked = Booked { first, occurrences: Vec::new(), skipped: Vec::new() };
        Ok(Ok(Placed { write: stage.write, booked }))
    }

    async fn series(
        self,
        asked: Span,
        recurring: &super::messages::Recurring,
    ) -> Result<Decided<Placed>, Error> {
        let (terms, now) = (&*self.ground.terms, self.shell.now());
        let all = rules::expand(&recurring.rule, asked, &terms.zone, rules::horizon(terms, now));
        let all = all.map_err(|flaw| recurrence_flaw(&flaw))?;
        let taken = self.taken_by(&all).await?;
        let judged = rules::judge_series(terms, now, &self.people.booker, &all, &taken);
        let (mut kept, mut failing) = (Vec::new(), Vec::new());
        for (occurrence, (_, judgement)) in all.into_iter().zip(judged) {
            if judgement.bookable() {
                kept.push(occurrence);
            } else {
                failing.push(Failing { occurrence, judgement });
            }
        }
        if kept.is_empty() || (!failing.is_empty() && !recurring.skip) {
            let Some(first) = failing.first() else {
                return Err(Refusal::field("recurring_pattern", "no_occurrence").into());
            };
            let (judgement, asked) = (first.judgement.clone(), span(&first.occurrence));
            return Ok(Err(self.refuse(asked, judgement, failing).await?));
        }
        Ok(Ok(self.place_series(asked, recurring, &kept, failing)))
    }

    /// What may stand in the way of a whole series.
    async fn taken_by(&self, all: &[Occurrence]) -> Result<Vec<Taken>, Error> {
        let (Some(first), Some(last)) = (all.first(), all.last()) else { return Ok(Vec::new()) };
        let whole = Span { start: first.start, end: last.end.max(first.end) };
        let reach = rules::reach(&self.ground.terms, whole);
        self.calendar.taken(&self.shell.store, reach, &[]).await
    }

    fn place_series(
        &self,
        asked: Span,
        recurring: &super::messages::Recurring,
        kept: &[Occurrence],
        skipped: Vec<Failing>,
    ) -> Placed {
        let (shell, now) = (self.shell, self.shell.now());
        let longest = kept.iter().map(span).max_by_key(|span| span.length()).unwrap_or(asked);
        let mut stage = self.stage(longest);
        let series: SeriesId = shell.id();
        let row = Series {
            tenant: self.command.tenant,
            resource: self.command.resource,
            user: self.command.user,
            rrule: recurring.rule.to_rrule(),
            pattern: recurring.pattern.clone(),
            start_local: self.local(asked.start),
            zone: self.ground.terms.zone_name.clone(),
            occurrences: u32::try_from(kept.len()).unwrap_or(u32::MAX),
            by: self.command.by.clone(),
            created_at: now,
        };
        stage.write.insert::<SeriesTable>(&series, &row);
        let pattern = Arc::new(Pattern { pattern: row.pattern, rrule: row.rrule });
        let mut records = Vec::with_capacity(kept.len());
        for occurrence in kept {
            let id: BookingId = shell.id();
            let place = Place {
                series,
                index: u32::try_from(occurrence.index).unwrap_or(u32::MAX),
                original: occurrence.original,
                dst_adjusted: occurrence.dst_adjusted,
            };
            let booking = self.booking(span(occurrence), now);
            let booking = Booking { occurrence: Some(place), ..booking };
            stage.place(id, &booking);
            records.push(self.record(id, booking, Some(pattern.clone())));
        }
        let first = records.first().cloned();
        let first =
            first.unwrap_or_else(|| self.record(shell.id(), self.booking(asked, now), None));
        Placed { write: stage.write, booked: Booked { first, occurrences: records, skipped } }
    }

    /// What every write that places something expects and raises.
    fn stage(&self, longest: Span) -> Stage<'_> {
        let mut stage = Stage::new(self.shell, &self.command.by);
        self.ground.expect(&mut stage.write);
        self.people.expect(&mut stage.write);
        self.calendar.raise(&mut stage.write, longest.length());
        stage
    }

    fn local(&self, at: Timestamp) -> DateTime {
        self.ground.terms.zone.to_datetime(at.to_jiff())
    }

    fn booking(&self, asked: Span, now: Timestamp) -> Booking {
        let terms = &self.ground.terms;
        Booking {
            tenant: self.command.tenant,
            resource: self.command.resource,
            user: self.command.user,
            client: self.client,
            start: asked.start,
            end: asked.end,
            start_local: self.local(asked.start),
            zone: terms.zone_name.clone(),
            notes: self.command.notes.clone(),
            status: first_status(terms),
            hold: None,
            occurrence: None,
            cancellation: None,
            sequence: 0,
            by: self.command.by.clone(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    fn record(
        &self,
        id: BookingId,
        booking: Booking,
        pattern: Option<Arc<Pattern>>,
    ) -> BookingRecord {
        let can_cancel = can_cancel(&self.ground.terms, self.shell.now(), &booking);
        let tenant = self.ground.tenant.clone();
        BookingRecord { id, booking, can_cancel, pattern, tenant }
    }

    async fn refuse(
        &self,
        asked: Span,
        judgement: Judgement,
        failing: Vec<Failing>,
    ) -> Result<Box<Unbookable>, Error> {
        let (terms, now) = (&self.ground.terms, self.shell.now());
        let search = Search::new(terms, now, &self.people.booker, asked, NEAREST);
        let nearest = nearest(&self.shell.store, &self.calendar, search, &[]).await?;
        let tenant = self.ground.tenant.clone();
        Ok(Box::new(Unbookable { tenant, terms: terms.clone(), judgement, nearest, failing }))
    }
}

/// What is wrong with a rule of recurrence, as the caller gave it.
pub(super) fn recurrence_flaw(flaw: &RecurrenceFlaw) -> Refusal {
    let field =
        if flaw.code() == "start_not_in_pattern" { "start_time" } else { "recurring_pattern" };
    let flaw = Flaw { field: field.to_owned(), code: flaw.code(), args: flaw.args() };
    Refusal::Invalid(vec![flaw])
}

/// The status of a new booking that is not a hold.
pub(super) fn first_status(terms: &Terms) -> BookingStatus {
    if terms.auto_confirm { BookingStatus::Confirmado } else { BookingStatus::Pendente }
}

fn span(occurrence: &Occurrence) -> Span {
    Span { start: occurrence.start, end: occurrence.end }
}

/// The hold of a booking until an instant, with the job that lets it expire.
pub(super) fn hold(
    shell: &Shell,
    id: BookingId,
    booking: &Booking,
    until: Timestamp,
    waitlist: Option<WaitlistId>,
    write: &mut Write,
) -> Hold {
    let job: JobId = shell.id();
    write.enqueue(job, &jobs::expire(id, booking, until).build(shell.now()));
    Hold { until, job, waitlist }
}

impl Unbookable {
    /// The rule that decided.
    pub fn rule(&self) -> Rule {
        self.judgement.decisive().unwrap_or(Rule::Conflict)
    }
}

/// How long a hold may be asked for.
pub const HOLD: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(30)..=Duration::from_secs(3600);
