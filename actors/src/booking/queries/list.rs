//! Lists of bookings, by their start.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use zelador_store::Page;
use zelador_store::booking::{
    Booking, BookingStatus, Bookings, BookingsByClient, BookingsBySeries, BookingsByStart,
    BookingsByTenant, BookingsByUser, LONGEST, Occupied, Unoccupied,
};
use zelador_store::id::{BookingId, ResourceId, SeriesId, TenantId, UserId};
use zelador_store::{Cursor, Lookup, Part, Query, Stored, Timestamp};

use super::pattern_of;
use crate::booking::load::{Footing, can_cancel};
use crate::booking::messages::{BookingRecord, Pattern};
use crate::engine::Shell;
use crate::error::{During, Error};

/// Entries of an index that a page looks at, at most.
const LOOKED_AT: usize = 5000;
/// Entries read at once.
const PAGE: usize = 200;

/// Which bookings.
#[derive(Debug, Clone, Default)]
pub struct BookingFilter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// On this resource.
    pub resource: Option<ResourceId>,
    /// Made by this user.
    pub user: Option<UserId>,
    /// For this client.
    pub client: Option<UserId>,
    /// Made by this person or for them.
    pub person: Option<UserId>,
    /// Of this series.
    pub series: Option<SeriesId>,
    /// In one of these; empty: in any.
    pub statuses: Vec<BookingStatus>,
    /// Not over by this time.
    pub from: Option<Timestamp>,
    /// Begun before this time.
    pub to: Option<Timestamp>,
}

impl BookingFilter {
    fn takes(&self, booking: &Booking) -> bool {
        fn is<T: PartialEq + Copy>(wanted: Option<T>, value: &T) -> bool {
            wanted.is_none_or(|wanted| wanted == *value)
        }
        let person = self.person.is_none_or(|id| id == booking.user || id == booking.client);
        let series = booking.occurrence.as_ref().map(|place| place.series);
        person
            && is(self.tenant, &booking.tenant)
            && is(self.resource, &booking.resource)
            && is(self.user, &booking.user)
            && is(self.client, &booking.client)
            && self.series.is_none_or(|wanted| Some(wanted) == series)
            && (self.statuses.is_empty() || self.statuses.contains(&booking.status))
            && self.from.is_none_or(|from| booking.end > from)
            && self.to.is_none_or(|to| booking.start < to)
    }
}

/// Where a list stands: after this start, end and booking.
type Place = (Timestamp, Timestamp, BookingId);

/// Entries of one index, in order, as far as it was looked at.
struct Found {
    places: Vec<Place>,
    /// It was not looked at beyond this; `None`: all of it was.
    until: Option<Place>,
}

