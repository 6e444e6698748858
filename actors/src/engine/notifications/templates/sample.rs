//! Sample data: what texts are checked with, and previews are made of.

use serde_json::{Value, json};
use zelador_store::Timestamp;
use zelador_store::notice::NoticeKind;

use super::shipped::ALERT;
use crate::engine::notifications::rules::alerts;
use crate::engine::notifications::rules::dates::Words;
use crate::engine::notifications::rules::tongue::Tongue;
use crate::moment;

/// 2026-11-26T17:00:00Z: a Thursday, 14:00 in São Paulo.
const START: i64 = 1_795_712_400_000;
const HOUR: i64 = 3_600_000;

/// Data for a text, the usual case first: each also in the leanest form that it can
/// have, so that a text which takes something for granted is found.
pub fn sample(name: &str, tongue: Tongue) -> Vec<Value> {
    if name == ALERT {
        return vec![alert(tongue, 2), alert(tongue, 1)];
    }
    let of_booking = name.starts_with("booking_");
    let mut full = full(tongue, of_booking);
    if name == NoticeKind::AccountInvited.word() {
        let until = booking(tongue, 0, false).get("when").cloned();
        if let Some(facts) = full.pointer_mut("/facts").and_then(Value::as_object_mut) {
            facts.insert("url".into(), json!("https://app.example/convite?token=zli_…"));
            facts.insert("until".into(), until.unwrap_or_default());
        }
    }
    vec![full, lean(tongue, of_booking), several(tongue, of_booking)]
}

fn zone_of(tongue: Tongue) -> (&'static str, [&'static str; 4]) {
    match tongue {
        Tongue::Portuguese => {
            ("America/Sao_Paulo", ["Academia Sol", "Ana Souza", "Sala 1", "Aula"])
        }
        Tongue::Spanish => ("America/Santiago", ["Gimnasio Sol", "Ana Rojas", "Sala 1", "Clase"]),
        Tongue::English => ("America/New_York", ["Sun Gym", "Ann Rowe", "Room 1", "Class"]),
    }
}

fn booking(tongue: Tongue, days: i64, lean: bool) -> Value {
    let (zone_name, [_, _, resource, _]) = zone_of(tongue);
    let (zone, zone_name) =
        moment::zone(zone_name).unwrap_or((jiff::tz::TimeZone::UTC, "UTC".into()));
    let words = Words { tongue, zone: &zone, zone_name: &zone_name };
    let start = Timestamp::from_millis(START + days * 24 * HOUR);
    let end = Timestamp::from_millis(START + days * 24 * HOUR + HOUR);
    let text = |texts| if lean { Value::Null } else { json!(tongue.pick(texts)) };
    json!({
        "id": "019ab6c2-7f10-7c3e-9d55-0d0f2f8f6a01",
        "resource": resource,
        "location": text(["2º andar", "Segundo piso", "Second floor"]),
        "status": if lean { "pendente" } else { "confirmado" },
        "when": words.moment(start), "span": words.span(start, end),
        "day": words.day(start), "time": words.time(start), "brief": words.brief(start),
        "notes": text(["Trazer toalha", "Traer toalla", "Bring a towel"]),
        "reason": text(["Manutenção", "Mantenimiento", "Maintenance"]),
        "until": if lean { Value::Null } else { json!(words.moment(Timestamp::from_millis(START - 2 * HOUR))) },
    })
}

fn facts(tongue: Tongue, bookings: &[Value], lean: bool) -> Value {
    let (_, [tenant, user, _, label]) = zone_of(tongue);
    let given = |value: Value| if lean { Value::Null } else { value };
    json!({
        "lang": tongue.tag(),
        "tenant": { "name": tenant, "color": given(json!("#b4470b")) },
        "user": { "name": user, "first": user.split(' ').next() },
        "label": label,
        "resource_label": tongue.pick(["Recurso", "Recurso", "Resource"]),
        "user_label": tongue.pick(["Usuário", "Usuario", "User"]),
        "booking": bookings.first(), "bookings": bookings,
        "count": bookings.len(), "more": 0,
        "facts": {
            "reason": given(json!(tongue.pick(["Mensalidade em atraso", "Cuota impaga", "Unpaid fee"]))),
            "until": null, "account": given(json!("ana.souza")), "quota": given(json!("10 GB")),
            "url": given(json!("https://nuvem.example")), "hand_over": given(json!("link")),
            "link": given(json!("https://agenda.example/nextcloud/password?token=…")),
        },
        "opt_out_url": given(json!("https://agenda.example/notifications/opt-out?token=…")),
    })
}

fn full(tongue: Tongue, of_booking: bool) -> Value {
    let bookings: Vec<_> = of_booking.then(|| booking(tongue, 0, false)).into_iter().collect();
    facts(tongue, &bookings, false)
}

fn lean(tongue: Tongue, of_booking: bool) -> Value {
    let bookings: Vec<_> = of_booking.then(|| booking(tongue, 0, true)).into_iter().collect();
    facts(tongue, &bookings, true)
}

fn several(tongue: Tongue, of_booking: bool) -> Value {
    let bookings: Vec<_> =
        (0..3).filter(|_| of_booking).map(|week| booking(tongue, 7 * week, false)).collect();
    facts(tongue, &bookings, false)
}

fn alert(tongue: Tongue, count: usize) -> Value {
    let all = [
        ("job.failed", "nextcloud.create_user", "connection refused", 3),
        (alerts::DISK_LOW, "", "48 MiB", 1),
    ];
    let shown = |(sort, about, detail, count): (&str, &str, &str, u32)| {
        json!({
            "sort": sort, "about": about, "detail": detail, "count": count,
            "first": "2026-11-26 14:00 UTC", "last": "2026-11-26 14:05 UTC",
            "command": alerts::command(sort, about),
        })
    };
    let alerts: Vec<_> = all.into_iter().take(count).map(shown).collect();
    json!({
        "lang": tongue.tag(), "tenant": { "name": "zelador", "color": null },
        "alerts": alerts, "repeat_hours": 24, "opt_out_url": null,
    })
}
