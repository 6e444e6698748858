//! What a resource's calendar says: free places, why a place is not, the feed.

use std::sync::Arc;

use jiff::civil::Date;
use zelador_store::booking::{Booking, Occupied, Unoccupied};
use zelador_store::id::{BookingId, ResourceId, TenantId, UserId};
use zelador_store::resource::{Resources, ResourcesByCalendarToken};
use zelador_store::tenant::Tenants;
use zelador_store::{Query, Stored, Timestamp};

use crate::booking::book::interval;
use crate::booking::load::{CalendarView, Ground, NEAREST, People, nearest};
use crate::booking::rules::{self, Booker, Judgement, Search, Slot, Span, Terms};
use crate::engine::Shell;
use crate::error::{During, Error, Flaw, Refusal};
use crate::moment::Spoken;

/// Days that one answer covers, at most.
pub(super) const MOST_DAYS: usize = 31;

/// Bookings that a feed holds, at most: the latest.
const FEED: usize = 5000;

/// The slots of some days.
#[derive(Debug, Clone)]
pub struct Availability {
    /// The rules.
    pub terms: Arc<Terms>,
    /// The row of the tenant.
    pub tenant: Arc<Stored<Tenants>>,
    /// The slots of each day, in order. A day that the clock left out has none.
    pub days: Vec<(Date, Vec<Slot>)>,
}

/// What can be booked of a resource on these days, the last included.
pub async fn availability(
    shell: &Shell,
    resource: ResourceId,
    within: Option<TenantId>,
    (from, to): (Date, Date),
) -> Result<Availability, Error> {
    let ground = Ground::of(shell, resource, within).await?;
    let dates: Vec<Date> = from
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day <= to)
        .take(MOST_DAYS + 1)
        .collect();
    if dates.is_empty() {
        return Err(Refusal::field("to", "not_after_start").into());
    }
    if dates.len() > MOST_DAYS {
        return Err(Refusal::Invalid(vec![
            Flaw::new("to", "range_too_long").with("max", MOST_DAYS),
        ])
        .into());
    }
    let (terms, now) = (ground.terms, shell.now());
    let days = rules::Days::new(&terms, dates);
    let taken = match days.reach() {
        Some(whole) => {
            let calendar = CalendarView::of(&shell.store, resource).await?;
            calendar.taken(&shell.store, whole, &[]).await?
        }
        None => Vec::new(),
    };
    let days = days.slots(now, &taken);
    Ok(Availability { terms, tenant: ground.tenant, days })
}

/// Why an interval can be booked, or cannot.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The rules.
    pub terms: Arc<Terms>,
    /// The row of the tenant.
    pub tenant: Arc<Stored<Tenants>>,
    /// What each rule says.
    pub judgement: Judgement,
    /// The nearest that could be booked instead.
    pub nearest: Vec<Span>,
}

/// The verdict of every rule, by the very function that books.
pub async fn explain(
    shell: &Shell,
    resource: ResourceId,
    within: Option<TenantId>,
    (start, end): (Spoken, Spoken),
    user: Option<UserId>,
) -> Result<Explained, Error> {
    let ground = Ground::of(shell, resource, within).await?;
    let booker = match user {
        Some(user) => People::of(shell, ground.resource.row.tenant, user, user).await?.booker,
        None => Booker { allowed: true },
    };
    let asked = interval(start, end, &ground.terms)?;
    let (terms, now) = (ground.terms, shell.now());
    let calendar = CalendarView::of(&shell.store, resource).await?;
    let taken = calendar.taken(&shell.store, rules::reach(&terms, asked), &[]).await?;
    let judgement = rules::judge(&terms, now, &booker, asked, &taken);
    let nearest = if judgement.bookable() {
        Vec::new()
    } else {
        let search = Search::new(&terms, now, &booker, asked, NEAREST);
        nearest(&shell.store, &calendar, search, &[]).await?
    };
    Ok(Explained { terms, tenant: ground.tenant, judgement, nearest })
}

/// What a calendar program is given.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Which resource.
    pub resource: Arc<Stored<Resources>>,
    /// Whose.
    pub tenant: Arc<Stored<Tenants>>,
    /// Its bookings, by start.
    pub bookings: Vec<(BookingId, Booking)>,
}

/// The bookings of the resource whose feed has this token (its SHA-256), from an
/// instant on.
pub async fn feed(shell: &Shell, token: [u8; 32], from: Timestamp) -> Result<Feed, Error> {
    let absent = || Refusal::Absent { what: "calendar" };
    let found = shell.store.find::<ResourcesByCalendarToken>(&token).await;
    let found: Stored<Resources> = found.during("reading a resource")?.ok_or_else(absent)?;
    let ground = match Ground::of(shell, found.key, None).await {
        Ok(ground) => ground,
        Err(Error::Refused(_)) => return Err(absent().into()),
        Err(error) => return Err(error),
    };
    let id = found.key;
    let query = Query::under(&(id,)).from(&(id, from)).limit(FEED);
    let page = shell.store.page_by::<Occupied>(&query).await;
    let mut rows = page.during("reading a calendar")?.rows;
    let page = shell.store.page_by::<Unoccupied>(&query).await;
    rows.extend(page.during("reading a calendar")?.rows);
    // One that was called off between the two reads is in both: as it is now.
    rows.sort_by_key(|found| (found.row.start, found.row.end, found.key, !found.row.version));
    rows.dedup_by_key(|found| found.key);
    rows.truncate(FEED);
    let bookings = rows.into_iter().map(|found| (found.key, found.row)).collect();
    Ok(Feed { resource: ground.resource, tenant: ground.tenant, bookings })
}
