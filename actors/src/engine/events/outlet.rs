//! Outlets: consumers whose effect lies outside of the store, many events at once.
//!
//! ```text
//!  off ──settings──▶ waits ──events──▶ sends a batch ──taken──▶ cursor moves on
//!   ▲                  ▲                    │
//!   └────settings──────┴──time, or settings─┘ failed: the same batch again, for ever
//! ```
//!
//! Invariants:
//! - The cursor moves on after the other side has taken a batch, never before: what
//!   was under way when the process ended is sent again.
//! - Batches are sent one after the other, in the order of the log.
//! - Nothing is parked: an outage is waited out, and what it holds back is the
//!   outlet alone (and the log's retention, up to `max_lag`).
//! - An outlet that is off has no say in what the log forgets.

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::time::Instant;
use zelador_store::event::{Consumer, Consumers, Event};
use zelador_store::kv::Bell;
use zelador_store::{Stored, Timestamp, Write};

use super::desk::{EventDesk, REPEATS, busy};
use super::lag::Lag;
use super::run::{Ahead, HEARTBEAT, NOTE_WITHIN, PAGE, REFUSED_PAUSE, gather};
use crate::engine::jobs::rules::{Policy, backoff, jittered};
use crate::error::Error;

/// Seconds between two tries; the last is repeated.
const BACKOFF: [u32; 5] = [1, 2, 5, 10, 30];

/// Sends events to another system.
#[async_trait]
pub trait Outlet: Send + Sync + 'static {
    /// Its name; stored for ever, so renaming needs a migration.
    fn name(&self) -> &'static str;

    /// Whether an event goes there. Must be quick: it is asked for every event.
    fn wants(&self, event: &Event) -> bool;

    /// Whether it is in service.
    fn is_on(&self) -> bool;

    /// A word whenever its settings have changed.
    fn changes(&self) -> BoxStream<'static, ()>;

    /// Sends a batch, all of it or nothing as far as the other side allows; what
    /// went wrong, for the operator.
    async fn send(&self, batch: &[(u64, &Event)]) -> Result<(), String>;

    /// Asks whether the other side is there.
    async fn probe(&self) -> Result<(), String>;

    /// What went wrong last, until something goes well.
    fn trouble(&self) -> Option<String>;
}

/// What a turn of the loop found.
enum Turn {
    /// There may be more at once.
    Again,
    /// Nothing until the log grows, or until this instant.
    Wait(Option<Timestamp>),
}

