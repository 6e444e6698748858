//! External consumers: programs that read the log over the API, in groups.
//!
//! Several members of one consumer share its events: each is handed to one of
//! them, who acknowledges it or loses it when the lease runs out.
//!
//! ```text
//!  the log ──read──▶ held by a member ──ack──▶ done
//!                      │      ▲
//!          lease runs out     │ read, or claimed: handed out once more
//!                      ▼      │
//!                   waits ────┘──too often──▶ parked ──retry──▶ waits
//! ```
//!
//! Invariants:
//! - Reading answers what it has committed: an event is in a lease before anybody
//!   sees it, so one that was handed out and not acknowledged comes again.
//! - What was acknowledged is durable before the answer, and never comes again
//!   but by a replay.
//! - The cursor is never past an event that is held: retention waits for it.
//! - One reading is in the order of the log.
//! - A consumer holds at most [`MAX_HELD`] events.

mod ack;
mod admin;
mod read;
pub mod rules;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::watch;
use zelador_store::event::{Consumers, Event};
use zelador_store::external::{External, Externals as Rows, Lease, Leases};
use zelador_store::id::{EventId, TenantId};
use zelador_store::kv::Term;
use zelador_store::{Query, Stored, Timestamp, Write};

use super::desk::EventDesk;
use super::lag::Lag;
use super::reader::EventFilter;
use crate::engine::settings::EventSettings;
use crate::error::{During, Error, Refusal};

pub use ack::Acknowledged;
pub use admin::{Begins, Draft};

/// Events that one consumer may hold unacknowledged.
pub const MAX_HELD: usize = 1000;

/// An event that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// Its place in the log.
    pub seq: u64,
    /// The event.
    pub event: Event,
    /// How often it was handed out, this time included.
    pub deliveries: u32,
    /// Until when nobody else is given it.
    pub until: Timestamp,
}

/// An event that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its place in the log.
    pub seq: u64,
    /// Its id.
    pub event: EventId,
    /// Who holds it, since when, for how long, and how often it was handed out.
    pub lease: Lease,
}

/// The external consumers; clones are the same ones.
#[derive(Clone)]
pub struct Externals {
    desk: EventDesk,
    settings: watch::Receiver<Arc<EventSettings>>,
}

/// One consumer as it stands in the store.
struct Seat {
    place: Stored<Consumers>,
    own: Stored<Rows>,
    leases: Vec<Stored<Leases>>,
}

impl Seat {
    fn term(&self) -> Term {
        Term::new(&self.own.key)
    }

    fn filter(&self) -> EventFilter {
        EventFilter { kinds: self.own.row.kinds.clone(), tenant: self.own.row.tenant }
    }
}

impl Externals {
    /// Those that follow the log of a desk, with live settings.
    pub fn new(desk: EventDesk, settings: watch::Receiver<Arc<EventSettings>>) -> Self {
        Self { desk, settings }
    }

    /// The full name of what a caller calls `name`: those of a tenant carry its id.
    pub fn full_name(name: &str, tenant: Option<TenantId>) -> String {
        match tenant {
            Some(tenant) if !name.ends_with(&format!("@{tenant}")) => format!("{name}@{tenant}"),
            _ => name.to_owned(),
        }
    }

    async fn seat(&self, name: &str) -> Result<Seat, Error> {
        let absent = || Error::from(Refusal::Absent { what: "consumer" });
        let own = self.desk.external(name).await?.ok_or_else(absent)?;
        let place = self.desk.row(name).await?.ok_or_else(absent)?;
        let leases = self.desk.leases(name).await?;
        Ok(Seat { place, own, leases })
    }

    /// Everything held by a consumer's members after a sequence number.
    pub async fn pending(&self, name: &str, after: u64, limit: usize) -> Result<Vec<Held>, Error> {
        let seat = self.seat(name).await?;
        let held = seat.leases.into_iter().filter(|lease| lease.key.1 > after).take(limit);
        Ok(held
            .map(|held| Held { seq: held.key.1, event: held.row.event, lease: held.row })
            .collect())
    }

    /// Stages where a consumer stands once it holds `held` and was read to a
    /// number; says so only where it changes.
    fn settle(write: &mut Write, seat: &Seat, read_to: u64, first_held: Option<u64>) {
        if read_to == seat.own.row.read_to {
            write.expect(&seat.own);
        } else {
            let own = External { read_to, ..seat.own.row.clone() };
            write.update::<Rows>(&seat.own, &own);
        }
        let cursor = rules::cursor(seat.place.row.cursor, read_to, first_held);
        if cursor == seat.place.row.cursor {
            write.expect(&seat.place);
        } else {
            let place = super::rules::passed(&seat.place.row, cursor);
            write.update::<Consumers>(&seat.place, &place);
        }
    }
}

impl EventDesk {
    /// An external consumer's own row.
    pub(super) async fn external(&self, name: &str) -> Result<Option<Stored<Rows>>, Error> {
        let found = self.0.shell.store.get::<Rows>(&name.to_owned()).await;
        found.during("reading an external consumer")
    }

    /// Everything that it holds, in the order of the log.
    pub(super) async fn leases(&self, name: &str) -> Result<Vec<Stored<Leases>>, Error> {
        // One more than there can be; a retry of parked events may add a few.
        let held = Query::under(&(Term::new(name),)).limit(2 * MAX_HELD);
        let page = self.0.shell.store.page::<Leases>(&held).await;
        Ok(page.during("listing what a consumer holds")?.rows)
    }

    /// Shows in the metrics how far external consumers are behind: they have no loop
    /// that would.
    pub async fn show_lags(&self) -> Result<(), Error> {
        for stored in self.externals().await? {
            if let Some(place) = self.row(&stored.key).await? {
                Lag::default().show(&place, self.tip().await?);
            }
        }
        Ok(())
    }

    /// Stages that an external consumer goes back, or on, to before `from`: what
    /// it holds is let go. Nothing for a built-in one.
    pub(super) async fn rewind(&self, name: &str, from: u64, to: &mut Write) -> Result<(), Error> {
        let Some(own) = self.external(name).await? else { return Ok(()) };
        let row = External { read_to: from.saturating_sub(1), ..own.row.clone() };
        to.update::<Rows>(&own, &row);
        for lease in self.leases(name).await? {
            to.remove::<Leases>(&lease);
        }
        Ok(())
    }
}
