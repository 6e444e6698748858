//! Health, breakers, profiles and drift, by tables.

use std::collections::BTreeSet;
use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::nextcloud::{Ailment, Breaker, Instance};
use zelador_store::tenant::{ServicePlan, Settings, Tenant};

use super::super::drift::drift;
use super::super::health::{
    Look, Patience, after_look, after_success, after_trouble, due, is_better, is_news,
};
use super::super::profile::{is_group, profile};
use super::super::{Class, Trouble};
use super::choice::instance;
use crate::nextcloud::settings::NextcloudSettings;

const MOST: u32 = 3;
const PATIENCE: Patience = Patience { failures: MOST, wait: Duration::from_secs(60) };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_764_590_400 + seconds)
}

fn well() -> Instance {
    let mut row = instance("nc", 5);
    row.health.healthy = Some(true);
    row.health.checked_at = Some(at(0));
    row
}

fn good() -> Look {
    Look {
        latency_ms: Some(4),
        version: Some("32.0.1".to_owned()),
        maintenance: false,
        user_count: None,
        trouble: None,
    }
}

#[test]
fn one_refused_login_is_enough_and_waits_for_a_person() {
    for class in
        [Class::WrongCredentials, Class::NotPermitted, Class::HostKey, Class::Misconfigured]
    {
        let after = after_trouble(&well(), &Trouble::new(class, "no"), PATIENCE, at(5)).unwrap();
        let breaker = after.breaker.clone().unwrap();
        assert_eq!((breaker.until, breaker.cause.class.as_str()), (None, class.word()));
        assert!(is_news(&well(), &after) && !is_better(&well(), &after));
        assert_eq!(due(&after, Duration::from_secs(300), Duration::from_secs(30)), None);
    }
}

#[test]
fn outages_open_it_for_a_while_and_longer_each_time() {
    let out = Trouble::new(Class::Unreachable, "no connection");
    let mut row = well();
    for _ in 1..MOST {
        row = after_trouble(&row, &out, PATIENCE, at(5)).unwrap();
        assert!(row.breaker.is_none(), "one outage is none");
    }
    row = after_trouble(&row, &out, PATIENCE, at(5)).unwrap();
    let first = row.breaker.clone().unwrap().until.unwrap();
    assert_eq!(first, at(65));
    row = after_trouble(&row, &out, PATIENCE, at(65)).unwrap();
    assert_eq!(row.breaker.clone().unwrap().until, Some(at(65 + 120)));
    assert_eq!(after_success(&row), None, "a breaker is closed by a look alone");
    assert_eq!(due(&row, Duration::from_secs(300), Duration::from_secs(30)), Some(at(185)));
    let after = after_look(&row, &good(), PATIENCE, at(185));
    assert!(after.breaker.is_none() && is_better(&row, &after));
    assert_eq!((after.health.failures, after.health.healthy), (0, Some(true)));
}

#[test]
fn both_kinds_of_429_are_told_apart() {
    let locked = Trouble::new(Class::Throttled, "x").for_now(Duration::from_secs(1800));
    let after = after_trouble(&well(), &locked, PATIENCE, at(0)).unwrap();
    assert_eq!(after.breaker.unwrap().until, Some(at(1800)));
    let edited = Trouble::new(Class::Throttled, "x").for_now(Duration::from_secs(600));
    assert_eq!(after_trouble(&well(), &edited, PATIENCE, at(0)), None, "accounts can be made");
}

#[test]
fn maintenance_is_no_failure_and_ends_by_itself() {
    let closed = Trouble::new(Class::Maintenance, "maintenance mode");
    let after = after_trouble(&well(), &closed, PATIENCE, at(5)).unwrap();
    assert_eq!((after.health.healthy, after.health.failures), (Some(false), 0));
    assert!(after.breaker.is_none());
    assert_eq!(after_trouble(&after, &closed, PATIENCE, at(6)), None, "it is known");
    let mut row = after;
    for round in 0..20 {
        let look = Look { maintenance: true, ..good() };
        row = after_look(&row, &look, PATIENCE, at(round));
        assert!(row.breaker.is_none(), "however long it takes");
    }
    assert!(is_better(&row, &after_look(&row, &good(), PATIENCE, at(99))));
}

#[test]
fn what_people_changed_wakes_who_waits_only_if_it_can_help() {
    let open = Instance {
        breaker: Some(Breaker {
            since: at(0),
            until: None,
            cause: Ailment { class: "host_key".to_owned(), message: String::new() },
        }),
        ..well()
    };
    let edited = Instance { version: 9, ..open.clone() };
    assert!(!is_better(&open, &edited));
    assert!(is_better(&well(), &Instance { version: 9, ..well() }));
    assert!(!is_better(&well(), &well()));
}

#[test]
fn an_account_is_what_plan_and_tenant_say() {
    let mut tenant = Tenant {
        name: "Sol".to_owned(),
        domain: "sol.example".to_owned(),
        logo_url: None,
        theme_primary_color: None,
        plan: ServicePlan::Basico,
        locale: Some("pt-BR".to_owned()),
        is_active: true,
        settings: Settings::default(),
        version: 1,
        created_at: at(0),
        updated_at: at(0),
        deleted_at: None,
    };
    let mut user = crate::nextcloud::tests::person(crate::nextcloud::tests::tenant_id());
    let mut settings = NextcloudSettings {
        groups: vec!["{tenant}".to_owned(), "plan-{plan}".to_owned()],
        ..NextcloudSettings::default()
    };
    let found = profile(&settings, &user, &tenant).unwrap();
    assert_eq!(found.quota, Some(10 << 30));
    assert_eq!(found.groups, ["sol.example", "plan-basico"]);
    assert_eq!((found.language.as_deref(), found.locked_out), (Some("pt_BR"), false));
    (user.plan, tenant.locale) = (Some(ServicePlan::Empresarial), None);
    settings.quotas.empresarial = "none".to_owned();
    let found = profile(&settings, &user, &tenant).unwrap();
    assert_eq!((found.quota, found.language), (None, None));
    for (group, right) in
        [("{tenant}", true), ("a b", true), ("{user}", false), (" a", false), ("", false)]
    {
        assert_eq!(is_group(group), right, "{group}");
    }
}

#[test]
fn drift_names_what_is_missing_and_counts_strangers() {
    let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
    let found = drift(&set(&["ana", "bia"]), &set(&["admin", "bia"]), at(3));
    assert_eq!((found.theirs, found.ours, found.missing, found.strangers), (2, 2, 1, 1));
    assert_eq!(found.missing_ids, ["ana"]);
    let many: BTreeSet<_> = (0..50).map(|number| format!("u{number}")).collect();
    let found = drift(&many, &set(&[]), at(3));
    assert_eq!((found.missing, found.missing_ids.len()), (50, 20));
}
