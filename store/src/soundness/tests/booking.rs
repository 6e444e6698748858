//! Bookings: a sound store, and one with each flaw.

use std::time::Duration;

use super::{a_tenant, at, each_is_named, told_of};
use crate::Write;
use crate::author::{Author, AuthorKind};
use crate::booking::{Booking, BookingStatus, Bookings, Calendar, Calendars};
use crate::category::Overrides;
use crate::id::{BookingId, ResourceId, TenantId, UserId};
use crate::resource::{Resource, Resources};
use crate::tenant::{Tenant, Tenants};

struct Story {
    tenants: Vec<(TenantId, Tenant)>,
    resources: Vec<(ResourceId, Resource)>,
    calendar: Option<Calendar>,
    bookings: Vec<Booking>,
}

fn a_resource(tenant: TenantId) -> Resource {
    Resource {
        tenant,
        category: None,
        name: "Sala 1".into(),
        description: None,
        capacity: None,
        location: None,
        attributes: "{}".into(),
        is_active: true,
        concurrent_bookings: 2,
        availability_schedule: None,
        settings: Overrides::default(),
        calendar_token: None,
        version: 1,
        created_at: at(0),
        updated_at: at(3),
        deleted_at: None,
    }
}

/// Made at 5, and so after the resource was changed last.
fn a_booking(tenant: TenantId, resource: ResourceId, start: i64, end: i64) -> Booking {
    let user = UserId::new(at(0), [4; 10]);
    Booking {
        tenant,
        resource,
        user,
        client: user,
        start: at(start),
        end: at(end),
        start_local: "2025-12-05T11:00:00".parse().unwrap(),
        zone: "America/Sao_Paulo".into(),
        notes: None,
        status: BookingStatus::Pendente,
        hold: None,
        occurrence: None,
        cancellation: None,
        sequence: 0,
        by: Author::new(AuthorKind::Operator, "op"),
        version: 1,
        created_at: at(5),
        updated_at: at(5),
    }
}

/// Two seats; three bookings, no more than two of them at once, and one that was
/// called off.
fn story() -> Story {
    let tenant = TenantId::new(at(0), [1; 10]);
    let resource = ResourceId::new(at(0), [3; 10]);
    let booking = |start, end| a_booking(tenant, resource, start, end);
    let gone = Booking { status: BookingStatus::Cancelado, ..booking(100, 120) };
    Story {
        tenants: vec![(tenant, a_tenant())],
        resources: vec![(resource, a_resource(tenant))],
        calendar: Some(Calendar { revision: 3, longest_ms: length(20) }),
        bookings: vec![booking(100, 110), booking(110, 120), booking(100, 120), gone],
    }
}

/// Milliseconds of a stretch of what [`at`] counts in.
fn length(long: i64) -> u64 {
    u64::try_from(at(long).since(at(0)).as_millis()).unwrap()
}

async fn findings(story: &Story) -> Vec<String> {
    let mut write = Write::new();
    for (id, tenant) in &story.tenants {
        write.insert::<Tenants>(id, tenant);
    }
    for (id, resource) in &story.resources {
        write.insert::<Resources>(id, resource);
    }
    if let Some(calendar) = &story.calendar {
        write.insert::<Calendars>(&ResourceId::new(at(0), [3; 10]), calendar);
    }
    for (booking, number) in story.bookings.iter().zip(10..) {
        write.insert::<Bookings>(&BookingId::new(at(0), [number; 10]), booking);
    }
    told_of(write).await
}

#[tokio::test]
async fn a_calendar_with_a_seat_for_everybody_is_sound() {
    assert_eq!(findings(&story()).await, Vec::<String>::new());
}

#[tokio::test]
async fn each_contradiction_is_named() {
    type Spoil = fn(&mut Story);
    let spoils: [(Spoil, &str); 8] = [
        (|s| s.bookings[3].status = BookingStatus::Confirmado, "has 2 seats, and at"),
        (|s| s.bookings[3].status = BookingStatus::Reservado, "has 2 seats, and at"),
        (|s| s.resources[0].1.concurrent_bookings = 1, "has 1 seats, and at"),
        (|s| s.bookings[1].end = at(131), "is longer than the calendar of"),
        (|s| s.calendar = None, "is longer than the calendar of"),
        (|s| s.bookings[0].end = at(100), "ends before it begins"),
        (|s| s.tenants.clear(), "which is gone"),
        (
            |s| {
                let mut other = a_tenant();
                other.domain = "other".into();
                let id = TenantId::new(at(0), [7; 10]);
                s.resources[0].1.tenant = id;
                s.tenants.push((id, other));
            },
            "which is another tenant's",
        ),
    ];
    each_is_named(story, findings, &spoils).await;
}

/// Seats that were taken away are sold still; who came since was told.
#[tokio::test]
async fn seats_that_were_taken_away_later_are_no_flaw() {
    let mut story = story();
    story.resources[0].1.concurrent_bookings = 1;
    story.resources[0].1.updated_at = at(5) + Duration::from_secs(1);
    assert_eq!(findings(&story).await, Vec::<String>::new());
}

/// A resource is removed for good once nothing stands on it.
#[tokio::test]
async fn what_was_called_off_outlives_its_resource() {
    let mut story = story();
    story.resources.clear();
    story.calendar = None;
    story.bookings.retain(|booking| !booking.status.occupies());
    assert_eq!(story.bookings.len(), 1);
    assert_eq!(findings(&story).await, Vec::<String>::new());
}

/// While a deleted tenant is being purged, its rows go one after the other.
#[tokio::test]
async fn a_purge_under_way_is_sound() {
    let mut story = story();
    story.tenants[0].1.deleted_at = Some(at(6));
    story.resources.clear();
    story.calendar = None;
    assert_eq!(findings(&story).await, Vec::<String>::new());
}
