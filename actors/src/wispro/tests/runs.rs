//! Runs that come to their end.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use zelador_store::Engine as _;
use zelador_store::session::{Credentials, IdNumberLogin};
use zelador_store::tenant::{ServicePlan, Settings};
use zelador_store::user::Status;

use super::super::settings::InitialPassword;
use super::*;
use crate::tenants::{Register, TenantDesk, TenantDraft};

#[tokio::test]
async fn a_first_run_creates_everybody_with_the_fields_of_the_seed() {
    let bench = Bench::new(clients(25));
    let view = bench.sync().await;
    assert_eq!(five(&view), [25, 0, 0, 0, 0]);
    let users = bench.users().await;
    assert_eq!(users.len(), 25);
    let one = &users[7];
    assert_eq!(one.name, "Cliente 7");
    assert_eq!(one.email.as_deref(), Some("c7@example.com"));
    assert_eq!(one.phone.as_deref(), Some("04241234567"));
    assert_eq!(one.address.as_deref(), Some("Calle 7"));
    assert_eq!(one.zone.as_deref(), Some("Centro"));
    assert_eq!(one.code.as_deref(), Some("6000007"));
    assert_eq!(one.id_number.as_deref(), Some("V-6000007"));
    assert_eq!(one.id_wispro.as_deref(), Some("c00007"));
    assert_eq!((one.plan_id, one.role, one.status), (None, 0, Status::Active));
    assert_eq!(bench.staged().await, 0, "nothing staged is left");
    let events = bench.events().await;
    let of = |kind: &str| events.iter().filter(|event| *event == kind).count();
    assert_eq!((of("user.created"), of("user.updated")), (25, 0));
    assert_eq!((of("wispro.sync_started"), of("wispro.sync_completed")), (1, 1));
}

#[tokio::test]
async fn a_second_run_with_nothing_changed_touches_nobody() {
    let bench = Bench::new(clients(25));
    bench.sync().await;
    let before = (bench.users().await, bench.events().await.len());
    let view = bench.sync().await;
    assert_eq!(five(&view), [0, 0, 25, 0, 0]);
    assert_eq!(bench.users().await, before.0);
    // Its own beginning and end.
    assert_eq!(bench.events().await.len(), before.1 + 2);
}

#[tokio::test]
async fn only_four_fields_are_updated_and_local_ones_stay() {
    let bench = Bench::new(clients(3));
    bench.sync().await;
    *bench.made.clients.lock() = vec![
        json!({"id": "c00000", "name": "Otro nombre", "email": "nuevo@example.com",
            "address": "Otra", "zone_name": "Norte", "phone_mobile": "0000",
            "national_identification_number": "V-9999999"}),
        client(1),
        client(2),
    ];
    let before = bench.users().await;
    let view = bench.sync().await;
    assert_eq!(five(&view), [0, 1, 2, 0, 0]);
    let after = bench.users().await;
    let expected = User {
        name: "Otro nombre".into(),
        email: Some("nuevo@example.com".into()),
        address: Some("Otra".into()),
        zone: Some("Norte".into()),
        version: 2,
        ..before[0].clone()
    };
    assert_eq!(after[0], expected);
    assert_eq!(after[1..], before[1..]);
}

#[tokio::test]
async fn a_dry_run_tells_what_would_change_by_field_and_changes_nothing() {
    let bench = Bench::new(clients(12));
    let dry = SyncArgs { dry_run: true, ..SyncArgs::default() };
    let id = bench.start(dry.clone()).await;
    let view = bench.reaches(id, "completed").await;
    assert_eq!((five(&view), bench.users().await.len()), ([12, 0, 0, 0, 0], 0));
    bench.sync().await;
    let before = bench.users().await;
    for client in bench.made.clients.lock().iter_mut().take(4) {
        client["zone_name"] = json!("Sur");
    }
    let id = bench.start(dry).await;
    let view = bench.reaches(id, "completed").await;
    assert_eq!(five(&view), [0, 4, 8, 0, 0]);
    assert_eq!(view.count(Counter::Field(super::super::rules::report::Field::Zone)), 4);
    assert_eq!(bench.users().await, before);
}

