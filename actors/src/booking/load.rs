//! What a decision about bookings needs to know, read from the store.

use std::sync::Arc;
use std::time::Duration;

use zelador_store::booking::{Booking, Calendar, Calendars, Occupied};
use zelador_store::category::{Categories, Overrides};
use zelador_store::id::{BookingId, CategoryId, ResourceId, TenantId, UserId};
use zelador_store::resource::{Resource, Resources};
use zelador_store::tenant::Tenants;
use zelador_store::user::Users;
use zelador_store::{Query, Store, Stored, Timestamp, Write};

use super::rules::{self, Booker, Search, Span, Taken, Terms};
use crate::engine::Shell;
use crate::error::{During, Error, Refusal};
use crate::identity;

/// Entries of a calendar read at once.
const PAGE: usize = 1000;
/// How many free places are named instead of one that is taken.
pub(super) const NEAREST: usize = 3;

/// A resource with the rules that bind it.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) tenant: Arc<Stored<Tenants>>,
    pub(super) category: Option<Arc<Stored<Categories>>>,
    pub(super) resource: Arc<Stored<Resources>>,
    pub(super) terms: Arc<Terms>,
}

impl Ground {
    /// The ground of a living resource that the caller may see.
    pub(super) async fn of(
        shell: &Shell,
        id: ResourceId,
        within: Option<TenantId>,
    ) -> Result<Self, Error> {
        let resource = shell.store.look::<Resources>(&id).await.during("reading a resource")?;
        let seen = |tenant| within.is_none_or(|only| only == tenant);
        let resource = resource.filter(|found| found.row.is_live() && seen(found.row.tenant));
        Self::under(shell, resource.ok_or(Refusal::Absent { what: "resource" })?).await
    }

    /// The ground of what was booked; the resource may be deleted since.
    pub(super) async fn of_booking(shell: &Shell, booking: &Booking) -> Result<Self, Error> {
        let resource = shell.store.look::<Resources>(&booking.resource).await;
        let resource = resource.during("reading a resource")?;
        Self::under(shell, resource.ok_or(Refusal::Absent { what: "booking" })?).await
    }

    async fn under(shell: &Shell, resource: Arc<Stored<Resources>>) -> Result<Self, Error> {
        let store = &shell.store;
        let tenant =
            store.look::<Tenants>(&resource.row.tenant).await.during("reading a tenant")?;
        let tenant = tenant.filter(|found| found.row.is_live());
        let tenant = tenant.ok_or(Refusal::Absent { what: "resource" })?;
        let category = category(shell, resource.row.category).await?;
        let above = category.as_ref().map(|found| &found.row);
        let terms = Arc::new(Terms::of(&tenant.row, above, &resource.row));
        Ok(Self { tenant, category, resource, terms })
    }

    /// Stages that all of it is still as it was read.
    pub(super) fn expect(&self, write: &mut Write) {
        write.expect(&self.resource);
        write.expect(&self.tenant);
        if let Some(category) = &self.category {
            write.expect(category);
        }
    }
}

/// What of a booking's ground a record shows.
pub(super) struct Footing {
    pub(super) terms: Arc<Terms>,
    pub(super) tenant: Arc<Stored<Tenants>>,
}

impl Footing {
    /// The footing of a booking of a living tenant; `None`: it is being deleted. A
    /// resource that was removed for good leaves the tenant's rules.
    pub(super) async fn of(shell: &Shell, booking: &Booking) -> Result<Option<Self>, Error> {
        let store = &shell.store;
        let tenant = store.look::<Tenants>(&booking.tenant).await.during("reading a tenant")?;
        let Some(tenant) = tenant.filter(|found| found.row.is_live()) else { return Ok(None) };
        let resource = store.look::<Resources>(&booking.resource).await;
        let resource = resource.during("reading a resource")?;
        let category =
            category(shell, resource.as_ref().and_then(|found| found.row.category)).await?;
        let above = category.as_ref().map(|found| &found.row);
        let terms = match &resource {
            Some(found) => Terms::of(&tenant.row, above, &found.row),
            None => Terms::of(&tenant.row, above, &gone(booking)),
        };
        let terms = Arc::new(terms);
        Ok(Some(Self { terms, tenant }))
    }
}

async fn category(
    shell: &Shell,
    id: Option<CategoryId>,
) -> Result<Option<Arc<Stored<Categories>>>, Error> {
    let Some(id) = id else { return Ok(None) };
    shell.store.look::<Categories>(&id).await.during("reading a category")
}

