//! Bookings: what they stand on is there, their calendar knows how long they may
//! be, and no seat is sold twice.
//!
//! A resource may have fewer seats now than when they were sold, and what it had is
//! written nowhere. But whatever was made since the resource was last changed was
//! placed on the seats of today, and so was all that was placed after it. So where
//! more is taken than there is, and one of those that share the instant was made
//! since, a seat was sold twice; where all of them are older, nothing can be said.
//! The times are those of the wall clock: one that was set back in between misleads.

use std::collections::BTreeMap;

use super::read;
use crate::booking::{Booking, Bookings, Calendars};
use crate::id::{BookingId, ResourceId, TenantId};
use crate::kv::Table;
use crate::kv::keeping::Finding;
use crate::resource::{Resource, Resources};
use crate::tenant::Tenants;
use crate::time::Timestamp;

/// What was met on the walk. Rows that cannot be read are the general check's
/// to name.
#[derive(Default)]
pub(super) struct Booked {
    /// Whether each tenant is alive: of one that is not, rows are being removed.
    tenants: BTreeMap<TenantId, bool>,
    rooms: BTreeMap<ResourceId, Room>,
    /// Milliseconds of the longest that each calendar knows of.
    longest: BTreeMap<ResourceId, u64>,
    stays: BTreeMap<ResourceId, Vec<Stay>>,
}

/// A resource, as far as it is booked.
struct Room {
    tenant: TenantId,
    seats: usize,
    changed_at: Timestamp,
}

/// A booking, as far as it takes a seat.
struct Stay {
    id: BookingId,
    tenant: TenantId,
    start: Timestamp,
    end: Timestamp,
    occupies: bool,
    made_at: Timestamp,
}

impl Booked {
    pub(super) fn look(&mut self, key: &[u8], value: &[u8]) {
        let Some((tag, rest)) = key.split_first_chunk() else { return };
        match u16::from_be_bytes(*tag) {
            Tenants::TAG => {
                if let Some((id, tenant)) = read::<Tenants>(rest, value) {
                    self.tenants.insert(id, tenant.is_live());
                }
            }
            Resources::TAG => {
                if let Some((id, resource)) = read::<Resources>(rest, value) {
                    self.rooms.insert(id, Room::of(&resource));
                }
            }
            Calendars::TAG => {
                if let Some((id, calendar)) = read::<Calendars>(rest, value) {
                    self.longest.insert(id, calendar.longest_ms);
                }
            }
            Bookings::TAG => {
                if let Some((id, booking)) = read::<Bookings>(rest, value) {
                    self.stays.entry(booking.resource).or_default().push(Stay::of(id, &booking));
                }
            }
            _ => {}
        }
    }

    pub(super) fn compare(mut self, findings: &mut Vec<Finding>) {
        let mut note = |problem| findings.push(Finding::new(Bookings::NAME, problem));
        for (resource, mut stays) in std::mem::take(&mut self.stays) {
            for stay in &stays {
                if let Some(flaw) = self.flaw(resource, stay) {
                    note(format!("{} {flaw}", stay.id));
                }
            }
            stays.retain(|stay| stay.occupies);
            stays.sort_unstable_by_key(|stay| (stay.start, stay.end, stay.id));
            let Some(room) = self.rooms.get(&resource) else { continue };
            if let Some(at) = room.oversold(&stays) {
                note(format!("{resource} has {} seats, and at {at} more are taken", room.seats));
            }
        }
    }

    /// What is wrong with one booking. Of a tenant that is being removed, whatever
    /// it stands on may be gone before it.
    fn flaw(&self, resource: ResourceId, stay: &Stay) -> Option<String> {
        match self.tenants.get(&stay.tenant) {
            None => return Some(format!("belongs to {}, which is gone", stay.tenant)),
            Some(false) => return None,
            Some(true) => {}
        }
        match self.rooms.get(&resource) {
            // What is over outlives what it stood on, whatever became of it: a
            // resource is removed for good once nothing on it is to come.
            None => return None,
            Some(room) if room.tenant != stay.tenant => {
                return Some(format!("is of {resource}, which is another tenant's"));
            }
            Some(_) => {}
        }
        if stay.end <= stay.start {
            return Some("ends before it begins".to_owned());
        }
        let known = self.longest.get(&resource).is_some_and(|longest| stay.millis() <= *longest);
        let unknown = stay.occupies && !known;
        unknown.then(|| format!("is longer than the calendar of {resource} knows"))
    }
}

impl Room {
    fn of(resource: &Resource) -> Self {
        let seats = usize::try_from(resource.concurrent_bookings.max(1)).unwrap_or(usize::MAX);
        Self { tenant: resource.tenant, seats, changed_at: resource.updated_at }
    }

    /// An instant at which a seat was sold twice. The stays are in order of their
    /// starts: the fullest instants are among those.
    fn oversold(&self, stays: &[Stay]) -> Option<Timestamp> {
        let mut there: Vec<&Stay> = Vec::new();
        for stay in stays {
            there.retain(|other| stay.start < other.end);
            there.push(stay);
            let since = there.iter().any(|one| one.made_at > self.changed_at);
            if since && there.len() > self.seats {
                return Some(stay.start);
            }
        }
        None
    }
}

impl Stay {
    fn of(id: BookingId, booking: &Booking) -> Self {
        let Booking { tenant, start, end, created_at, .. } = *booking;
        Self { id, tenant, start, end, occupies: booking.status.occupies(), made_at: created_at }
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.end.as_millis() - self.start.as_millis()).unwrap_or(0)
    }
}