/// One of each, all in one run: each has a counter and a line.
#[tokio::test]
async fn every_oddity_has_its_counter_and_its_line() {
    let mut all = clients(3);
    let odd = |id: &str, members: Value| {
        let mut row = client(50);
        row["id"] = json!(id);
        row["email"] = json!(format!("{id}@example.com"));
        for (name, value) in members.as_object().unwrap() {
            row[name] = value.clone();
        }
        row
    };
    let number = "national_identification_number";
    all.extend([
        odd("d1", json!({number: "6.000.000"})),
        odd("d2", json!({number: null})),
        odd("d3", json!({"name": "", number: "V-7000003"})),
        odd("d4", json!({"email": "C1@EXAMPLE.COM", number: "V-7000004"})),
        odd("d5", json!({"email": "no tiene", number: "V-7000005"})),
        odd("d6", json!({number: "PENDIENTE"})),
        odd("d7", json!({number: "7000007"})),
        json!({"name": "sin id"}),
        json!("no object"),
    ]);
    let bench = Bench::new(all);
    let view = bench.sync().await;
    assert_eq!(five(&view), [7, 0, 0, 2, 3]);
    assert_eq!(view.seen(), 12);
    for (code, count) in [
        (Code::Duplicate, 1),
        (Code::NoNumber, 1),
        (Code::NameMissing, 1),
        (Code::EmailConflict, 2),
        (Code::Unparsed, 1),
        (Code::LetterGuessed, 1),
        (Code::NoId, 2),
    ] {
        assert_eq!(said(&view, code), count, "{code:?}");
    }
    let lines = bench.lines(view.id).await;
    assert!(lines.contains(&(Some("d1".into()), "duplicate".into())), "{lines:?}");
    assert!(lines.contains(&(None, "no_id".into())), "{lines:?}");
    let users = bench.users().await;
    let of = |id: &str| users.iter().find(|user| user.id_wispro.as_deref() == Some(id));
    assert_eq!(of("d4").unwrap().email, None);
    assert_eq!(of("d5").unwrap().email, None);
    assert_eq!(of("d6").unwrap().id_number.as_deref(), Some("PENDIENTE"));
    assert_eq!(of("d7").unwrap().id_number.as_deref(), Some("V-7000007"));
    assert!(of("d1").is_none() && of("d2").is_none() && of("d3").is_none());
}

/// The order of pages is undefined: clients stand on two pages and on none.
#[tokio::test]
async fn shifting_pages_lose_nobody_and_double_nobody() {
    let bench = Bench::new(clients(95));
    bench.made.shift.store(3, Ordering::SeqCst);
    let id = bench.start(SyncArgs::default()).await;
    let view = bench.reaches(id, "completed").await;
    assert_eq!(five(&view), [95, 0, 0, 0, 0]);
    assert_eq!(bench.users().await.len(), 95);
    assert!(view.run.unwrap().passes > 1, "a second pass was needed");
}

#[tokio::test]
async fn a_few_pages_may_be_tried_as_the_seed_does() {
    let bench = Bench::new(clients(95));
    let args = SyncArgs { max_pages: Some(2), per_page: Some(5), ..SyncArgs::default() };
    let id = bench.start(args).await;
    assert_eq!(five(&bench.reaches(id, "completed").await), [10, 0, 0, 0, 0]);
    assert_eq!(bench.made.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn nobody_who_is_gone_upstream_is_deactivated() {
    let bench = Bench::new(clients(12));
    bench.sync().await;
    bench.made.clients.lock().truncate(6);
    assert_eq!(five(&bench.sync().await), [0, 0, 6, 0, 0]);
    let users = bench.users().await;
    assert_eq!(users.len(), 12);
    assert!(users.iter().all(|user| user.status == Status::Active && user.is_live()));
}

/// The whole store, as text, holds neither the token nor what the upstream says is
/// nobody's business.
#[tokio::test]
async fn no_canary_is_anywhere() {
    let bench = Bench::new(clients(5));
    bench.made.promises.store(1, Ordering::SeqCst);
    let id = bench.start(SyncArgs::default()).await;
    bench.reaches(id, "braked").await;
    let mut text = String::new();
    for key in 0..=u8::MAX {
        let span = zelador_store::kv::Span::prefix(&[key]);
        let pairs = bench.world.memory.scan(&span, 1_000_000).await.unwrap();
        for (key, value) in pairs {
            text.push_str(&String::from_utf8_lossy(&key));
            text.push_str(&String::from_utf8_lossy(&value));
        }
    }
    assert!(text.contains("Cliente 3"), "the walk sees what is staged");
    assert!(!text.contains("canary"), "a secret is in the store");
    let settings = format!("{:?}", bench.desk.settings());
    assert!(!settings.contains("canary"), "{settings}");
}

/// By a link that each is sent: no password is made up, nor derived from anything.
#[tokio::test]
async fn with_invitations_each_new_client_is_invited_once() {
    let bench = Bench::new(clients(3));
    let domain = "isp.example";
    let draft = TenantDraft {
        name: "ISP".into(),
        domain: domain.into(),
        logo_url: None,
        theme_primary_color: None,
        plan: ServicePlan::default(),
        locale: None,
        is_active: true,
        settings: Settings::default(),
    };
    let command = Register { draft, by: operator(), keep: None };
    TenantDesk::new(bench.world.shell.clone()).register(command).await.unwrap();
    bench.set(|settings| {
        live(settings, domain);
        settings.initial_password = InitialPassword::Invite;
    });
    bench.sync().await;
    bench.sync().await;
    let invited = bench.events().await.into_iter().filter(|kind| kind == "user.invited").count();
    assert_eq!(invited, 3);
    let page = bench.world.shell.store.page::<Credentials>(&Query::all()).await.unwrap();
    assert_eq!(page.rows.len(), 3);
    for found in page.rows {
        assert!(found.row.invite.is_some() && found.row.password.is_none(), "{:?}", found.row);
        assert_eq!(found.row.id_number, IdNumberLogin::Never);
    }
}
