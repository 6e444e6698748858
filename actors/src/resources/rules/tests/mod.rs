//! What may be, as tables.

mod hours;

use jiff::civil::{date, time};
use zelador_store::Timestamp;
use zelador_store::category::Overrides;
use zelador_store::id::{CategoryId, Id, TenantId};
use zelador_store::tenant::{Closure, Settings};

use super::{CategoryDraft, ResourceDraft, category, in_force, resource};
use crate::error::Refusal;

fn id<K: zelador_store::id::Kind>(number: u8) -> Id<K> {
    Id::new(Timestamp::from_seconds(0), [number; 10])
}

#[track_caller]
pub(super) fn flaws<T>(result: Result<T, Refusal>) -> Vec<(String, &'static str)> {
    match result {
        Ok(_) => Vec::new(),
        Err(Refusal::Invalid(flaws)) => flaws.into_iter().map(|f| (f.field, f.code)).collect(),
        Err(other) => panic!("{other}"),
    }
}

#[track_caller]
fn check(spoil: impl FnOnce(&mut ResourceDraft), expected: &[(&str, &str)]) {
    let mut draft = ResourceDraft { name: "Sala 1".into(), ..ResourceDraft::default() };
    spoil(&mut draft);
    let found = flaws(resource::check(draft));
    let found: Vec<_> = found.iter().map(|(field, code)| (field.as_str(), *code)).collect();
    assert_eq!(found, expected);
}

#[test]
fn resources_are_checked_whole() {
    check(|_| (), &[]);
    check(|d| d.capacity = Some(1_000_001), &[("capacity", "maximum")]);
    check(|d| d.concurrent_bookings = 0, &[("concurrent_bookings", "minimum")]);
    check(|d| d.concurrent_bookings = 10_000, &[]);
    check(|d| d.concurrent_bookings = 10_001, &[("concurrent_bookings", "maximum")]);
    check(|d| d.attributes = "x".repeat(16 * 1024 + 1), &[("attributes", "too_many_bytes")]);
    check(|d| d.description = Some("duas\nlinhas".into()), &[]);
    check(|d| d.description = Some("x".repeat(2001)), &[("description", "too_long")]);
    check(|d| d.location = Some("duas\nlinhas".into()), &[("location", "format")]);
    check(
        |d| {
            d.name = " ".into();
            d.location = Some("x".repeat(501));
            d.settings.booking_interval = Some(0);
            d.settings.advance_booking_days = Some(3661);
            d.settings.min_notice_minutes = Some(527_041);
            d.settings.cancellation_hours = Some(8785);
            d.settings.buffer_minutes = Some(1441);
        },
        &[
            ("name", "empty"),
            ("location", "too_long"),
            ("settings.booking_interval", "minimum"),
            ("settings.advance_booking_days", "maximum"),
            ("settings.min_notice_minutes", "maximum"),
            ("settings.cancellation_hours", "maximum"),
            ("settings.buffer_minutes", "maximum"),
        ],
    );
}

#[test]
fn overrides_are_held_to_what_tenants_are() {
    let end = ("settings.working_hours_end", "not_after_start");
    check(
        |d| {
            d.settings.working_hours_start = Some(time(9, 0, 0, 0));
            d.settings.working_hours_end = Some(time(9, 0, 0, 0));
        },
        &[end],
    );
    // Alone, neither is wrong: the other one is inherited.
    check(|d| d.settings.working_hours_end = Some(time(0, 0, 0, 0)), &[]);
    check(
        |d| d.settings.working_days = Some(vec![1, 1, 7]),
        &[("settings.working_days", "repeated_item"), ("settings.working_days[2]", "maximum")],
    );
    let closure = Closure { from: date(2025, 12, 26), to: date(2025, 12, 24), reason: None };
    check(
        |d| d.settings.closures = vec![closure],
        &[("settings.closures[0].to", "not_after_start")],
    );
}

