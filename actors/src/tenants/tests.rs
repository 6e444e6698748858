//! Tenants: what they may be, and their commands on a store in memory.

use std::time::Duration;

use jiff::civil::{date, time};
use zelador_store::Timestamp;
use zelador_store::answer::Answers;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Events;
use zelador_store::kv::EngineError;
use zelador_store::tenant::{Closure, Labels, ServicePlan, Settings};

use super::*;
use crate::answer::{Keep, PendingAnswer, Rendered};
use crate::engine::Shell;
use crate::error::{Error, Refusal};
use crate::testkit::World;

fn draft(domain: &str) -> TenantDraft {
    TenantDraft {
        name: "Academia Fit".into(),
        domain: domain.into(),
        logo_url: Some("https://exemplo.com/logo.png".into()),
        theme_primary_color: Some("#FF5722".into()),
        plan: ServicePlan::Profissional,
        locale: Some("pt-BR".into()),
        is_active: true,
        settings: Settings::default(),
    }
}

fn by() -> Author {
    Author::new(AuthorKind::Operator, "op")
}

async fn register(shell: &Shell, domain: &str) -> Result<TenantRecord, Error> {
    actor::register(shell, Register { draft: draft(domain), by: by(), keep: None }).await
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[track_caller]
fn check(spoil: impl FnOnce(&mut TenantDraft), expected: &[(&str, &str)]) {
    let mut spoilt = draft("fit.example");
    spoil(&mut spoilt);
    let flaws = match rules::check(spoilt) {
        Ok(_) => Vec::new(),
        Err(Refusal::Invalid(flaws)) => flaws,
        Err(other) => panic!("{other}"),
    };
    let found: Vec<_> = flaws.iter().map(|flaw| (flaw.field.as_str(), flaw.code)).collect();
    assert_eq!(found, expected);
}

#[test]
fn drafts_are_checked_whole() {
    check(|_| (), &[]);
    check(|d| d.domain = "not a domain".into(), &[("domain", "format")]);
    check(|d| d.logo_url = Some("ftp://x".into()), &[("logo_url", "format")]);
    check(|d| d.logo_url = Some("https://".into()), &[("logo_url", "format")]);
    for color in ["FF5722", "#FF572", "#FF57220", "#GG5722", ""] {
        let color = Some(color.to_owned());
        check(|d| d.theme_primary_color = color, &[("theme_primary_color", "format")]);
    }
    check(|d| d.locale = Some("fr".into()), &[("locale", "format")]);
    check(
        |d| {
            d.name = String::new();
            d.settings.timezone = "Mars/Olympus".into();
            d.settings.booking_interval = 0;
            d.settings.advance_booking_days = 99_999;
        },
        &[
            ("name", "empty"),
            ("settings.timezone", "format"),
            ("settings.booking_interval", "minimum"),
            ("settings.advance_booking_days", "maximum"),
        ],
    );
}

#[test]
fn hours_days_and_closures_make_sense() {
    let end = ("settings.working_hours_end", "not_after_start");
    check(|d| d.settings.working_hours_end = time(8, 0, 0, 0), &[end]);
    check(|d| d.settings.working_hours_end = time(7, 0, 0, 0), &[end]);
    check(|d| d.settings.working_days = vec![], &[]);
    check(
        |d| d.settings.working_days = vec![1, 1, 7],
        &[("settings.working_days", "repeated_item"), ("settings.working_days[2]", "maximum")],
    );
    let closure = Closure { from: date(2025, 12, 26), to: date(2025, 12, 24), reason: None };
    let late = closure.clone();
    check(|d| d.settings.closures = vec![late], &[("settings.closures[0].to", "not_after_start")]);
    let good = Closure { to: closure.from, reason: Some("x".repeat(200)), ..closure };
    check(|d| d.settings.closures = vec![good.clone(); 100], &[("settings", "too_many_bytes")]);
    check(|d| d.settings.closures = vec![good; 20], &[]);
    check(
        |d| {
            d.settings.custom_labels =
                Labels { user_label: Some(String::new()), ..Labels::default() }
        },
        &[("settings.custom_labels.user_label", "empty")],
    );
}

#[test]
fn what_is_kept_is_normalised() {
    let mut given = draft("Academia-FIT.com.");
    given.settings.timezone = "america/sao_paulo".into();
    given.settings.working_days = vec![4, 0, 2];
    let kept = rules::check(given).unwrap();
    assert_eq!(kept.domain, "academia-fit.com");
    assert_eq!(kept.settings.timezone, "America/Sao_Paulo");
    assert_eq!(kept.settings.working_days, [0, 2, 4]);
}

#[tokio::test]
async fn a_domain_belongs_to_one_living_tenant() {
    let world = World::new();
    let shell = &world.shell;
    let one = register(shell, "One.example").await.unwrap();
    let two = register(shell, "two.example").await.unwrap();
    let taken = rules::domain_taken();
    assert_eq!(refused(register(shell, "oNE.EXAMPLE").await), taken);
    let mut wanted = TenantDraft::from(&two.tenant);
    wanted.domain = "one.example".into();
    let revise = || Revise { id: two.id, draft: wanted.clone(), if_version: None, by: by() };
    assert_eq!(refused(actor::revise(shell, &revise()).await), taken);
    let delete = Delete { id: one.id, if_version: None, by: by() };
    actor::delete(shell, &delete).await.unwrap();
    let revised = actor::revise(shell, &revise()).await.unwrap();
    assert_eq!((revised.tenant.domain.as_str(), revised.tenant.version), ("one.example", 2));
    let absent = Refusal::Absent { what: "tenant" };
    assert_eq!(refused(queries::get(shell, one.id).await), absent);
    let again = Delete { id: one.id, if_version: None, by: by() };
    assert_eq!(refused(actor::delete(shell, &again).await), absent);
}

#[tokio::test]
async fn revising_tells_what_changed_and_minds_the_version() {
    let world = World::new();
    let shell = &world.shell;
    let tenant = register(shell, "one.example").await.unwrap();
    world.hand.advance(Duration::from_secs(60));
    let mut wanted = TenantDraft::from(&tenant.tenant);
    wanted.plan = ServicePlan::Empresarial;
    wanted.settings.buffer_minutes = 10;
    let revise = |version| Revise {
        id: tenant.id,
        draft: wanted.clone(),
        if_version: Some(version),
        by: by(),
    };
    assert_eq!(refused(actor::revise(shell, &revise(2)).await), Refusal::Stale);
    let revised = actor::revise(shell, &revise(1)).await.unwrap().tenant;
    assert_eq!((revised.version, revised.created_at), (2, tenant.tenant.created_at));
    assert_eq!(revised.updated_at.since(revised.created_at), Duration::from_secs(60));
    // Nothing new: nothing is written.
    assert_eq!(actor::revise(shell, &revise(2)).await.unwrap().tenant, revised);
    let log = shell.store.page::<Events>(&zelador_store::Query::all()).await.unwrap().rows;
    assert_eq!(log.len(), 2);
    let data: serde_json::Value = serde_json::from_str(&log[1].row.data).unwrap();
    assert_eq!(data["changed"], serde_json::json!(["plan", "settings.buffer_minutes"]));
    assert_eq!(data["initiated_by"]["id"], "op");
}

#[tokio::test]
async fn a_kept_answer_lands_with_the_change_or_not_at_all() {
    let world = World::new();
    let shell = &world.shell;
    let pending = PendingAnswer {
        scope: [1; 32],
        fingerprint: [2; 32],
        expires_at: Timestamp::from_seconds(9),
    };
    let keep = || {
        Some(Keep::new(pending, |record: &TenantRecord| {
            let body = record.id.to_string();
            Some(Rendered { status: 201, location: None, etag: None, body })
        }))
    };
    let command = || Register { draft: draft("one.example"), by: by(), keep: keep() };
    world.memory.refuse(Some(|| EngineError::Full));
    let full = actor::register(shell, command()).await;
    assert!(matches!(full, Err(Error::StorageFull)), "{full:?}");
    world.memory.refuse(None);
    assert!(shell.store.get::<Answers>(&[1; 32]).await.unwrap().is_none());
    let record = actor::register(shell, command()).await.unwrap();
    let kept = shell.store.get::<Answers>(&[1; 32]).await.unwrap().unwrap().row;
    assert_eq!((kept.status, kept.body), (201, record.id.to_string()));
}

#[tokio::test]
async fn tenants_are_listed_a_page_at_a_time() {
    let world = World::new();
    let shell = &world.shell;
    let mut ids = Vec::new();
    for number in 0..7 {
        world.hand.advance(Duration::from_millis(1));
        ids.push(register(shell, &format!("t{number}.example")).await.unwrap().id);
    }
    for gone in [ids.remove(5), ids.remove(0)] {
        let delete = Delete { id: gone, if_version: None, by: by() };
        actor::delete(shell, &delete).await.unwrap();
    }
    for limit in 1..=6 {
        let (mut found, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = queries::list(shell, after, limit).await.unwrap();
            found.extend(page.rows.into_iter().map(|record| record.id));
            (after, pages) = (page.next, pages + 1);
            if after.is_none() {
                break;
            }
        }
        // No empty last page: a link to the next one is a promise.
        assert_eq!((&found, pages), (&ids, ids.len().div_ceil(limit)), "limit {limit}");
    }
}
