//! Bookings: what they stand on is there, their calendar knows how long they may
//! be, and no seat is sold twice.
//!
//! A resource may have lost seats after they were sold, and how many it ever had is
//! written nowhere. But whatever is placed is placed on as many seats as there are
//! then: so more than the seats of today can share an instant only if none of them
//! was placed since the resource was last changed. Whoever was the last to be placed
//! there tells: if that was after the change, a seat was sold twice.

use std::collections::BTreeMap;

use crate::booking::{Booking, Bookings, Calendars};
use crate::id::{BookingId, ResourceId, TenantId};
use crate::kv::keeping::Finding;
use crate::kv::{Key, Table, decode_row};
use crate::resource::{Resource, Resources};
use crate::tenant::Tenants;
use crate::time::Timestamp;

/// What was met on the walk. Rows that cannot be read are the general check's
/// to name.
#[derive(Default)]
pub(super) struct Booked {
    /// Whether each tenant is alive: of one that is not, rows are being removed.
    tenants: BTreeMap<TenantId, bool>,
    resources: BTreeMap<ResourceId, Room>,
    /// Milliseconds of the longest that each calendar knows of.
    longest: BTreeMap<ResourceId, u64>,
    stays: BTreeMap<ResourceId, Vec<Stay>>,
}

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
    /// When it was placed, at the latest.
    placed_by: Timestamp,
    /// When it was placed, at the earliest.
    placed_since: Timestamp,
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
                    self.resources.insert(id, room(&resource));
                }
            }
            Calendars::TAG => {
                if let Some((id, calendar)) = read::<Calendars>(rest, value) {
                    self.longest.insert(id, calendar.longest_ms);
                }
            }
            Bookings::TAG => {
                if let Some((id, booking)) = read::<Bookings>(rest, value) {
                    self.stays.entry(booking.resource).or_default().push(stay(id, &booking));
                }
            }
            _ => {}
        }
    }

    pub(super) fn compare(mut self, findings: &mut Vec<Finding>) {
        for (id, mut stays) in std::mem::take(&mut self.stays) {
            let mut note = |problem| findings.push(Finding::new(Bookings::NAME, problem));
            let longest = self.longest.get(&id).copied();
            for stay in &stays {
                self.stands(id, stay, &mut note);
                if stay.occupies && !longest.is_some_and(|known| stay.length_ms() <= known) {
                    note(format!("{}: the calendar of {id} does not know its length", stay.id));
                }
            }
            stays.retain(|stay| stay.occupies);
            if let Some(room) = self.resources.get(&id)
                && let Some(at) = oversold(&mut stays, room)
            {
                note(format!("{id} has {} seats, and more are taken at {at}", room.seats));
            }
        }
    }

    /// A booking stands on a resource of its own, living tenant. Of a tenant that is
    /// being removed, any row may be gone.
    fn stands(&self, resource: ResourceId, stay: &Stay, note: &mut impl FnMut(String)) {
        let (id, tenant) = (stay.id, stay.tenant);
        match self.tenants.get(&tenant) {
            None => return note(format!("{id} belongs to {tenant}, which is gone")),
            Some(false) => return,
            Some(true) => {}
        }
        match self.resources.get(&resource) {
            None => note(format!("{id} is of {resource}, which is gone")),
            Some(room) if room.tenant != tenant => {
                note(format!("{id} is of {resource}, which is another tenant's"));
            }
            Some(_) => {}
        }
        if stay.end <= stay.start {
            note(format!("{id} ends before it begins"));
        }
    }
}

impl Stay {
    fn length_ms(&self) -> u64 {
        u64::try_from(self.end.as_millis() - self.start.as_millis()).unwrap_or(0)
    }
}

fn room(resource: &Resource) -> Room {
    let seats = usize::try_from(resource.concurrent_bookings.max(1)).unwrap_or(usize::MAX);
    Room { tenant: resource.tenant, seats, changed_at: resource.updated_at }
}

fn stay(id: BookingId, booking: &Booking) -> Stay {
    // One that was changed may have been moved then, or only noted on.
    Stay {
        id,
        tenant: booking.tenant,
        start: booking.start,
        end: booking.end,
        occupies: booking.status.occupies(),
        placed_by: booking.updated_at,
        placed_since: booking.created_at,
    }
}

/// An instant at which more is taken than there is, and the last of it was placed
/// since the seats were what they are.
fn oversold(stays: &mut [Stay], room: &Room) -> Option<Timestamp> {
    stays.sort_unstable_by_key(|stay| (stay.start, stay.end, stay.id));
    let mut there: Vec<&Stay> = Vec::new();
    for stay in stays.iter() {
        there.retain(|other| stay.start < other.end);
        there.push(stay);
        // Clocks are set back: only what was made after the change for sure counts.
        let after = |stay: &&&Stay| stay.placed_since > room.changed_at;
        let untouched = |stay: &&Stay| stay.placed_by == stay.placed_since;
        let last = there.iter().filter(after).any(|stay| untouched(&stay));
        if there.len() > room.seats && last {
            return Some(stay.start);
        }
    }
    None
}

fn read<T: Table>(key: &[u8], value: &[u8]) -> Option<(T::Key, T::Row)> {
    Some((T::Key::from_bytes(key).ok()?, decode_row::<T>(value).ok()?))
}
