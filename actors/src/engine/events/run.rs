//! One consumer's loop: from its cursor to the end of the log, and on.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use tokio::time::Instant;
use zelador_store::event::{Consumers, Event, Parked, ParkedEvents};
use zelador_store::kv::{Bell, Term};
use zelador_store::{Stored, Timestamp, Write};

use super::consumer::{Consume, EventCx};
use super::desk::{EventDesk, REPEATS};
use super::lag::Lag;
use super::rules;
use super::tail::Numbered;
use crate::engine::jobs::{Failure, said};
use crate::error::{During, Error};

/// Events read at once, and passed in one commit where nothing is written.
pub(super) const PAGE: usize = 256;

/// How long the loop waits when the store refuses.
pub(super) const REFUSED_PAUSE: Duration = Duration::from_millis(500);

/// For how long after a look those who ring are not answered by another: while much
/// happens, what happens is looked at together.
pub(super) const GATHER: Duration = Duration::from_millis(5);

/// At least this often the loop looks.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);

/// How long it may take until the row says that events nobody wanted are passed.
/// Noting each at once would cost every writer a wait for one more sync.
pub(super) const NOTE_WITHIN: Duration = Duration::from_millis(250);

/// How long handling one event may take.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(60);

/// What a turn of the loop found.
enum Turn {
    /// There may be more at once.
    Again,
    /// Nothing until the log grows, or until this instant.
    Wait(Option<Timestamp>),
}

/// How far a consumer has passed events that it did not want, while its row does
/// not say so yet. Lost with the process: they are then passed again.
#[derive(Clone, Copy)]
pub(super) struct Ahead {
    /// The cursor of the row; of another one it says nothing.
    pub(super) of: u64,
    /// The last event that was passed.
    pub(super) seq: u64,
    /// Since when the row is behind.
    pub(super) since: Instant,
}

/// What became of one event.
pub(super) enum Step {
    /// Its effects and the cursor are in the store.
    Committed(Stored<Consumers>),
    /// It had no effects; the cursor is still to be noted in this row, which may be
    /// another than before: what is about to be handled is noted in it.
    Passed(Stored<Consumers>),
    /// The row must be read again: the event failed, or somebody else moved it.
    Reread,
}

/// Waits until it is time for another look.
pub(super) async fn gather(looked: Instant) {
    let next = looked + GATHER;
    if Instant::now() < next {
        tokio::time::sleep_until(next).await;
    }
}

impl EventDesk {
    /// Hands events to a consumer until the desk is stopped. May be called again
    /// after a panic.
    pub async fn work(&self, name: &str) -> Result<(), Error> {
        if let Some(outlet) = self.outlet(name) {
            return self.feed(outlet).await;
        }
        let consumer = self.consumer(name)?.clone();
        let mut bell = self.0.shell.store.listen(Bell::Events);
        let (mut ahead, mut lag) = (None, Lag::default());
        while !self.0.closing.is_cancelled() {
            let (rung, looked) = (*bell.borrow_and_update(), Instant::now());
            let until = match self.turn(consumer.as_ref(), (&mut ahead, &mut lag), rung).await {
                Ok(Turn::Again) => continue,
                Ok(Turn::Wait(until)) => until,
                Err(error) => {
                    let error = error.chain();
                    tracing::warn!(consumer = name, error, "a consumer waits for the store");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                    continue;
                }
            };
            let time = async {
                match until {
                    Some(until) => self.0.shell.clock.until(until).await,
                    None => std::future::pending().await,
                }
            };
            let pause = if ahead.is_some() { NOTE_WITHIN } else { HEARTBEAT };
            tokio::select! {
                _ = bell.changed() => gather(looked).await,
                () = time => {}
                () = tokio::time::sleep(pause) => self.0.tail.doubt().await,
                () = self.0.closing.cancelled() => {}
            }
        }
        Ok(())
    }

    async fn turn(
        &self,
        consumer: &dyn Consume,
        (ahead, lag): (&mut Option<Ahead>, &mut Lag),
        rung: u64,
    ) -> Result<Turn, Error> {
        let place = self.place(consumer).await?;
        *ahead = ahead.filter(|ahead| ahead.of == place.row.cursor);
        let now = self.0.shell.now();
        if place.row.detached {
            lag.show(&place, self.tip().await?);
            return Ok(Turn::Wait(None));
        }
        if let Some(retry_at) = place.row.retry_at.filter(|at| *at > now) {
            lag.show(&place, self.tip().await?);
            return Ok(Turn::Wait(Some(retry_at)));
        }
        let from = ahead.map_or(place.row.cursor, |ahead| ahead.seq);
        let events = self.next_after(from, rung).await?;
        lag.show(&place, self.tip_beyond(from, &events).await?);
        if let Some((last, _)) = events.last() {
            let stands = self.follow(consumer, place, &events, ahead).await?;
            let Some(place) = stands else { return Ok(Turn::Again) };
            if !self.is_end(*last, rung).await {
                return Ok(Turn::Again);
            }
            // What came meanwhile has rung, and is gathered with what comes next.
            lag.show(&place, *last);
            return Ok(Turn::Wait(None));
        }
        match *ahead {
            Some(behind) if behind.since.elapsed() >= NOTE_WITHIN => {
                *ahead = None;
                self.note(&place, behind.seq).await?;
                Ok(Turn::Again)
            }
            _ => Ok(Turn::Wait(None)),
        }
    }