impl EventDesk {
    /// Sends events to an outlet until the desk is stopped.
    pub(super) async fn feed(&self, outlet: &dyn Outlet) -> Result<(), Error> {
        let mut bell = self.0.shell.store.listen(Bell::Events);
        let mut changes = outlet.changes();
        let (mut ahead, mut lag) = (None, Lag::default());
        while !self.0.closing.is_cancelled() {
            let (rung, looked) = (*bell.borrow_and_update(), Instant::now());
            let until = match self.deliver(outlet, (&mut ahead, &mut lag), rung).await {
                Ok(Turn::Again) => continue,
                Ok(Turn::Wait(until)) => until,
                Err(error) => {
                    let (consumer, error) = (outlet.name(), error.chain());
                    tracing::warn!(consumer, error, "a consumer waits for the store");
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
                // While it waits out a failure, more events are no reason to try.
                _ = bell.changed(), if until.is_none() => gather(looked).await,
                () = time => {}
                () = tokio::time::sleep(pause), if until.is_none() => self.0.tail.doubt().await,
                Some(()) = changes.next() => self.try_at_once(outlet).await,
                () = self.0.closing.cancelled() => {}
            }
        }
        Ok(())
    }

    async fn deliver(
        &self,
        outlet: &dyn Outlet,
        (ahead, lag): (&mut Option<Ahead>, &mut Lag),
        rung: u64,
    ) -> Result<Turn, Error> {
        if !outlet.is_on() {
            return Ok(Turn::Wait(None));
        }
        let place = self.outlet_place(outlet.name()).await?;
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
        let Some((done, _)) = events.last() else { return self.rest(outlet, &place, ahead).await };
        let wanted: Vec<_> = events.iter().filter(|(_, event)| outlet.wants(event)).collect();
        let wanted: Vec<_> =
            wanted.into_iter().map(|(seq, event)| (*seq, event.as_ref())).collect();
        if wanted.is_empty() {
            let since = ahead.map_or_else(Instant::now, |ahead| ahead.since);
            *ahead = Some(Ahead { of: place.row.cursor, seq: *done, since });
            if *done < place.row.cursor + PAGE as u64 {
                return Ok(Turn::Again);
            }
        } else if let Err(error) = outlet.send(&wanted).await {
            self.put_off(&place, error).await?;
            return Ok(Turn::Again);
        }
        *ahead = None;
        self.note(&place, *done).await?;
        Ok(Turn::Again)
    }

    /// Nothing is there to be sent.
    async fn rest(
        &self,
        outlet: &dyn Outlet,
        place: &Stored<Consumers>,
        ahead: &mut Option<Ahead>,
    ) -> Result<Turn, Error> {
        match *ahead {
            Some(behind) if behind.since.elapsed() >= NOTE_WITHIN => {
                *ahead = None;
                self.note(place, behind.seq).await?;
                Ok(Turn::Again)
            }
            Some(_) => Ok(Turn::Wait(None)),
            None => {
                // For those who ask whether it is well.
                let _ = outlet.probe().await;
                Ok(Turn::Wait(None))
            }
        }
    }

    /// Notes that a batch failed, and when it is tried again.
    async fn put_off(&self, place: &Stored<Consumers>, error: String) -> Result<(), Error> {
        let tries = place.row.tries.saturating_add(1);
        let policy = Policy { tries: u16::MAX, backoff_seconds: BACKOFF.to_vec() };
        let wait = jittered(backoff(&policy, tries), self.0.shell.dice.fraction());
        let consumer = &place.key;
        tracing::warn!(consumer, error, tries, seconds = wait.as_secs(), "events wait");
        let retry_at = Some(self.0.shell.now() + wait);
        let next = Consumer { tries, retry_at, last_error: Some(error), ..place.row.clone() };
        let mut write = Write::new();
        write.update::<Consumers>(place, &next);
        self.commit(write, "noting that events wait").await.map(drop)
    }

    /// After a change of its settings an outlet waits no longer.
    async fn try_at_once(&self, outlet: &dyn Outlet) {
        let Ok(Some(place)) = self.row(outlet.name()).await else { return };
        if place.row.retry_at.is_some() {
            let mut write = Write::new();
            write.update::<Consumers>(&place, &Consumer { retry_at: None, ..place.row.clone() });
            // If it cannot be noted, its time comes all the same.
            let _ = self.commit(write, "trying at once").await;
        }
    }

    /// Where an outlet stands; one that has never run begins with what happens
    /// from now on.
    pub(super) async fn outlet_place(&self, name: &str) -> Result<Stored<Consumers>, Error> {
        for _ in 0..REPEATS {
            if let Some(stored) = self.row(name).await? {
                return Ok(stored);
            }
            let row = Consumer { cursor: self.tip().await?, ..Consumer::default() };
            let mut write = Write::new();
            write.insert::<Consumers>(&name.to_owned(), &row);
            self.commit(write, "placing a consumer").await?;
        }
        Err(busy())
    }

    /// An outlet by its name.
    pub(super) fn outlet(&self, name: &str) -> Option<&dyn Outlet> {
        let found = self.0.outlets.iter().find(|outlet| outlet.name() == name);
        found.map(std::convert::AsRef::as_ref)
    }

    /// What went wrong last with an outlet that is in service.
    pub fn trouble(&self, name: &str) -> Option<String> {
        self.outlet(name).filter(|outlet| outlet.is_on()).and_then(Outlet::trouble)
    }

    /// Rows of those who have a say in what the log forgets.
    pub(super) async fn holders(&self) -> Result<Vec<Stored<Consumers>>, Error> {
        let is_off = |name: &str| self.outlet(name).is_some_and(|outlet| !outlet.is_on());
        let rows = self.rows().await?;
        Ok(rows.into_iter().filter(|stored| !is_off(&stored.key)).collect())
    }
}
