//! What people's rows tell each other: a sound store, and one with each flaw.

mod booking;
mod nextcloud;
mod resources;
mod webhooks;

use std::sync::Arc;

use super::check;
use crate::author::{Author, AuthorKind};
use crate::id::{JobId, LeaveId, PlanId, TenantId, UserId};
use crate::kv::memory::Memory;
use crate::leave::{Leave, LeaveState, Leaves};
use crate::plan::{Plan, PlanSort, PlanState, Plans};
use crate::tenant::{ServicePlan, Settings, Tenant, Tenants};
use crate::user::{
    Permissions, Planned, Status, StatusChange, StatusHistory, User, UserType, Users,
};
use crate::{Store, Timestamp, Write};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

struct Story {
    tenant: (TenantId, Tenant),
    user: (UserId, User),
    history: Vec<((UserId, Timestamp, u32), StatusChange)>,
    plan: (PlanId, Plan),
    leave: (LeaveId, Leave),
    job: bool,
}

fn change(from: Option<Status>, to: Status) -> StatusChange {
    StatusChange { from, to, reason: None, plan: None, leave: None, by: None, noted_at: at(0) }
}

/// A user who was let in, and will be banned.
fn story() -> Story {
    let (tenant, user, plan) =
        (TenantId::new(at(0), [1; 10]), UserId::new(at(0), [2; 10]), PlanId::new(at(0), [3; 10]));
    let job = JobId::new(at(0), [4; 10]);
    let planned = Planned {
        id: plan,
        sort: PlanSort::Ban,
        to: Status::Banned,
        at: at(99),
        reason: None,
        made_at: at(2),
        job,
    };
    let leave = (LeaveId::new(at(0), [5; 10]), a_leave(tenant, user, job));
    let row = User {
        tenant,
        name: "Ana".into(),
        email: None,
        user_type: UserType::User,
        permissions: Permissions::default(),
        profile: "{}".into(),
        phone: None,
        address: None,
        zone: None,
        code: None,
        id_number: None,
        id_wispro: None,
        plan_id: None,
        plan: None,
        role: 0,
        status: Status::Active,
        status_since: at(1),
        status_reason: None,
        status_changes: 2,
        planned: vec![planned.clone()],
        leaves: vec![leave.1.open(leave.0)],
        version: 3,
        created_at: at(0),
        updated_at: at(2),
        deleted_at: None,
    };
    Story {
        tenant: (tenant, a_tenant()),
        user: (user, row),
        history: vec![
            ((user, at(0), 0), change(None, Status::Pending)),
            ((user, at(1), 1), change(Some(Status::Pending), Status::Active)),
        ],
        plan: (plan, a_plan(tenant, user, &planned)),
        leave,
        job: true,
    }
}

fn a_tenant() -> Tenant {
    Tenant {
        name: "x".into(),
        domain: "x".into(),
        logo_url: None,
        theme_primary_color: None,
        plan: ServicePlan::Trial,
        locale: None,
        is_active: true,
        settings: Settings::default(),
        version: 1,
        created_at: at(0),
        updated_at: at(0),
        deleted_at: None,
    }
}

fn a_plan(tenant: TenantId, user: UserId, planned: &Planned) -> Plan {
    Plan {
        tenant,
        user,
        sort: planned.sort,
        to: planned.to,
        at: planned.at,
        reason: None,
        state: PlanState::Planned,
        job: planned.job,
        created_at: planned.made_at,
        by: Author::new(AuthorKind::Operator, "op"),
        ended_at: None,
        end_reason: None,
    }
}

fn a_leave(tenant: TenantId, user: UserId, job: JobId) -> Leave {
    Leave {
        tenant,
        user,
        date_in: "2025-12-05".parse().unwrap(),
        date_out: "2025-12-08".parse().unwrap(),
        begins: at(50),
        ends: at(60),
        reason: None,
        state: LeaveState::Planned,
        begin_job: Some(job),
        end_job: job,
        created_at: at(2),
        by: Author::new(AuthorKind::Operator, "op"),
        ended_at: None,
        end_reason: None,
    }
}

