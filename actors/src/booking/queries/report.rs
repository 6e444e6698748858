//! How a tenant's resources were used, in the tenant's own days.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;
use zelador_store::Query;
use zelador_store::booking::{Booking, BookingStatus, BookingsByTenant, LONGEST};
use zelador_store::id::{CategoryId, ResourceId, TenantId};
use zelador_store::resource::ResourcesByTenant;

use crate::booking::load::Ground;
use crate::booking::rules::{self, Span, Terms};
use crate::engine::Shell;
use crate::error::{During, Error, Flaw, Refusal};
use crate::moment;
use crate::tenants;

/// Days that a report covers, at most.
pub(super) const MOST_DAYS: usize = 366;
/// Rows read at once.
const PAGE: usize = 1000;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// IANA name of the zone of its days.
    pub timezone: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// By resource, in the order of their making.
    pub resources: Vec<ResourceReport>,
    /// Bookings by category; under `None` those of resources without one.
    pub categories: BTreeMap<Option<CategoryId>, (Option<String>, u64)>,
    /// Bookings that begin in it, by status.
    pub statuses: BTreeMap<BookingStatus, u64>,
}

/// One resource in a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceReport {
    /// Which.
    pub id: ResourceId,
    /// What it is called.
    pub name: String,
    /// Its sort.
    pub category: Option<CategoryId>,
    /// Bookings that begin in the report's days and were not given up.
    pub bookings: u64,
    /// Bookings that were called off.
    pub cancellations: u64,
    /// Bookings to which nobody came.
    pub no_shows: u64,
    /// Minutes of seats that were taken.
    pub booked_minutes: u64,
    /// Minutes of seats that were open.
    pub open_minutes: u64,
}

impl ResourceReport {
    /// Taken of open, 0 to 1; more where hours were cut since.
    #[expect(clippy::cast_precision_loss, reason = "minutes of a year are few")]
    pub fn occupancy(&self) -> f64 {
        if self.open_minutes == 0 {
            0.0
        } else {
            self.booked_minutes as f64 / self.open_minutes as f64
        }
    }
}

/// Whether a booking in this status took its seat, or is to.
const fn counts(status: BookingStatus) -> bool {
    matches!(
        status,
        BookingStatus::Pendente
            | BookingStatus::Confirmado
            | BookingStatus::Concluido
            | BookingStatus::NaoCompareceu
    )
}

/// The report of a tenant over these days, the last included.
pub async fn report(
    shell: &Shell,
    tenant: TenantId,
    (from, to): (Date, Date),
) -> Result<Report, Error> {
    let found = tenants::queries::get(shell, tenant).await?;
    let (zone, timezone) = moment::zone(&found.tenant.settings.timezone)
        .unwrap_or((jiff::tz::TimeZone::UTC, "UTC".to_owned()));
    let days: Vec<Date> = from
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day <= to)
        .take(MOST_DAYS + 1)
        .collect();
    if days.is_empty() {
        return Err(Refusal::field("to", "not_after_start").into());
    }
    if days.len() > MOST_DAYS {
        return Err(Refusal::Invalid(vec![
            Flaw::new("to", "range_too_long").with("max", MOST_DAYS),
        ])
        .into());
    }
    let spans = || days.iter().filter_map(|day| rules::day_span(&zone, *day));
    let (Some(first), Some(last)) = (spans().next(), spans().next_back()) else {
        return Err(Refusal::field("from", "nonexistent_local_time").into());
    };
    let whole = Span { start: first.start, end: last.end };
    let mut report = Report {
        timezone,
        from,
        to,
        resources: Vec::new(),
        categories: BTreeMap::new(),
        statuses: BTreeMap::new(),
    };
    open(shell, tenant, &days, &mut report).await?;
    booked(shell, tenant, whole, &mut report).await?;
    Ok(report)
}

/// The resources, and how long each was open.
async fn open(
    shell: &Shell,
    tenant: TenantId,
    days: &[Date],
    report: &mut Report,
) -> Result<(), Error> {
    let mut after = None;
    loop {
        let query = Query::under_key(&(tenant, 0)).after(after).limit(PAGE);
        let page = shell.store.page_by::<ResourcesByTenant>(&query).await;
        let page = page.during("reading resources")?;
        for found in page.rows {
            let ground = Ground::of(shell, found.key, Some(tenant)).await?;
            let minutes: u64 = days.iter().map(|day| open_minutes(&ground.terms, *day)).sum();
            report.resources.push(ResourceReport {
                id: found.key,
                name: found.row.name,
                category: found.row.category,
                bookings: 0,
                cancellations: 0,
                no_shows: 0,
                booked_minutes: 0,
                open_minutes: minutes * u64::from(found.row.concurrent_bookings),
            });
            let name = ground.category.map(|category| category.row.name.clone());
            report.categories.entry(found.row.category).or_insert((name, 0));
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Minutes of a day in which a booking could stand, whatever day it is today.
fn open_minutes(terms: &Terms, day: Date) -> u64 {
    let Some(span) = rules::day_span(&terms.zone, day) else { return 0 };
    let terms = Terms { advance_days: 7, min_notice: 0, active: true, ..terms.clone() };
    let before = span.start - Duration::from_hours(1);
    let slots = rules::slots(&terms, before, day, &[]);
    slots
        .iter()
        .filter(|slot| slot.refused.is_none())
        .map(|slot| minutes(slot.end.since(slot.start)))
        .sum()
}

/// What was booked of them.
async fn booked(
    shell: &Shell,
    tenant: TenantId,
    whole: Span,
    report: &mut Report,
) -> Result<(), Error> {
    let mut at: BTreeMap<ResourceId, usize> = BTreeMap::new();
    for (place, resource) in report.resources.iter().enumerate() {
        at.insert(resource.id, place);
    }
    let span = Query::under(&(tenant,))
        .from(&(tenant, whole.start - LONGEST))
        .to(&(tenant, whole.end))
        .limit(PAGE);
    let mut after = None;
    loop {
        let page = shell.store.page_by::<BookingsByTenant>(&span.clone().after(after)).await;
        let page = page.during("reading bookings")?;
        for found in page.rows.iter().filter(|found| found.row.end > whole.start) {
            let place = at.get(&found.row.resource).copied();
            let resource = place.and_then(|place| report.resources.get_mut(place));
            count(&found.row, whole, resource, &mut report.statuses);
            if counts(found.row.status) && begins_in(&found.row, whole) {
                let category = place.and_then(|place| report.resources.get(place)?.category);
                let category = match place {
                    Some(_) => category,
                    None => continue,
                };
                report.categories.entry(category).or_insert((None, 0)).1 += 1;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn begins_in(booking: &Booking, whole: Span) -> bool {
    (whole.start..whole.end).contains(&booking.start)
}

fn count(
    booking: &Booking,
    whole: Span,
    resource: Option<&mut ResourceReport>,
    statuses: &mut BTreeMap<BookingStatus, u64>,
) {
    let begins = begins_in(booking, whole);
    if begins {
        *statuses.entry(booking.status).or_default() += 1;
    }
    let Some(resource) = resource else { return };
    if counts(booking.status) {
        let (start, end) = (booking.start.max(whole.start), booking.end.min(whole.end));
        resource.booked_minutes += minutes(end.since(start));
        resource.bookings += u64::from(begins);
    }
    resource.cancellations += u64::from(begins && booking.status == BookingStatus::Cancelado);
    resource.no_shows += u64::from(begins && booking.status == BookingStatus::NaoCompareceu);
}

const fn minutes(length: Duration) -> u64 {
    length.as_secs() / 60
}
