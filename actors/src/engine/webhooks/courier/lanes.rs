//! What the courier has in its head: who waits, who is under way.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::id::{EventId, TenantId, WebhookId};

use crate::engine::webhooks::rules::lane::{Lane, Taken};
use crate::engine::webhooks::settings::WebhookSettings;

/// A delivery.
pub(super) type Parcel = (WebhookId, EventId);

/// Where a webhook waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// Nowhere: nothing is known to be due.
    #[default]
    Idle,
    /// For its turn; or, `full`, for a place that others have.
    Queued,
    /// For a time.
    Until(Timestamp),
}

#[derive(Debug, Default)]
struct Entry {
    lane: Lane,
    place: Place,
}

#[derive(Debug, Clone, Copy)]
struct Flight {
    tenant: TenantId,
    slow: bool,
}

/// All lanes.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    known: HashMap<WebhookId, Entry>,
    queue: VecDeque<WebhookId>,
    times: BTreeSet<(Timestamp, WebhookId)>,
    /// Webhooks that wait for places which others have; they are queued again when
    /// one is given back.
    full: Vec<WebhookId>,
    flights: HashMap<Parcel, Flight>,
    tenants: HashMap<TenantId, u32>,
    slow: u32,
}

impl Lanes {
    /// Something may be due.
    pub(super) fn look(&mut self, webhook: WebhookId) {
        let entry = self.known.entry(webhook).or_default();
        match entry.place {
            Place::Queued => return,
            Place::Until(at) => {
                self.times.remove(&(at, webhook));
            }
            Place::Idle => {}
        }
        entry.place = Place::Queued;
        self.queue.push_back(webhook);
    }

    /// The next one in turn.
    pub(super) fn take(&mut self) -> Option<WebhookId> {
        let webhook = self.queue.pop_front()?;
        self.known.entry(webhook).or_default().place = Place::Idle;
        Some(webhook)
    }

    /// Nothing is due before this.
    pub(super) fn wait(&mut self, webhook: WebhookId, until: Timestamp) {
        let entry = self.known.entry(webhook).or_default();
        if entry.place == Place::Idle {
            entry.place = Place::Until(until);
            self.times.insert((until, webhook));
        }
    }

    /// Others have the places that it would need.
    pub(super) fn wait_for_places(&mut self, webhook: WebhookId) {
        let entry = self.known.entry(webhook).or_default();
        if entry.place == Place::Idle {
            entry.place = Place::Queued;
            self.full.push(webhook);
        }
    }

    /// Those whose time has come are in turn.
    pub(super) fn rise(&mut self, now: Timestamp) {
        while let Some((at, webhook)) = self.times.first().copied().filter(|(at, _)| *at <= now) {
            self.times.remove(&(at, webhook));
            self.known.entry(webhook).or_default().place = Place::Queued;
            self.queue.push_back(webhook);
        }
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.times.first().map(|(at, _)| *at)
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn has_startable(&self) -> bool {
        !self.queue.is_empty()
    }

    pub(super) fn is_full(&self, concurrency: u32) -> bool {
        self.flights.len() >= concurrency.max(1) as usize
    }

    pub(super) fn running(&self) -> usize {
        self.flights.len()
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len() + self.times.len() + self.full.len()
    }

    pub(super) fn is_flying(&self, parcel: &Parcel) -> bool {
        self.flights.contains_key(parcel)
    }

    pub(super) fn lane(&self, webhook: WebhookId) -> Lane {
        self.known.get(&webhook).map(|entry| entry.lane).unwrap_or_default()
    }

    /// How many tries a webhook may begin.
    pub(super) fn room(
        &self,
        webhook: WebhookId,
        tenant: TenantId,
        settings: &WebhookSettings,
        now: Timestamp,
    ) -> u32 {
        let taken = Taken {
            all: u32::try_from(self.flights.len()).unwrap_or(u32::MAX),
            slow: self.slow,
            tenant: self.tenants.get(&tenant).copied().unwrap_or_default(),
        };
        self.lane(webhook).room(taken, settings, now)
    }

    /// A try begins; `false`: it is under way already.
    pub(super) fn begin(&mut self, parcel: Parcel, tenant: TenantId) -> bool {
        if self.flights.contains_key(&parcel) {
            return false;
        }
        let lane = &mut self.known.entry(parcel.0).or_default().lane;
        lane.running += 1;
        let slow = lane.is_slow();
        self.slow += u32::from(slow);
        *self.tenants.entry(tenant).or_default() += 1;
        self.flights.insert(parcel, Flight { tenant, slow });
        true
    }

    /// A try has ended; whether it arrived and how long it took, if that is known.
    pub(super) fn end(&mut self, parcel: &Parcel, how: Option<(bool, Duration)>, now: Timestamp) {
        let Some(flight) = self.flights.remove(parcel) else { return };
        self.slow = self.slow.saturating_sub(u32::from(flight.slow));
        if let Some(taken) = self.tenants.get_mut(&flight.tenant) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                self.tenants.remove(&flight.tenant);
            }
        }
        let lane = &mut self.known.entry(parcel.0).or_default().lane;
        lane.running = lane.running.saturating_sub(1);
        if let Some((success, took)) = how {
            lane.note(success, took, now);
        }
        self.look(parcel.0);
        self.queue.extend(self.full.drain(..));
    }

    pub(super) fn reset(&mut self, webhook: WebhookId) {
        if let Some(entry) = self.known.get_mut(&webhook) {
            entry.lane = Lane { running: entry.lane.running, ..Lane::default() };
        }
    }

    /// Forgets lanes of which there is nothing to know.
    pub(super) fn tidy(&mut self) {
        self.known.retain(|_, entry| {
            entry.place != Place::Idle || entry.lane.running > 0 || entry.lane.failures > 0
        });
    }
}