    /// Hands over events in order, until one fails. Where the consumer stands then,
    /// unless its row must be read again.
    async fn follow(
        &self,
        consumer: &dyn Consume,
        mut place: Stored<Consumers>,
        events: &[Numbered],
        ahead: &mut Option<Ahead>,
    ) -> Result<Option<Stored<Consumers>>, Error> {
        let before = ahead.take();
        // What is done with, though the row may not say so yet.
        let mut done = before.map_or(place.row.cursor, |ahead| ahead.seq);
        // Up to where events were handled together, or are not to be.
        let (mut together, mut alone) = (0, 0);
        for (at, (seq, event)) in events.iter().enumerate() {
            tokio::task::consume_budget().await;
            if self.0.closing.is_cancelled() {
                break;
            }
            if *seq > together && consumer.wants(event) {
                let rest = events.get(at..).unwrap_or_default();
                let bunch =
                    if *seq > alone { self.bunch_of(consumer, &place, rest) } else { vec![] };
                let last = bunch.last().map_or(0, |(seq, _)| *seq);
                let handled = self.handle_all(consumer, &place, &bunch).await?;
                let step = if let Some(step) = handled {
                    together = last;
                    step
                } else {
                    alone = alone.max(last);
                    self.step(consumer, &place, *seq, event).await?
                };
                match step {
                    Step::Committed(next) | Step::Passed(next) => place = next,
                    Step::Reread => return Ok(None),
                }
            }
            done = *seq;
        }
        let of = place.row.cursor;
        let since = before.filter(|ahead| ahead.of == of).map(|ahead| ahead.since);
        let since = since.unwrap_or_else(Instant::now);
        if done >= of + PAGE as u64 || (done > of && since.elapsed() >= NOTE_WITHIN) {
            self.note(&place, done).await?;
            return Ok(None);
        }
        if done > of {
            *ahead = Some(Ahead { of, seq: done, since });
        }
        Ok(Some(place))
    }

    /// Notes in the row how far a consumer has come.
    pub(super) async fn note(&self, place: &Stored<Consumers>, done: u64) -> Result<(), Error> {
        let mut write = Write::new();
        write.update::<Consumers>(place, &rules::passed(&place.row, done));
        self.commit(write, "moving a consumer on").await.map(drop)
    }

    /// Handles one event, at first with a note that it is about to.
    async fn step(
        &self,
        consumer: &dyn Consume,
        place: &Stored<Consumers>,
        seq: u64,
        event: &Event,
    ) -> Result<Step, Error> {
        if !self.is_wary(consumer, place.row.cursor, seq) {
            return self.handle(consumer, place, seq, event).await;
        }
        match self.begin(consumer, place, seq).await? {
            Some(place) => self.handle(consumer, &place, seq, event).await,
            None => Ok(Step::Reread),
        }
    }

    /// Whether the event may be the one under which the last process ended: it is
    /// within a page of where the consumer stood at the start of this one.
    pub(super) fn is_wary(&self, consumer: &dyn Consume, cursor: u64, seq: u64) -> bool {
        let mut wary = self.0.wary.lock();
        seq <= *wary.entry(consumer.name()).or_insert(cursor + PAGE as u64)
    }

    /// Notes durably that an event is about to be handled; `None`: it is parked,
    /// or somebody else has moved the row.
    async fn begin(
        &self,
        consumer: &dyn Consume,
        place: &Stored<Consumers>,
        seq: u64,
    ) -> Result<Option<Stored<Consumers>>, Error> {
        let (next, parked) = rules::begun(&place.row, seq, self.0.shell.now());
        let mut write = Write::new();
        write.update::<Consumers>(place, &next);
        if let Some(parked) = &parked {
            self.park(&mut write, consumer.name(), seq, parked).await?;
        }
        let noted = self.commit(write, "noting what is about to be handled").await?;
        if let Some(parked) = parked.filter(|_| noted) {
            tracing::error!(consumer = consumer.name(), seq, error = parked.error, "event parked");
            return Ok(None);
        }
        let next = place.rewritten(next).map_err(zelador_store::Error::from);
        Ok(Some(next.during("noting what is about to be handled")?).filter(|_| noted))
    }

