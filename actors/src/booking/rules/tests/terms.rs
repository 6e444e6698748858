//! What a resource inherits.

use zelador_store::category::{Category, CategoryType, Overrides};
use zelador_store::id::TenantId;
use zelador_store::resource::Resource;
use zelador_store::tenant::{ServicePlan, Settings, Tenant};

use super::*;
use crate::booking::rules::{horizon, may_cancel};

fn tenant(settings: Settings) -> Tenant {
    let t = Timestamp::EPOCH;
    Tenant {
        name: "Academia".into(),
        domain: "academia.example".into(),
        logo_url: None,
        theme_primary_color: None,
        plan: ServicePlan::Trial,
        locale: None,
        is_active: true,
        settings,
        version: 1,
        created_at: t,
        updated_at: t,
        deleted_at: None,
    }
}

fn category(settings: Overrides) -> Category {
    let t = Timestamp::EPOCH;
    Category {
        tenant: TenantId::new(t, [0; 10]),
        name: "Salas".into(),
        description: None,
        category_type: CategoryType::Fisico,
        icon: None,
        color: None,
        settings,
        version: 1,
        created_at: t,
        updated_at: t,
        deleted_at: None,
    }
}

fn resource(settings: Overrides) -> Resource {
    let t = Timestamp::EPOCH;
    Resource {
        tenant: TenantId::new(t, [0; 10]),
        category: None,
        name: "Sala 1".into(),
        description: None,
        capacity: Some(20),
        location: None,
        attributes: "{}".into(),
        is_active: true,
        concurrent_bookings: 2,
        availability_schedule: None,
        settings,
        calendar_token: None,
        version: 1,
        created_at: t,
        updated_at: t,
        deleted_at: None,
    }
}

#[test]
fn whoever_stands_lower_decides_and_closures_add_up() {
    let settings =
        Settings { closures: vec![closed("2026-01-01", "2026-01-01")], ..Settings::default() };
    let category = category(Overrides {
        booking_interval: Some(45),
        buffer_minutes: Some(10),
        auto_confirm: Some(true),
        working_days: Some(vec![0]),
        closures: vec![closed("2026-02-01", "2026-02-01")],
        ..Overrides::default()
    });
    let resource = resource(Overrides {
        booking_interval: Some(60),
        working_hours_end: Some(time("20:00")),
        advance_booking_days: Some(7),
        min_notice_minutes: Some(90),
        cancellation_hours: Some(2),
        closures: vec![closed("2026-03-01", "2026-03-02")],
        ..Overrides::default()
    });
    let terms = Terms::of(&tenant(settings.clone()), Some(&category), &resource);
    assert_eq!(terms.zone_name, "America/Sao_Paulo");
    assert_eq!((terms.opening, terms.closing), (time("08:00"), time("20:00")));
    assert_eq!(terms.working_days, [0]);
    assert_eq!((terms.interval, terms.buffer, terms.advance_days), (60, 10, 7));
    assert_eq!((terms.min_notice, terms.cancellation_hours, terms.seats), (90, 2, 2));
    assert!(terms.auto_confirm && terms.active);
    assert_eq!(terms.closures.len(), 3);
    let plain = Terms::of(&tenant(settings), None, &Resource { is_active: false, ..resource });
    assert_eq!((plain.interval, plain.buffer, plain.closures.len()), (60, 0, 2));
    assert!(!plain.active && !plain.auto_confirm);
}

#[test]
fn a_deleted_resource_cannot_be_booked_and_nothing_is_divided_by_zero() {
    let settings = Overrides { booking_interval: Some(0), ..Overrides::default() };
    let odd = Resource {
        deleted_at: Some(Timestamp::EPOCH),
        concurrent_bookings: 0,
        ..resource(settings)
    };
    let terms = Terms::of(&tenant(Settings::default()), None, &odd);
    assert_eq!((terms.active, terms.interval, terms.seats), (false, 1, 1));
}

#[test]
fn the_advance_window_is_counted_in_days_of_the_calendar() {
    let check = |zone: &str, days, now: &str, latest: &str| {
        let terms = Terms { advance_days: days, ..terms(zone) };
        assert_eq!(horizon(&terms, local(zone, now)), local(zone, latest), "{zone} {now}");
    };
    check("America/Sao_Paulo", 30, "2026-01-31T10:00", "2026-03-02T10:00");
    check("America/Sao_Paulo", 0, "2026-01-31T10:00", "2026-01-31T10:00");
    // The clock is changed in between, and on the day itself.
    check("America/New_York", 7, "2026-03-05T10:00", "2026-03-12T10:00");
    check("America/New_York", 1, "2026-03-07T02:30", "2026-03-08T03:30");
    check("America/New_York", 1, "2026-10-31T01:30", "2026-11-01T01:30");
}

#[test]
fn cancelling_has_its_last_moment() {
    let terms = Terms { cancellation_hours: 24, ..terms("America/New_York") };
    let start = local("America/New_York", "2026-03-08T10:00");
    // Hours that pass, not hours on the wall: the night before is an hour short.
    let last = local("America/New_York", "2026-03-07T09:00");
    assert!(may_cancel(&terms, last, start));
    assert!(!may_cancel(&terms, last + Duration::from_millis(1), start));
    let never_too_late = Terms { cancellation_hours: 0, ..terms };
    assert!(may_cancel(&never_too_late, start, start));
}
