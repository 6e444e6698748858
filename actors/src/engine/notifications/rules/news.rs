//! Which event is news for whom.

use std::time::Duration;

use serde_json::Value;
use zelador_store::Timestamp;
use zelador_store::event::Event;
use zelador_store::id::{BookingId, UserId};
use zelador_store::notice::NoticeKind;
use zelador_store::user::Status;

/// News older than this are no news: they come from a replay, or from a consumer
/// that was stopped for long.
pub const STALE: Duration = Duration::from_hours(24);

/// Something that people are to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What.
    pub kind: NoticeKind,
    /// About which booking, if it is about one.
    pub booking: Option<BookingId>,
    /// Whom.
    pub to: Vec<UserId>,
    /// What had it happen: what happens by the same cause to the same person is
    /// told in one notice. `None`: it stands alone.
    pub cause: Option<String>,
    /// What the text needs to know of the event itself.
    pub facts: Value,
}

/// Whether an event can be news at all; quick, for every event is asked about.
pub fn is_of_interest(kind: &str) -> bool {
    is_of_booking(kind)
        || matches!(kind, "user.status_changed" | "user.invited" | "nextcloud.user_created")
}

/// Whether an event is about a booking, whose reminders then may have to move.
pub fn is_of_booking(kind: &str) -> bool {
    matches!(
        kind,
        "booking.created"
            | "booking.updated"
            | "booking.cancelled"
            | "booking.status_changed"
            | "booking.hold_expired"
            | "booking.waitlist_offered"
    )
}

/// The booking that an event is about.
pub fn booking_of(data: &Value) -> Option<BookingId> {
    data.get("booking_id")?.as_str()?.parse().ok()
}

/// What people are to be told of an event.
pub fn news(event: &Event, data: &Value, now: Timestamp) -> Option<News> {
    if now.since(event.at) > STALE {
        return None;
    }
    if event.kind == "user.status_changed" {
        return account(data);
    }
    if event.kind == "nextcloud.user_created" {
        return ready(data);
    }
    if event.kind == "user.invited" {
        return Some(News { kind: NoticeKind::AccountInvited, ..about_user(data)? });
    }
    let kind = of_booking(&event.kind, data)?;
    let booking = booking_of(data)?;
    Some(News {
        kind,
        booking: Some(booking),
        to: recipients(kind, data),
        cause: cause(data),
        facts: Value::Null,
    })
}

/// What a change of a booking is to its people.
fn of_booking(event: &str, data: &Value) -> Option<NoticeKind> {
    let (status, old) = (word(data, "status"), word(data, "old_status"));
    match event {
        // A hold is told of by whoever asked for it, or by its offer.
        "booking.created" if status == "reservado" => None,
        "booking.created" => Some(NoticeKind::BookingMade),
        "booking.waitlist_offered" => Some(NoticeKind::BookingOffered),
        "booking.cancelled" if old == "reservado" => None,
        "booking.cancelled" => Some(NoticeKind::BookingCancelled),
        "booking.updated" if status != "reservado" && is_felt(data) => {
            Some(NoticeKind::BookingChanged)
        }
        "booking.status_changed" => match (old, word(data, "new_status")) {
            ("reservado", "pendente" | "confirmado") => Some(NoticeKind::BookingMade),
            ("pendente", "confirmado") => Some(NoticeKind::BookingConfirmed),
            ("pendente", "rejeitado") => Some(NoticeKind::BookingRejected),
            _ => None,
        },
        _ => None,
    }
}

/// Notes are between the desk and itself: only a change of time, place or person
/// is worth a mail.
fn is_felt(data: &Value) -> bool {
    let Some(changes) = data.get("changes").and_then(Value::as_object) else { return false };
    ["start_time", "end_time", "resource_id", "client_id"]
        .iter()
        .any(|name| changes.contains_key(*name))
}

/// Whom a booking is for; and who booked it for them, unless it was they who did
/// this. An offer is for who waits.
fn recipients(kind: NoticeKind, data: &Value) -> Vec<UserId> {
    let id = |name: &str| data.get(name).and_then(Value::as_str).and_then(|id| id.parse().ok());
    let (client, booker): (Option<UserId>, Option<UserId>) = (id("client_id"), id("user_id"));
    let mut to: Vec<UserId> = client.into_iter().collect();
    let by = data.pointer("/initiated_by/id").and_then(Value::as_str).unwrap_or_default();
    let told_anyway = booker.is_some_and(|booker| booker.to_string() == by);
    if client != booker && !told_anyway && kind != NoticeKind::BookingOffered {
        to.extend(booker);
    }
    to
}

/// One request can make or call off a whole series, and one job of ours many
/// bookings of a person; anything else stands alone, and is told at once.
fn cause(data: &Value) -> Option<String> {
    let by = data.get("initiated_by");
    let of_author = |name: &str| by.and_then(|by| by.get(name)).and_then(Value::as_str);
    let id = of_author("id").unwrap_or_default();
    // A job's id is one run of it; other parts of ours have a name, for ever.
    if of_author("kind") == Some("job") && id.len() == 36 {
        return Some(id.to_owned());
    }
    data.get("series_id").filter(|series| series.is_string())?;
    data.get("request_id").and_then(Value::as_str).map(str::to_owned)
}

fn account(data: &Value) -> Option<News> {
    let status = |name: &str| Status::from_word(word(data, name));
    let kind = match (status("old_status")?, status("new_status")?) {
        (_, Status::Banned) => NoticeKind::AccountBanned,
        (_, Status::Suspended) => NoticeKind::AccountSuspended,
        (Status::Banned | Status::Suspended, Status::Active) => NoticeKind::AccountActive,
        _ => return None,
    };
    let facts = serde_json::json!({ "reason": data.get("reason"), "until": data.get("until") });
    Some(News { kind, facts, ..about_user(data)? })
}

fn ready(data: &Value) -> Option<News> {
    let facts = serde_json::json!({
        "account": data.get("account_id"), "quota": data.get("quota"), "url": data.get("url"),
        "hand_over": data.get("hand_over"), "created_at": data.get("created_at"),
        "link_until": data.get("link_until"),
    });
    Some(News { facts, ..about_user(data)? })
}

fn about_user(data: &Value) -> Option<News> {
    let user = word(data, "user_id").parse().ok()?;
    let kind = NoticeKind::AccountReady;
    Some(News { kind, booking: None, to: vec![user], cause: None, facts: Value::Null })
}

fn word<'a>(data: &'a Value, name: &str) -> &'a str {
    data.get(name).and_then(Value::as_str).unwrap_or_default()
}