async fn findings(story: &Story) -> Vec<String> {
    let mut write = Write::new();
    write.insert::<Tenants>(&story.tenant.0, &story.tenant.1);
    write.insert::<Users>(&story.user.0, &story.user.1);
    for (key, change) in &story.history {
        write.insert::<StatusHistory>(key, change);
    }
    write.insert::<Plans>(&story.plan.0, &story.plan.1);
    write.insert::<Leaves>(&story.leave.0, &story.leave.1);
    if story.job {
        let job = serde_json::json!({
            "kind": "user.scheduled_ban", "queue": "default", "state": "scheduled", "priority": 5,
            "args": "{}", "created_at": at(2), "run_at": at(99), "tries": 0, "max_tries": 3,
            "refunds": 0, "checkpoint_try": 0, "cancel_requested": false, "history": [],
        });
        write.enqueue(story.plan.1.job, &serde_json::from_value(job).unwrap());
    }
    told_of(write).await
}

/// What is wrong in a store in which nothing but this was written.
async fn told_of(write: Write) -> Vec<String> {
    let memory = Arc::new(Memory::new());
    Store::new(memory.clone()).commit(write).await.unwrap();
    check(memory.as_ref()).unwrap().iter().map(ToString::to_string).collect()
}

/// Puts each flaw into a sound story by itself.
async fn each_is_named<S>(
    story: impl Fn() -> S,
    findings: impl AsyncFn(&S) -> Vec<String>,
    spoils: &[(fn(&mut S), &str)],
) {
    for (spoil, what) in spoils {
        let mut story = story();
        spoil(&mut story);
        names(&findings(&story).await, what);
    }
}

#[track_caller]
fn names(found: &[String], what: &str) {
    assert!(found.iter().any(|finding| finding.contains(what)), "{what}: {found:?}");
}

#[tokio::test]
async fn a_story_that_agrees_with_itself_is_sound() {
    assert_eq!(findings(&story()).await, Vec::<String>::new());
}

#[tokio::test]
async fn each_contradiction_is_named() {
    type Spoil = fn(&mut Story);
    let spoils: [(Spoil, &str); 16] = [
        (|s| s.user.1.status = Status::Banned, "its history tells otherwise"),
        (|s| s.user.1.status_since = at(9), "its history tells otherwise"),
        (|s| drop(s.history.pop()), "its history tells otherwise"),
        (|s| s.history[1].0.2 = 7, "has number 7 where 1 should be"),
        (|s| s.user.1.planned.clear(), "its user does not show it"),
        (|s| s.plan.1.at = at(98), "shows a plan otherwise"),
        (|s| s.plan.1.ended_at = Some(at(3)), "its end says otherwise"),
        (|s| s.job = false, "its job is not there"),
        (|s| s.user.1.deleted_at = Some(at(5)), "is deleted and has plans"),
        (|s| s.user.1.leaves[0].begun = true, "is on leave and not suspended"),
        (|s| s.user.1.leaves.clear(), "is open, and its user does not show it"),
        (|s| s.leave.1.ends = at(70), "shows a leave otherwise"),
        (|s| s.leave.1.begins = at(60), "ends before it begins"),
        (|s| s.leave.1.state = LeaveState::Ended, "its end says otherwise"),
        (|s| s.leave.1.end_job = JobId::new(at(0), [9; 10]), "is open, and its job"),
        (
            |s| {
                let again = s.user.1.planned[0].clone();
                s.user.1.planned.push(again);
            },
            "two plans of one sort",
        ),
    ];
    each_is_named(story, findings, &spoils).await;
}

/// While a deleted tenant is being purged, its rows go one after the other.
#[tokio::test]
async fn a_purge_under_way_is_sound() {
    let mut story = story();
    story.tenant.1.deleted_at = Some(at(5));
    story.history.clear();
    story.job = false;
    assert_eq!(findings(&story).await, Vec::<String>::new());
}