/// A page of bookings by start. It may be short, with a cursor to go on from.
pub async fn list(
    shell: &Shell,
    filter: &BookingFilter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<BookingRecord>, Error> {
    let mut last = after.as_ref().and_then(Cursor::key::<Place>);
    let mut rows: Vec<Stored<Bookings>> = Vec::new();
    let mut looked_at = 0;
    loop {
        let found = places(shell, filter, last).await?;
        looked_at += found.places.len();
        for place in &found.places {
            if rows.len() > limit {
                break;
            }
            let row = shell.store.get::<Bookings>(&place.2).await.during("listing bookings")?;
            // One that moved meanwhile is found where it moved to, or was.
            let row = row.filter(|row| (row.row.start, row.row.end) == (place.0, place.1));
            rows.extend(row.filter(|row| filter.takes(&row.row)));
        }
        if rows.len() > limit {
            rows.truncate(limit);
            let next = rows.last().map(|row| Cursor::after(&(row.row.start, row.row.end, row.key)));
            return shown(shell, rows, next).await;
        }
        let Some(until) = found.until else { return shown(shell, rows, None).await };
        last = Some(until);
        if looked_at >= LOOKED_AT {
            return shown(shell, rows, last.map(|place| Cursor::after(&place))).await;
        }
    }
}

/// The next places of the narrowest index.
async fn places(
    shell: &Shell,
    filter: &BookingFilter,
    last: Option<Place>,
) -> Result<Found, Error> {
    if let Some(series) = filter.series {
        return entries::<BookingsBySeries, _>(shell, filter, series, last).await;
    }
    if let Some(person) = filter.person.filter(|_| filter.resource.is_none()) {
        return made_by_or_for(shell, filter, person, last).await;
    }
    if let Some(client) = filter.client {
        return entries::<BookingsByClient, _>(shell, filter, client, last).await;
    }
    if let Some(user) = filter.user {
        return made_by_or_for(shell, filter, user, last).await;
    }
    if let Some(resource) = filter.resource {
        let one = entries::<Occupied, _>(shell, filter, resource, last).await?;
        let other = entries::<Unoccupied, _>(shell, filter, resource, last).await?;
        return Ok(merged(one, other));
    }
    match filter.tenant {
        Some(tenant) => entries::<BookingsByTenant, _>(shell, filter, tenant, last).await,
        None => everywhere(shell, filter, last).await,
    }
}

/// What a person made is in either index; what of it is not wanted is passed when
/// its row is looked at.
async fn made_by_or_for(
    shell: &Shell,
    filter: &BookingFilter,
    person: UserId,
    last: Option<Place>,
) -> Result<Found, Error> {
    let one = entries::<BookingsByUser, _>(shell, filter, person, last).await?;
    let other = entries::<BookingsByClient, _>(shell, filter, person, last).await?;
    Ok(merged(one, other))
}

/// The next places of all tenants.
async fn everywhere(
    shell: &Shell,
    filter: &BookingFilter,
    last: Option<Place>,
) -> Result<Found, Error> {
    entries::<BookingsByStart, _>(shell, filter, 0_u8, last).await
}

async fn entries<L, O>(
    shell: &Shell,
    filter: &BookingFilter,
    owner: O,
    last: Option<Place>,
) -> Result<Found, Error>
where
    O: Part + Copy,
    L: Lookup<Table = Bookings, Key = (O, Timestamp, Timestamp)>,
{
    let mut query = Query::under(&(owner,)).limit(PAGE);
    if let Some(from) = filter.from {
        query = query.from(&(owner, from - LONGEST));
    }
    if let Some(to) = filter.to {
        query = query.to(&(owner, to));
    }
    let mut after = last.map(|(start, end, id)| Cursor::after(&((owner, start, end), id)));
    let (mut places, mut looked_at) = (Vec::new(), 0);
    loop {
        let page = query.clone().after(after);
        let page = shell.store.entries::<L>(&page).await.during("listing bookings")?;
        looked_at += page.rows.len();
        let rows = page.rows.into_iter().map(|((_, start, end), id)| (start, end, id));
        places.extend(rows.filter(|(_, end, _)| filter.from.is_none_or(|from| *end > from)));
        after = page.next;
        // What lies before `from` and is over is passed without a look at its row.
        if after.is_none() || !places.is_empty() || looked_at >= 20 * LOOKED_AT {
            let until = after.as_ref().and_then(Cursor::key::<((O, Timestamp, Timestamp), _)>);
            let until = until.map(|((_, start, end), id)| (start, end, id));
            return Ok(Found { places, until });
        }
    }
}

/// Two listings as one, as far as both have looked, each place once.
fn merged(one: Found, other: Found) -> Found {
    let until = match (one.until, other.until) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let mut places = one.places;
    places.extend(other.places);
    places.sort_unstable();
    places.dedup();
    if let Some(until) = until {
        places.retain(|place| *place <= until);
    }
    Found { places, until }
}

/// What the rows of one page share.
#[derive(Default)]
struct Known {
    footings: HashMap<ResourceId, Option<Footing>>,
    patterns: HashMap<SeriesId, Option<Arc<Pattern>>>,
}

impl Known {
    /// What a booking stands on; `None`: its tenant is being deleted.
    async fn footing(
        &mut self,
        shell: &Shell,
        booking: &Booking,
    ) -> Result<Option<&Footing>, Error> {
        if let Entry::Vacant(place) = self.footings.entry(booking.resource) {
            place.insert(Footing::of(shell, booking).await?);
        }
        Ok(self.footings.get(&booking.resource).and_then(Option::as_ref))
    }

    async fn pattern(
        &mut self,
        shell: &Shell,
        booking: &Booking,
    ) -> Result<Option<Arc<Pattern>>, Error> {
        let Some(place) = &booking.occurrence else { return Ok(None) };
        if let Some(known) = self.patterns.get(&place.series) {
            return Ok(known.clone());
        }
        let pattern = pattern_of(shell, booking).await?;
        self.patterns.insert(place.series, pattern.clone());
        Ok(pattern)
    }
}

async fn shown(
    shell: &Shell,
    rows: Vec<Stored<Bookings>>,
    next: Option<Cursor>,
) -> Result<Page<BookingRecord>, Error> {
    let mut known = Known::default();
    let (now, mut records) = (shell.now(), Vec::with_capacity(rows.len()));
    for Stored { key: id, row: booking, .. } in rows {
        let pattern = known.pattern(shell, &booking).await?;
        let Some(footing) = known.footing(shell, &booking).await? else { continue };
        let can_cancel = can_cancel(&footing.terms, now, &booking);
        let tenant = footing.tenant.clone();
        records.push(BookingRecord { id, booking, can_cancel, pattern, tenant });
    }
    Ok(Page { rows: records, next })
}