#[test]
fn categories_are_checked_whole() {
    let good = CategoryDraft { name: "Salas".into(), ..CategoryDraft::default() };
    assert_eq!(flaws(category::check(good.clone())), []);
    let bad = CategoryDraft {
        name: "x".repeat(201),
        color: Some("red".into()),
        icon: Some("x".repeat(101)),
        settings: Overrides { booking_interval: Some(1441), ..Overrides::default() },
        ..good
    };
    let found = flaws(category::check(bad));
    let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["name", "icon", "color", "settings.booking_interval"]);
}

#[test]
fn what_is_kept_is_in_order() {
    let draft = ResourceDraft {
        name: "x".into(),
        settings: Overrides { working_days: Some(vec![4, 0, 2]), ..Overrides::default() },
        ..ResourceDraft::default()
    };
    assert_eq!(resource::check(draft).unwrap().settings.working_days, Some(vec![0, 2, 4]));
}

#[test]
fn a_change_names_its_members() {
    let now = Timestamp::from_seconds(9);
    let tenant: TenantId = id(1);
    let draft = ResourceDraft { name: "x".into(), ..ResourceDraft::default() };
    let mut made = resource::register(tenant, draft.clone(), Timestamp::from_seconds(1));
    made.calendar_token = Some([7; 32]);
    assert_eq!(resource::revise(&made, draft.clone(), now), None);
    let category: CategoryId = id(2);
    let settings = Overrides { buffer_minutes: Some(5), ..Overrides::default() };
    let wanted = ResourceDraft { category: Some(category), settings, ..draft };
    let (revised, names) = resource::revise(&made, wanted, now).unwrap();
    assert_eq!(names, ["category_id", "settings.buffer_minutes"]);
    assert_eq!(
        (revised.version, revised.created_at, revised.updated_at),
        (2, made.created_at, now)
    );
    assert_eq!(revised.calendar_token, made.calendar_token);
    let gone = resource::delete(&revised, now);
    assert_eq!((gone.version, gone.calendar_token, gone.deleted_at), (3, None, Some(now)));
}

#[test]
fn each_level_says_what_differs() {
    let holiday =
        |day| Closure { from: date(2025, 12, day), to: date(2025, 12, day), reason: None };
    let tenant = Settings { closures: vec![holiday(25)], ..Settings::default() };
    let category = Overrides {
        booking_interval: Some(60),
        buffer_minutes: Some(10),
        closures: vec![holiday(26)],
        ..Overrides::default()
    };
    let own = Overrides {
        buffer_minutes: Some(0),
        auto_confirm: Some(true),
        closures: vec![holiday(27)],
        ..Overrides::default()
    };
    let nothing = Overrides::default();
    assert_eq!(in_force(&tenant, None, &nothing), tenant);
    assert_eq!(in_force(&tenant, Some(&nothing), &nothing), tenant);
    let rules = in_force(&tenant, Some(&category), &own);
    let expected = Settings {
        booking_interval: 60,
        buffer_minutes: 0,
        auto_confirm: true,
        closures: vec![holiday(25), holiday(26), holiday(27)],
        ..Settings::default()
    };
    assert_eq!(rules, expected);
    assert_eq!(in_force(&tenant, None, &own).booking_interval, 30);
}

/// Every member that can be overridden is: one that is forgotten fails here.
#[test]
fn every_member_is_inherited() {
    let own = Overrides {
        working_hours_start: Some(time(1, 0, 0, 0)),
        working_hours_end: Some(time(2, 0, 0, 0)),
        working_days: Some(vec![3]),
        closures: vec![Closure { from: date(2025, 1, 1), to: date(2025, 1, 1), reason: None }],
        booking_interval: Some(7),
        advance_booking_days: Some(8),
        min_notice_minutes: Some(9),
        cancellation_hours: Some(10),
        buffer_minutes: Some(11),
        auto_confirm: Some(true),
    };
    let members = serde_json::json!(own);
    for (own, above) in [(&own, &Overrides::default()), (&Overrides::default(), &own)] {
        let rules = serde_json::json!(in_force(&Settings::default(), Some(above), own));
        for (name, value) in members.as_object().unwrap() {
            assert_eq!(&rules[name], value, "{name}");
        }
    }
}
