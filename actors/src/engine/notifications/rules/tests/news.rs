//! Which event is news for whom.

use std::time::Duration;

use serde_json::{Value, json};
use zelador_store::Timestamp;
use zelador_store::event::Event;
use zelador_store::id::UserId;
use zelador_store::notice::NoticeKind;

use super::super::news::{STALE, is_of_interest, news};
use crate::engine::Dice;

fn now() -> Timestamp {
    "2025-12-01T12:00:00Z".parse().unwrap()
}

fn event(kind: &str, data: &Value) -> Event {
    let dice = Dice::seeded(3);
    Event {
        id: dice.id(now()),
        kind: kind.to_owned(),
        tenant: Some(dice.id(now())),
        user: None,
        key: "k".into(),
        at: now(),
        data: data.to_string(),
    }
}

fn kind_of(kind: &str, data: &Value) -> Option<NoticeKind> {
    let mut data = data.clone();
    let id: UserId = Dice::seeded(1).id(now());
    data["booking_id"] = json!(id);
    data["user_id"] = json!(id);
    data["client_id"] = json!(id);
    news(&event(kind, &data), &data, now()).map(|news| news.kind)
}

#[test]
fn changes_of_bookings_are_news() {
    use NoticeKind as N;
    let table = [
        ("booking.created", json!({"status": "pendente"}), Some(N::BookingMade)),
        ("booking.created", json!({"status": "confirmado"}), Some(N::BookingMade)),
        ("booking.created", json!({"status": "reservado"}), None),
        ("booking.waitlist_offered", json!({"status": "reservado"}), Some(N::BookingOffered)),
        ("booking.cancelled", json!({"old_status": "confirmado"}), Some(N::BookingCancelled)),
        ("booking.cancelled", json!({"old_status": "reservado"}), None),
        ("booking.updated", json!({"changes": {"start_time": "x"}}), Some(N::BookingChanged)),
        ("booking.updated", json!({"changes": {"resource_id": "x"}}), Some(N::BookingChanged)),
        ("booking.updated", json!({"changes": {"notes": "x"}}), None),
        ("booking.hold_expired", json!({"old_status": "reservado"}), None),
    ];
    for (kind, data, expected) in table {
        assert_eq!(kind_of(kind, &data), expected, "{kind} {data}");
        assert!(is_of_interest(kind));
    }
    for (old, new, expected) in [
        ("reservado", "pendente", Some(N::BookingMade)),
        ("reservado", "confirmado", Some(N::BookingMade)),
        ("pendente", "confirmado", Some(N::BookingConfirmed)),
        ("pendente", "rejeitado", Some(N::BookingRejected)),
        ("confirmado", "concluido", None),
        ("confirmado", "nao_compareceu", None),
    ] {
        let data = json!({"old_status": old, "new_status": new});
        assert_eq!(kind_of("booking.status_changed", &data), expected, "{old} {new}");
    }
}

#[test]
fn changes_of_status_are_news() {
    use NoticeKind as N;
    for (old, new, expected) in [
        ("ACTIVE", "BANNED", Some(N::AccountBanned)),
        ("ACTIVE", "SUSPENDED", Some(N::AccountSuspended)),
        ("BANNED", "ACTIVE", Some(N::AccountActive)),
        ("SUSPENDED", "ACTIVE", Some(N::AccountActive)),
        ("PENDING", "ACTIVE", None),
        ("ACTIVE", "INACTIVE", None),
    ] {
        let data = json!({"old_status": old, "new_status": new});
        assert_eq!(kind_of("user.status_changed", &data), expected, "{old} {new}");
    }
    assert_eq!(kind_of("nextcloud.user_created", &json!({})), Some(N::AccountReady));
    for kind in ["user.created", "job.failed", "resource.updated"] {
        assert_eq!(kind_of(kind, &json!({})), None);
        assert!(!is_of_interest(kind));
    }
}

#[test]
fn who_did_it_need_not_be_told() {
    let dice = Dice::seeded(9);
    let (client, booker): (UserId, UserId) = (dice.id(now()), dice.id(now()));
    let told = |kind: &str, by: &str| {
        let data = json!({
            "booking_id": booker, "client_id": client, "user_id": booker, "status": "confirmado",
            "initiated_by": {"kind": "user", "id": by},
        });
        news(&event(kind, &data), &data, now()).unwrap().to
    };
    assert_eq!(told("booking.created", "somebody"), [client, booker]);
    assert_eq!(told("booking.created", &booker.to_string()), [client]);
    assert_eq!(told("booking.waitlist_offered", "waitlist"), [client]);
}

#[test]
fn one_cause_is_one_notice() {
    let job = "019ab6c2-7f10-7c3e-9d55-0d0f2f8f6a01";
    for (data, expected) in [
        (json!({"request_id": "r1", "series_id": job}), Some("r1")),
        (json!({"request_id": "r1", "series_id": null}), None),
        (json!({"series_id": job}), None),
        (json!({"initiated_by": {"kind": "job", "id": job}}), Some(job)),
        (json!({"initiated_by": {"kind": "job", "id": "waitlist"}}), None),
        (json!({"initiated_by": {"kind": "user", "id": job}}), None),
    ] {
        let mut data = data;
        data["booking_id"] = json!(job);
        data["status"] = json!("pendente");
        let news = news(&event("booking.created", &data), &data, now()).unwrap();
        assert_eq!(news.cause.as_deref(), expected, "{data}");
    }
}

#[test]
fn old_news_are_none() {
    let data = json!({"status": "pendente", "booking_id": "019ab6c2-7f10-7c3e-9d55-0d0f2f8f6a01"});
    let event = event("booking.created", &data);
    assert!(news(&event, &data, now() + STALE).is_some());
    assert!(news(&event, &data, now() + STALE + Duration::from_secs(1)).is_none());
}
