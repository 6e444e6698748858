//! The same steps for the desk and for the list.

use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, date};
use zelador_store::Query;
use zelador_store::booking::{BookingStatus, Occupied, Unoccupied};
use zelador_store::category::Overrides;
use zelador_store::id::{BookingId, ResourceId};

use super::super::super::rules::{Recurrence, Rule};
use super::super::*;
use super::list::{Entry, List, Outcome};
use super::steps::{Step, Story, Want};

/// The first of the days on which everything stands: far enough ahead.
const FIRST: Date = date(2025, 12, 5);
/// Minutes that holds last.
const HOLD: u64 = 5;
/// When stories begin.
const BEGIN: &str = "2025-12-01T12:00:00Z";

/// A story as it happens, to both.
pub(super) struct Run<'a> {
    house: &'a House,
    rooms: [ResourceId; 2],
    list: List,
    /// The bookings of the list's entries.
    ids: Vec<BookingId>,
    series: usize,
}

type Verdict = Result<(), String>;

impl<'a> Run<'a> {
    pub(super) async fn new(house: &'a House, story: &Story) -> Self {
        house.world.hand.set(at(BEGIN));
        let room = || ResourceDraft {
            name: "Sala".to_owned(),
            concurrent_bookings: story.seats,
            settings: Overrides {
                buffer_minutes: Some(story.buffer),
                booking_interval: Some(30),
                ..Overrides::default()
            },
            ..ResourceDraft::default()
        };
        let rooms = [
            resource(&house.resources, house.tenant, room()).await,
            resource(&house.resources, house.tenant, room()).await,
        ];
        let list = List { seats: story.seats, buffer: story.buffer.into(), ..List::default() };
        Self { house, rooms, list, ids: Vec::new(), series: 0 }
    }

    /// One step, and a comparison of everything.
    pub(super) async fn take(&mut self, step: Step) -> Verdict {
        match step {
            Step::Book(want) => self.book(want, None).await?,
            Step::Hold(want) => self.book(want, Some(HOLD)).await?,
            Step::Series { want, count, skip } => self.series(want, count, skip).await?,
            Step::Wait(minutes) => self.wait(minutes).await?,
            _ if self.ids.is_empty() => {}
            Step::TakeUp(of) => self.status(of, BookingStatus::Pendente).await?,
            Step::Confirm(of) => self.status(of, BookingStatus::Confirmado).await?,
            Step::Reject(of) => self.status(of, BookingStatus::Rejeitado).await?,
            Step::Cancel(of) => self.cancel(of, Scope::This).await?,
            Step::CancelFollowing(of) => self.cancel(of, Scope::Following).await?,
            Step::Move(of, want) => self.put(of, want.room, span(want)).await?,
            Step::Resize(of, many) => {
                let entry = self.entry(of);
                let (room, start) = (entry.room, entry.start);
                self.put(of, room, (start, start + 30 * many)).await?;
            }
            Step::Room(of, room) => {
                let entry = self.entry(of);
                let span = (entry.start, entry.end);
                self.put(of, room, span).await?;
            }
        }
        self.compare().await
    }

    fn number(&self, of: usize) -> usize {
        of % self.ids.len()
    }

    fn entry(&self, of: usize) -> &Entry {
        &self.list.entries[self.number(of)]
    }

    fn wish(&self, want: Want) -> Book {
        let (start, end) = span(want);
        let wish = self.house.wish(&local(start).to_string(), &local(end).to_string());
        Book { resource: self.rooms[want.room], ..wish }
    }

    async fn book(&mut self, want: Want, hold: Option<u64>) -> Verdict {
        let (start, end) = span(want);
        let status = match hold {
            Some(_) => BookingStatus::Reservado,
            None => BookingStatus::Pendente,
        };
        let held_until = hold.map(|minutes| self.list.minute + minutes);
        let room = want.room;
        let entry = Entry { room, start, end, status, series: None, held_until };
        let expected = self.list.book(entry);
        let hold = hold.map(|minutes| Duration::from_secs(60 * minutes));
        let done = self.house.desk.book(Book { hold, ..self.wish(want) }).await;
        self.booked(done, expected)
    }

    async fn series(&mut self, want: Want, count: i64, skip: bool) -> Verdict {
        let (start, end) = span(want);
        self.series += 1;
        let entry = |day: i64| Entry {
            room: want.room,
            start: start + 1440 * day,
            end: end + 1440 * day,
            status: BookingStatus::Pendente,
            series: Some(self.series),
            held_until: None,
        };
        let expected = self.list.book_all((0..count).map(entry).collect(), skip);
        let rule = Recurrence::from_rrule(&format!("FREQ=DAILY;COUNT={count}")).unwrap();
        let recurring = Some(Recurring { rule, pattern: None, skip });
        let done = self.house.desk.book(Book { recurring, ..self.wish(want) }).await;
        self.booked(done, expected)
    }