    /// Handles one event.
    async fn handle(
        &self,
        consumer: &dyn Consume,
        place: &Stored<Consumers>,
        seq: u64,
        event: &Event,
    ) -> Result<Step, Error> {
        for _ in 0..REPEATS {
            let mut write = match self.attempt(consumer, place.row.tries, seq, event).await {
                Ok(work) if work.is_empty() => return Ok(Step::Passed(place.clone())),
                Ok(work) => work,
                Err(failure) => return self.fail(consumer, place, seq, &failure).await,
            };
            let next = rules::passed(&place.row, seq);
            write.update::<Consumers>(place, &next);
            match self.0.shell.store.commit(write).await {
                Ok(_) => {
                    consumer.committed();
                    let next = place.rewritten(next).map_err(zelador_store::Error::from);
                    return Ok(Step::Committed(next.during("moving a consumer on")?));
                }
                Err(error) if error.is_conflict() => {
                    if !self.is_at(place).await? {
                        return Ok(Step::Reread);
                    }
                    // What it had read was changed: it looks again.
                }
                Err(error @ zelador_store::Error::Unfit(_)) => {
                    return self.fail(consumer, place, seq, &Failure::permanent(error)).await;
                }
                Err(error) => return Err(Error::from_store("handling an event", error)),
            }
        }
        let error = "what it works on was changed again and again while it ran";
        self.fail(consumer, place, seq, &Failure::retry(error)).await
    }

    /// Runs the consumer within its limits.
    pub(super) async fn attempt(
        &self,
        consumer: &dyn Consume,
        failed: u16,
        seq: u64,
        event: &Event,
    ) -> Result<Write, Failure> {
        let cx = EventCx { shell: self.0.shell.clone(), failed };
        let work = AssertUnwindSafe(consumer.consume(&cx, seq, event)).catch_unwind();
        tracing::debug!(consumer = consumer.name(), seq, kind = event.kind, "event handed over");
        match tokio::time::timeout(TIME_LIMIT, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(Failure::retry(format!("panicked: {}", said(panic.as_ref())))),
            Err(_) => {
                let limit = TIME_LIMIT.as_secs();
                Err(Failure::retry(format!("stopped after its time limit of {limit} s")))
            }
        }
    }

    /// Notes durably that an event failed; parks it if it is given up.
    async fn fail(
        &self,
        consumer: &dyn Consume,
        place: &Stored<Consumers>,
        seq: u64,
        failure: &Failure,
    ) -> Result<Step, Error> {
        let shell = &self.0.shell;
        let (policy, chance) = (consumer.policy(), shell.dice.fraction());
        let (next, parked) = rules::failed(&place.row, seq, failure, &policy, chance, shell.now());
        let mut write = Write::new();
        write.update::<Consumers>(place, &next);
        if let Some(parked) = &parked {
            self.park(&mut write, consumer.name(), seq, parked).await?;
        }
        if self.commit(write, "noting a failed event").await? {
            let (consumer, error) = (consumer.name(), next.last_error.as_deref());
            if parked.is_some() {
                tracing::error!(consumer, seq, error, "event parked");
            } else {
                tracing::warn!(consumer, seq, error, tries = next.tries, "event failed");
            }
        }
        Ok(Step::Reread)
    }

    /// Stages a parked event; it may have been parked before a replay.
    pub(super) async fn park(
        &self,
        write: &mut Write,
        name: &str,
        seq: u64,
        parked: &Parked,
    ) -> Result<(), Error> {
        let key = (Term::new(name), seq);
        let found = self.0.shell.store.get::<ParkedEvents>(&key).await;
        match found.during("reading a parked event")? {
            Some(stored) => write.update::<ParkedEvents>(&stored, parked),
            None => write.insert::<ParkedEvents>(&key, parked),
        };
        Ok(())
    }

    async fn is_at(&self, place: &Stored<Consumers>) -> Result<bool, Error> {
        let found = self.row(&place.key).await?;
        Ok(found.is_some_and(|found| found.row == place.row))
    }

    /// The end of the log, of which these were read after a number.
    pub(super) async fn tip_beyond(&self, from: u64, read: &[Numbered]) -> Result<u64, Error> {
        match read.last() {
            None => Ok(from),
            Some((last, _)) if read.len() < PAGE => Ok(*last),
            Some(_) => self.tip().await,
        }
    }
}
