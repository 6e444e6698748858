//! Handing events out: what waits first, then what is new.

use std::time::Duration;

use zelador_store::Write;
use zelador_store::event::ParkedEvents;
use zelador_store::external::{Lease, Leases};
use zelador_store::{Stored, Timestamp};

use super::rules::{self, Fate};
use super::{Externals, Handed, MAX_HELD, Seat};
use crate::engine::events::desk::{REPEATS, busy};
use crate::error::{Error, Refusal};

/// So many events that nobody wanted are passed before the row must say so.
const UNNOTED: u64 = 256;

/// Who asks for how many.
struct Ask<'a> {
    member: &'a str,
    limit: usize,
    now: Timestamp,
    most: u32,
}

/// What one reading changes.
#[derive(Default)]
struct Turn {
    write: Write,
    handed: Vec<Handed>,
    /// What is held afterwards: the oldest, and how many.
    first_held: Option<u64>,
    held: usize,
    /// Whether a lease is changed, made or removed.
    changed: bool,
}

impl Turn {
    fn keeps(&mut self, seq: u64) {
        self.held += 1;
        self.first_held = Some(self.first_held.map_or(seq, |first| first.min(seq)));
    }
}

impl Externals {
    /// Hands at most `limit` events to a member of a consumer, in the order of the
    /// log. `last`: the caller does not ask again at once, so that what was passed
    /// is noted.
    pub async fn read(
        &self,
        name: &str,
        member: &str,
        limit: usize,
        last: bool,
    ) -> Result<Vec<Handed>, Error> {
        for _ in 0..REPEATS {
            let seat = self.seat(name).await?;
            attached(&seat)?;
            let ask = self.ask(member, limit);
            let mut turn =
                self.take_over(&seat, &ask, |lease| rules::is_free(lease, ask.now)).await?;
            let read_to = self.hand_new(&seat, &ask, &mut turn).await?;
            let passed = read_to - seat.own.row.read_to;
            if !turn.changed && (passed == 0 || (passed < UNNOTED && !last)) {
                return Ok(Vec::new());
            }
            if let Some(handed) = self.finish(&seat, read_to, turn).await? {
                return Ok(handed);
            }
        }
        Err(busy())
    }

    /// Hands what other members have held for at least `idle` to this one.
    pub async fn claim(
        &self,
        name: &str,
        member: &str,
        idle: Duration,
        limit: usize,
    ) -> Result<Vec<Handed>, Error> {
        for _ in 0..REPEATS {
            let seat = self.seat(name).await?;
            attached(&seat)?;
            let ask = self.ask(member, limit);
            let claimable = |lease: &Lease| rules::is_claimable(lease, member, idle, ask.now);
            let turn = self.take_over(&seat, &ask, claimable).await?;
            if !turn.changed {
                return Ok(Vec::new());
            }
            if let Some(handed) = self.finish(&seat, seat.own.row.read_to, turn).await? {
                return Ok(handed);
            }
        }
        Err(busy())
    }

    /// Hands what is held, and may be taken, to who asks.
    async fn take_over(
        &self,
        seat: &Seat,
        ask: &Ask<'_>,
        may: impl Fn(&Lease) -> bool,
    ) -> Result<Turn, Error> {
        let mut turn = Turn::default();
        for held in &seat.leases {
            self.look_at(seat, held, may(&held.row), ask, &mut turn).await?;
        }
        Ok(turn)
    }

    /// When the first lease of a consumer runs out.
    pub async fn next_free(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        let leases = self.desk.leases(name).await?;
        Ok(leases.iter().map(|lease| lease.row.until).min())
    }

    fn ask<'a>(&self, member: &'a str, limit: usize) -> Ask<'a> {
        let most = self.settings.borrow().max_deliveries;
        Ask { member, limit, now: self.desk.0.shell.now(), most }
    }

    /// One event that is held: it stays, is handed out once more, or is parked.
    async fn look_at(
        &self,
        seat: &Seat,
        held: &Stored<Leases>,
        take: bool,
        ask: &Ask<'_>,
        turn: &mut Turn,
    ) -> Result<(), Error> {
        let seq = held.key.1;
        if !take || turn.handed.len() >= ask.limit {
            turn.keeps(seq);
            return Ok(());
        }
        turn.changed = true;
        let Some(event) = self.desk.event(seq).await? else {
            // It is no longer kept: a replay of what was parked came too late.
            turn.write.remove::<Leases>(held);
            return Ok(());
        };
        let ack_seconds = seat.own.row.ack_seconds;
        match rules::again(&held.row, ask.member, ack_seconds, ask.most, ask.now) {
            Fate::Hand(lease) => {
                turn.write.update::<Leases>(held, &lease);
                turn.keeps(seq);
                let Lease { deliveries, until, .. } = lease;
                turn.handed.push(Handed { seq, event, deliveries, until });
            }
            Fate::Park(parked) => {
                let name = &seat.own.key;
                tracing::error!(consumer = name, seq, error = parked.error, "event parked");
                turn.write.remove::<Leases>(held);
                self.desk.park(&mut turn.write, name, seq, &parked).await?;
            }
        }
        Ok(())
    }

    /// What has not been handed out yet, as far as there is room; up to which
    /// event the log was read.
    async fn hand_new(&self, seat: &Seat, ask: &Ask<'_>, turn: &mut Turn) -> Result<u64, Error> {
        let own = &seat.own.row;
        let room = MAX_HELD.saturating_sub(turn.held).min(ask.limit - turn.handed.len());
        if room == 0 {
            return Ok(own.read_to);
        }
        let page = self.desk.page(own.read_to, &seat.filter(), room).await?;
        for (seq, event) in page.rows {
            let lease = rules::lease(event.id, ask.member, own.ack_seconds, ask.now);
            turn.write.insert::<Leases>(&(seat.term(), seq), &lease);
            turn.keeps(seq);
            turn.changed = true;
            turn.handed.push(Handed { seq, event, deliveries: 1, until: lease.until });
        }
        Ok(page.seen)
    }

    /// Commits; `None`: somebody was faster.
    async fn finish(
        &self,
        seat: &Seat,
        read_to: u64,
        turn: Turn,
    ) -> Result<Option<Vec<Handed>>, Error> {
        let Turn { mut write, handed, first_held, .. } = turn;
        Self::settle(&mut write, seat, read_to, first_held);
        let committed = self.desk.commit(write, "handing out events").await?;
        Ok(committed.then_some(handed))
    }

    /// Makes a parked event wait for a reader again.
    pub(in crate::engine::events) async fn reoffer(
        desk: &crate::engine::events::EventDesk,
        name: &str,
        parked: &Stored<ParkedEvents>,
    ) -> Result<Option<Write>, Error> {
        let Some(own) = desk.external(name).await? else { return Ok(None) };
        let seq = parked.key.1;
        let event = desk.event(seq).await?.ok_or(Refusal::Absent { what: "event" })?;
        let now = desk.0.shell.now();
        let waits = Lease { deliveries: 0, ..rules::lease(event.id, "", 0, now) };
        let mut write = Write::new();
        write.remove::<ParkedEvents>(parked).insert::<Leases>(&parked.key, &waits).expect(&own);
        write.ring(zelador_store::kv::Bell::Events);
        Ok(Some(write))
    }
}

fn attached(seat: &Seat) -> Result<(), Error> {
    if seat.place.row.detached {
        return Err(Refusal::conflict("consumer_detached").into());
    }
    Ok(())
}
