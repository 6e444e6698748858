//! The terms on which one resource can be booked: the tenant's settings, narrowed
//! by the category's and the resource's.
//!
//! Closures add up; everything else that is said further down replaces what was
//! said above.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use zelador_store::Timestamp;
use zelador_store::category::Category;
use zelador_store::resource::{Resource, WeeklySchedule};
use zelador_store::tenant::{Closure, Tenant};

use super::zone;
use crate::moment;
use crate::resources::rules::in_force;

/// The terms in force for one resource.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The zone of every local time.
    pub zone: TimeZone,
    /// Its IANA name.
    pub zone_name: String,
    /// Opening, local time of day.
    pub opening: Time,
    /// Closing, local time of day; not after the opening: on the next day.
    pub closing: Time,
    /// Days of the week with opening hours, 0 = Monday.
    pub working_days: Vec<u8>,
    /// Days on which nothing can be booked.
    pub closures: Vec<Closure>,
    /// The resource's own hours, in place of the opening hours.
    pub schedule: Option<WeeklySchedule>,
    /// Minutes; at least 1.
    pub interval: u32,
    /// Days; how far ahead a booking may start.
    pub advance_days: u32,
    /// Minutes; how soon at the earliest.
    pub min_notice: u32,
    /// Hours; how late a user may cancel.
    pub cancellation_hours: u32,
    /// Minutes; the least gap between two neighbours.
    pub buffer: u32,
    /// New bookings are confirmed at once.
    pub auto_confirm: bool,
    /// How many bookings may share an instant; at least 1.
    pub seats: u32,
    /// Whether the resource can be booked at all: it is in use, and its tenant in
    /// business.
    pub active: bool,
}

/// Who books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booker {
    /// `ACTIVE` now, and may book.
    pub allowed: bool,
}

impl Terms {
    /// The terms of a resource. The zone's name was checked when the tenant was
    /// written; one that is not known any more is read as UTC.
    pub fn of(tenant: &Tenant, category: Option<&Category>, resource: &Resource) -> Self {
        let settings =
            in_force(&tenant.settings, category.map(|c| &c.settings), &resource.settings);
        let (zone, zone_name) =
            moment::zone(&settings.timezone).unwrap_or_else(|| (TimeZone::UTC, "UTC".to_owned()));
        Self {
            zone,
            zone_name,
            opening: settings.working_hours_start,
            closing: settings.working_hours_end,
            working_days: settings.working_days,
            closures: settings.closures,
            schedule: resource.availability_schedule.clone(),
            interval: settings.booking_interval.max(1),
            advance_days: settings.advance_booking_days,
            min_notice: settings.min_notice_minutes,
            cancellation_hours: settings.cancellation_hours,
            buffer: settings.buffer_minutes,
            auto_confirm: settings.auto_confirm,
            seats: resource.concurrent_bookings.max(1),
            active: resource.is_active && resource.is_live() && tenant.is_active,
        }
    }

    /// The interval as a length of time.
    pub(super) fn step(&self) -> Duration {
        minutes(self.interval)
    }

    /// The buffer as a length of time.
    pub(super) fn gap(&self) -> Duration {
        minutes(self.buffer)
    }

    /// The earliest start that the notice allows.
    pub(super) fn earliest(&self, now: Timestamp) -> Timestamp {
        now + minutes(self.min_notice)
    }
}

fn minutes(minutes: u32) -> Duration {
    Duration::from_secs(60 * u64::from(minutes))
}

/// The latest start that the advance window allows: the same time of day, so many
/// days of the calendar ahead.
pub fn horizon(terms: &Terms, now: Timestamp) -> Timestamp {
    let local = terms.zone.to_datetime(now.to_jiff());
    let ahead = local.checked_add(i64::from(terms.advance_days).days());
    ahead
        .ok()
        .and_then(|ahead| zone::meant(&terms.zone, ahead))
        .map_or(Timestamp::MAX, |at| at.start)
}

/// Whether a user may still cancel what starts at `start`.
pub fn may_cancel(terms: &Terms, now: Timestamp, start: Timestamp) -> bool {
    start - Duration::from_secs(3600 * u64::from(terms.cancellation_hours)) >= now
}
