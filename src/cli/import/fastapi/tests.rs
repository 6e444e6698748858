//! What becomes of rows of the `FastAPI` services.

use serde_json::json;

use super::*;
use crate::cli::import::plan::{After, Draft};

fn row(cells: &[(&str, &str)]) -> Row {
    let columns: Vec<_> = cells.iter().map(|(name, _)| (*name).to_owned()).collect();
    let text = |text: &str| (text != "NULL").then(|| text.to_owned());
    Row::new(&columns, cells.iter().map(|(_, cell)| text(cell)).collect()).unwrap()
}

fn drafted(plan: Plan) -> Draft {
    match plan {
        Plan::Bring(draft) => *draft,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tenant_has_its_settings_from_wherever_they_stand() {
    let own = json!({"timezone": "America/Bahia", "booking_interval": 60, "theme": "dark"});
    let cells = [("id", "t"), ("name", "Sol"), ("domain", "sol.example"), ("is_active", "t")];
    let with = |more: &[(&str, &str)]| row(&[&cells[..], more].concat());
    let other = rules::settings(&row(&[
        ("id", "s"),
        ("tenant_id", "t"),
        ("working_hours_start", "06:00:00"),
        ("booking_interval", "60"),
        ("custom_labels", r#"{"user_label": "Aluno"}"#),
    ]));
    let draft = drafted(rules::tenant(&with(&[("settings", &own.to_string())]), None));
    let settings = json!({"timezone": "America/Bahia", "booking_interval": 60});
    assert_eq!(draft.body["settings"], settings);
    assert_eq!(draft.body["is_active"], true);
    let draft = drafted(rules::tenant(&with(&[]), Some(&other.unwrap())));
    let settings = json!({"working_hours_start": "06:00:00", "booking_interval": 60,
        "custom_labels": {"user_label": "Aluno"}});
    assert_eq!(draft.body["settings"], settings);
    let plan = rules::tenant(&with(&[("settings", "[1]")]), None);
    assert!(matches!(plan, Plan::Refuse(wrong) if wrong.field == "settings"));
}

#[test]
fn a_user_keeps_what_it_may_and_how_it_signs_in() {
    let hash = format!("$2b$12${}", "x".repeat(53));
    let draft = drafted(rules::user(&row(&[
        ("id", "u"),
        ("tenant_id", "t"),
        ("name", "João"),
        ("user_type", "ADMIN"),
        ("permissions", r#"{"can_book": true, "can_fly": true}"#),
        ("metadata", r#"{"cpf": "1"}"#),
        ("hashed_password", &hash),
        ("is_active", "f"),
    ])));
    assert_eq!(
        Value::Object(draft.body),
        json!({"name": "João", "user_type": "admin", "permissions": {"can_book": true},
            "profile": {"cpf": "1"}, "password_hash": hash, "status": "INACTIVE"})
    );
    let plain = [("id", "u"), ("tenant_id", "t"), ("name", "J"), ("password", "hashed_1234")];
    let draft = drafted(rules::user(&row(&plain)));
    assert_eq!((draft.told.len(), draft.body.get("password_hash")), (1, None));
    let plan = rules::user(&row(&[("id", "u"), ("name", "J")]));
    assert!(matches!(plan, Plan::Refuse(wrong) if wrong.field == "tenant_id"));
}

const NOW: &str = "2026-11-20T00:00:00Z";

fn booking(more: &[(&str, &str)]) -> Row {
    let cells = [("id", "b"), ("resource_id", "r"), ("user_id", "u"), ("client_id", "u")];
    let times = [("start_time", "2026-12-05 14:00:00"), ("end_time", "2026-12-05 15:00:00+00")];
    let mut all: Vec<_> = cells.into_iter().chain(times).collect();
    all.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    row(&[&all[..], more].concat())
}

fn planned(row: &Row, rows_of_series: u32) -> Plan {
    let series = rules::series(row).map(|key| (key, rows_of_series));
    rules::booking(row, &series.into_iter().collect(), NOW.parse().unwrap())
}

#[test]
fn only_bookings_to_come_that_hold_a_place_come() {
    let draft = drafted(planned(&booking(&[("status", "PENDENTE"), ("notes", "x")]), 1));
    let body = json!({"start_time": "2026-12-05T14:00:00Z",
        "end_time": "2026-12-05T15:00:00Z", "notes": "x"});
    assert_eq!(Value::Object(draft.body), body);
    assert_eq!((draft.refs.len(), draft.after), (2, vec![]));
    for status in ["confirmado", "APROVADO"] {
        let draft = drafted(planned(&booking(&[("status", status)]), 1));
        assert_eq!(draft.after, [After::Confirm], "{status}");
    }
    for cells in [("status", "cancelado"), ("start_time", "2026-11-19 14:00:00")] {
        assert!(matches!(planned(&booking(&[cells]), 1), Plan::Leave(_)), "{cells:?}");
    }
    for cells in [("start_time", "soon"), ("end_time", "NULL"), ("resource_id", "NULL")] {
        let plan = planned(&booking(&[cells]), 1);
        assert!(matches!(plan, Plan::Refuse(wrong) if wrong.field == cells.0), "{cells:?}");
    }
    let draft = drafted(planned(&booking(&[("client_id", "c")]), 1));
    assert_eq!(draft.refs.len(), 3);
}

#[test]
fn a_row_that_has_its_pattern_to_itself_is_a_series() {
    let pattern = r#"{"frequency": "weekly", "days_of_week": [5]}"#;
    let row = booking(&[("recurring_enabled", "true"), ("recurring_pattern", pattern)]);
    let draft = drafted(planned(&row, 1));
    assert_eq!(draft.body["recurring_pattern"]["frequency"], "weekly");
    assert!(!drafted(planned(&row, 4)).body.contains_key("recurring_pattern"));
    let off = booking(&[("recurring_enabled", "f"), ("recurring_pattern", pattern)]);
    assert_eq!(rules::series(&off), None);
}

#[test]
fn resources_and_webhooks_come_whole() {
    let draft = drafted(rules::resource(&row(&[
        ("id", "r"),
        ("tenant_id", "t"),
        ("category_id", "c"),
        ("name", "Sala 1"),
        ("capacity", "20"),
        ("attributes", "{\"bikes\": 20}"),
        ("availability_schedule", r#"{"monday": [{"start": "08:00", "end": "12:00"}]}"#),
        ("is_active", "t"),
    ])));
    let body = json!({"name": "Sala 1", "capacity": 20, "is_active": true,
        "attributes": {"bikes": 20},
        "availability_schedule": {"monday": [{"start": "08:00", "end": "12:00"}]}});
    assert_eq!((Value::Object(draft.body), draft.refs.len()), (body, 2));
    for events in
        [r#"["booking.created", "booking.updated"]"#, "{booking.created,\"booking.updated\"}"]
    {
        let cells = [("id", "w"), ("tenant_id", "t"), ("url", "https://x.example/h")];
        let draft = drafted(rules::webhook(&row(&[&cells[..], &[("events", events)]].concat())));
        assert_eq!(draft.body["events"], json!(["booking.created", "booking.updated"]));
    }
    let off = row(&[("id", "c"), ("tenant_id", "t"), ("is_active", "false")]);
    assert!(matches!(rules::category(&off), Plan::Leave(_)));
}