    /// Takes the ids of what was booked, in the order of the list.
    fn booked(&mut self, done: Result<Decided<Booked>, Error>, expected: Outcome) -> Verdict {
        let outcome = match &done {
            Ok(Ok(_)) => Outcome::Done,
            Ok(Err(why)) if why.rule() == Rule::Conflict => Outcome::Collides,
            other => return Err(format!("{other:?}")),
        };
        same(&outcome, &expected)?;
        if let Ok(Ok(booked)) = done {
            match booked.occurrences.as_slice() {
                [] => self.ids.push(booked.first.id),
                all => self.ids.extend(all.iter().map(|one| one.id)),
            }
        }
        same(&self.ids.len(), &self.list.entries.len())
    }

    async fn put(&mut self, of: usize, room: usize, (start, end): (i64, i64)) -> Verdict {
        let of = self.number(of);
        let expected = self.list.put(of, room, (start, end));
        let spoken = |minute: i64| Some(local(minute).to_string().parse().unwrap());
        let revision = Revision {
            resource: Some(self.rooms[room]),
            start: spoken(start),
            end: spoken(end),
            ..Revision::default()
        };
        let done = self.house.tell(self.ids[of], What::Revise(revision)).await;
        same(&outcome(done)?, &expected)
    }

    async fn status(&mut self, of: usize, to: BookingStatus) -> Verdict {
        let of = self.number(of);
        let expected = self.list.to(of, to);
        let done = self.house.tell(self.ids[of], What::Move(to)).await;
        same(&outcome(done)?, &expected)
    }

    async fn cancel(&mut self, of: usize, scope: Scope) -> Verdict {
        let of = self.number(of);
        let expected = self.list.cancel(of, scope == Scope::Following);
        let command = Command { scope, ..command(self.ids[of], cancel()) };
        let done = self.house.desk.execute(command).await;
        same(&outcome(done)?, &expected)
    }

    /// What the job does at its time is done here at once.
    async fn wait(&mut self, minutes: u64) -> Verdict {
        self.house.world.hand.advance(Duration::from_secs(60 * minutes));
        for number in self.list.wait(minutes) {
            // A hold that is over takes its seat until it is let go, and cannot be
            // taken up.
            let late = self.house.tell(self.ids[number], What::Move(BookingStatus::Pendente));
            same(&code(late.await), &"hold_expired")?;
            let over = self.house.tell(self.ids[number], What::Move(BookingStatus::Expirado));
            same(&outcome(over.await)?, &Outcome::Done)?;
        }
        Ok(())
    }

    /// Every row is as the list has it, and there are no others.
    async fn compare(&self) -> Verdict {
        for (id, entry) in self.ids.iter().zip(&self.list.entries) {
            let row = self.house.row(*id).await;
            let there = (row.resource, row.start_local, row.end.since(row.start), row.status);
            let minutes = u64::try_from(entry.end - entry.start).unwrap();
            let length = Duration::from_secs(60 * minutes);
            same(&there, &(self.rooms[entry.room], local(entry.start), length, entry.status))?;
        }
        let mut rows = 0;
        for room in self.rooms {
            let query = Query::under(&(room,)).limit(1000);
            let store = &self.house.world.shell.store;
            rows += store.page_by::<Occupied>(&query).await.unwrap().rows.len();
            rows += store.page_by::<Unoccupied>(&query).await.unwrap().rows.len();
        }
        same(&rows, &self.ids.len())
    }
}

fn outcome(done: Result<Decided<Changed>, Error>) -> Result<Outcome, String> {
    match done {
        Ok(Ok(_)) => Ok(Outcome::Done),
        Ok(Err(why)) if why.rule() == Rule::Conflict => Ok(Outcome::Collides),
        Err(Error::Refused(Refusal::Conflict { code: "booking_closed", .. })) => {
            Ok(Outcome::Closed)
        }
        Err(Error::Refused(Refusal::Conflict { code: "status_not_reachable", .. })) => {
            Ok(Outcome::Unreachable)
        }
        other => Err(format!("{other:?}")),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Verdict {
    if found == expected { Ok(()) } else { Err(format!("{found:?}, and not {expected:?}")) }
}

/// Minutes of the list.
fn span(want: Want) -> (i64, i64) {
    let start = 1440 * want.day + 8 * 60 + 30 * want.from;
    (start, start + 30 * want.many)
}

fn local(minute: i64) -> DateTime {
    FIRST.at(0, 0, 0, 0).checked_add(minute.minutes()).unwrap()
}