/// What is left of a resource that was removed for good.
fn gone(booking: &Booking) -> Resource {
    Resource {
        tenant: booking.tenant,
        category: None,
        name: String::new(),
        description: None,
        capacity: None,
        location: None,
        attributes: "{}".to_owned(),
        is_active: false,
        concurrent_bookings: 1,
        availability_schedule: None,
        settings: Overrides::default(),
        calendar_token: None,
        version: 0,
        created_at: booking.created_at,
        updated_at: booking.created_at,
        deleted_at: Some(booking.created_at),
    }
}

/// The calendar of a resource, as it was when its revision was read.
#[derive(Debug)]
pub(super) struct CalendarView {
    resource: ResourceId,
    found: Option<Stored<Calendars>>,
}

impl CalendarView {
    /// Reads the revision; what is read of the calendar after it belongs to this
    /// revision or a later one, and a write that raises this one then fails.
    pub(super) async fn of(store: &Store, resource: ResourceId) -> Result<Self, Error> {
        let found = store.get::<Calendars>(&resource).await.during("reading a calendar")?;
        Ok(Self { resource, found })
    }

    fn calendar(&self) -> Calendar {
        self.found.as_ref().map_or_else(Calendar::default, |found| found.row)
    }

    /// What occupies a seat at some moment of a span, by start, but these.
    pub(super) async fn taken(
        &self,
        store: &Store,
        span: Span,
        but: &[BookingId],
    ) -> Result<Vec<Taken>, Error> {
        let from = span.start - self.calendar().longest();
        let span_of =
            Query::all().from(&(self.resource, from)).to(&(self.resource, span.end)).limit(PAGE);
        let (mut taken, mut after) = (Vec::new(), None);
        loop {
            let page = span_of.clone().after(after);
            let page = store.entries::<Occupied>(&page).await.during("reading a calendar")?;
            let rows = page.rows.into_iter().map(|((_, start, end), id)| Taken { id, start, end });
            taken.extend(rows.filter(|taken| taken.end > span.start && !but.contains(&taken.id)));
            after = page.next;
            if after.is_none() {
                return Ok(taken);
            }
        }
    }

    /// Stages that something of this length is placed on it.
    pub(super) fn raise(&self, write: &mut Write, length: Duration) {
        let raised = self.calendar().raised(length);
        match &self.found {
            Some(found) => write.update::<Calendars>(found, &raised),
            None => write.insert::<Calendars>(&self.resource, &raised),
        };
    }
}

/// The nearest places that could be booked instead.
pub(super) async fn nearest(
    store: &Store,
    calendar: &CalendarView,
    mut search: Search<'_>,
    but: &[BookingId],
) -> Result<Vec<Span>, Error> {
    while let Some(span) = search.needs() {
        let taken = calendar.taken(store, span, but).await?;
        search.feed(&taken);
    }
    Ok(search.found())
}

/// Who books, and for whom.
pub(super) struct People {
    user: Arc<Stored<Users>>,
    client: Option<Arc<Stored<Users>>>,
    pub(super) booker: Booker,
}

impl People {
    /// Two living people of the tenant, or one.
    pub(super) async fn of(
        shell: &Shell,
        tenant: TenantId,
        user: UserId,
        client: UserId,
    ) -> Result<Self, Error> {
        let person = person(shell, tenant, user).await?;
        let other =
            if client == user { None } else { Some(self::person(shell, tenant, client).await?) };
        let booker = Booker { allowed: identity::may_book(&person.row, shell.now()) };
        Ok(Self { user: person, client: other, booker })
    }

    /// Stages that nothing happened to them meanwhile: a ban races a booking.
    pub(super) fn expect(&self, write: &mut Write) {
        write.expect(&self.user);
        if let Some(client) = &self.client {
            write.expect(client);
        }
    }
}

async fn person(shell: &Shell, tenant: TenantId, id: UserId) -> Result<Arc<Stored<Users>>, Error> {
    let found = shell.store.look::<Users>(&id).await.during("reading a user")?;
    let found = found.filter(|found| found.row.is_live() && found.row.tenant == tenant);
    Ok(found.ok_or(Refusal::Absent { what: "user" })?)
}

/// Whether a user may still call a booking off.
pub(super) fn can_cancel(terms: &Terms, now: Timestamp, booking: &Booking) -> bool {
    booking.status.occupies() && rules::may_cancel(terms, now, booking.start)
}
