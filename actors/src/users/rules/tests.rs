//! Tables and properties of the rules.

pub(super) mod leaves;

use proptest::prelude::*;
use zelador_store::Timestamp;
use zelador_store::id::{JobId, PlanId, TenantId};
use zelador_store::plan::{PlanSort, PlanState};
use zelador_store::user::{Permissions, Planned, Status, User, UserType};

use super::record::{self, UserDraft};
use super::shown;
use super::turn::{Cause, Turn};
use crate::error::Refusal;
use Status::{Active, Banned, Inactive, Pending, Suspended};

fn t(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn user(status: Status, since: i64) -> User {
    let tenant = TenantId::new(t(0), [0; 10]);
    let draft = UserDraft { name: "João".into(), ..UserDraft::default() };
    record::register(tenant, draft, status, t(since))
}

/// A plan made at second 0.
fn plan(sort: PlanSort, to: Status, at: i64) -> Planned {
    made(sort, to, at, 0)
}

fn made(sort: PlanSort, to: Status, at: i64, made_at: i64) -> Planned {
    let id = PlanId::new(t(made_at), [u8::try_from(at.rem_euclid(200)).unwrap(); 10]);
    Planned {
        id,
        sort,
        to,
        at: t(at),
        reason: Some("because".into()),
        made_at: t(made_at),
        job: JobId::new(t(0), [0; 10]),
    }
}

fn ban(at: i64) -> Planned {
    plan(PlanSort::Ban, Banned, at)
}

fn change(to: Status, at: i64) -> Planned {
    plan(PlanSort::Change, to, at)
}

fn with(mut user: User, plans: &[Planned]) -> User {
    user.planned = plans.to_vec();
    user
}

#[track_caller]
fn check(user: &User, at: i64, status: Status, since: i64) {
    let found = shown::in_force(user, t(at));
    assert_eq!((found.status, found.status_since), (status, t(since)), "at {at}");
}

#[test]
fn a_plan_is_in_force_from_its_instant_on() {
    let user = with(user(Active, 0), &[ban(100)]);
    check(&user, 99, Active, 0);
    check(&user, 100, Banned, 100);
    check(&user, 5000, Banned, 100);
}

#[test]
fn plans_follow_each_other() {
    let user = with(user(Pending, 0), &[ban(300), change(Active, 200)]);
    check(&user, 199, Pending, 0);
    check(&user, 200, Active, 200);
    check(&user, 300, Banned, 300);
    let user = with(super::tests::user(Suspended, 0), &[change(Active, 50), ban(60)]);
    check(&user, 55, Active, 50);
    check(&user, 60, Banned, 60);
}

#[test]
fn of_one_instant_the_weightiest_rules() {
    for (other, expected) in [(Active, Banned), (Suspended, Banned), (Inactive, Banned)] {
        let user = with(user(Pending, 0), &[change(other, 100), ban(100)]);
        let turn = Turn::open(&user, t(100));
        assert_eq!(turn.user.status, expected);
        let ends: Vec<_> = turn.ended.iter().map(|e| (e.plan.sort, e.state)).collect();
        assert_eq!(
            ends,
            [(PlanSort::Ban, PlanState::Executed), (PlanSort::Change, PlanState::Superseded)]
        );
        assert_eq!(turn.moves.len(), 1);
    }
    let user = with(user(Pending, 0), &[change(Active, 100), plan(PlanSort::Ban, Suspended, 100)]);
    check(&user, 100, Suspended, 100);
    // Even where the weightier was in force already.
    let user =
        with(super::tests::user(Banned, 0), &[made(PlanSort::Change, Active, 100, 50), ban(100)]);
    check(&user, 100, Banned, 0);
}

#[test]
fn a_ban_outlives_plans_made_before_it_and_not_those_made_since() {
    let before = with(user(Banned, 50), &[made(PlanSort::Change, Active, 100, 20)]);
    check(&before, 100, Banned, 50);
    let turn = Turn::open(&before, t(100));
    assert_eq!(turn.ended[0].state, PlanState::Superseded);
    assert_eq!(turn.ended[0].why, Some("the user was banned meanwhile"));
    let since = with(user(Banned, 50), &[made(PlanSort::Change, Active, 100, 60)]);
    check(&since, 100, Active, 100);
    // A ban that was itself only planned then is one that came meanwhile.
    let both = with(user(Active, 0), &[ban(50), made(PlanSort::Change, Active, 100, 20)]);
    check(&both, 100, Banned, 50);
}

#[test]
fn what_is_in_force_already_is_not_executed_again() {
    let user = with(user(Banned, 0), &[ban(100)]);
    let turn = Turn::open(&user, t(100));
    assert!(turn.moves.is_empty());
    assert_eq!(turn.ended[0].state, PlanState::Superseded);
    assert_eq!(turn.user.status_since, t(0));
    assert!(turn.user.planned.is_empty());
}

#[test]
fn a_hand_decides_otherwise() {
    let user = with(user(Active, 0), &[ban(100), change(Suspended, 500)]);
    let mut turn = Turn::open(&user, t(200));
    assert!(turn.set_status(Active, Some("appeal".into())));
    assert_eq!(turn.user.status, Active);
    assert_eq!(turn.user.status_since, t(200));
    assert_eq!(
        turn.moves.iter().map(|m| (m.from, m.to)).collect::<Vec<_>>(),
        [(Active, Banned), (Banned, Active)]
    );
    assert_eq!(turn.moves[1].cause, Cause::Hand);
    assert_eq!(turn.moves.iter().map(|m| m.number).collect::<Vec<_>>(), [1, 2]);
    // What was planned for later is over.
    check(&turn.user, 5000, Active, 200);
    // The same again is no change.
    let again = turn.clone();
    assert!(!turn.set_status(Active, None));
    assert_eq!(turn, again);
}

#[test]
fn a_hand_ends_all_that_was_planned_and_no_more() {
    let user = with(user(Active, 0), &[ban(100), change(Suspended, 50)]);
    let mut turn = Turn::open(&user, t(10));
    assert!(!turn.set_status(Active, None));
    assert_eq!(turn.user.planned.len(), 2);
    assert!(turn.set_status(Pending, None));
    assert!(turn.user.planned.is_empty());
    assert_eq!(turn.ended.len(), 2);
    assert!(turn.ended.iter().all(|end| end.state == PlanState::Superseded));
    assert_eq!(turn.user.version, 2);
}

#[test]
fn a_new_plan_replaces_one_of_its_sort() {
    let mut turn = Turn::open(&with(user(Active, 0), &[ban(100), change(Suspended, 50)]), t(10));
    turn.plan(made(PlanSort::Ban, Banned, 80, 10)).unwrap();
    assert_eq!(turn.ended.len(), 1);
    assert_eq!((turn.ended[0].plan.at, turn.ended[0].state), (t(100), PlanState::Replaced));
    assert_eq!(turn.user.planned.len(), 2);
    assert_eq!(shown::next(&turn.user).unwrap().to, Suspended);
    assert_eq!(shown::next(&turn.user).unwrap().ban_reason(), None);
    turn.call_off(PlanSort::Change).unwrap();
    assert_eq!(shown::next(&turn.user).unwrap().at, t(80));
    assert_eq!(shown::next(&turn.user).unwrap().ban_reason(), Some("because"));
    turn.call_off(PlanSort::Ban).unwrap();
    assert_eq!(turn.user.version, 4);
    let refused = turn.call_off(PlanSort::Ban);
    assert_eq!(refused, Err(Refusal::Absent { what: "scheduled_ban" }));
}

#[test]
fn whoever_is_banned_is_not_banned_again() {
    let refused = Err(Refusal::conflict("already_banned"));
    let mut turn = Turn::open(&user(Banned, 0), t(10));
    assert_eq!(turn.plan(ban(100)), refused);
    // A ban that is due counts, whether or not its job has run.
    let mut turn = Turn::open(&with(user(Active, 0), &[ban(10)]), t(10));
    assert_eq!(turn.plan(ban(100)), refused);
    assert_eq!(turn.plan(made(PlanSort::Change, Active, 100, 10)), Ok(()));
    check(&turn.user, 100, Active, 100);
}

#[test]
fn a_status_never_begins_before_the_last_one() {
    // The wall clock went back an hour after a change by hand.
    let mut turn = Turn::open(&user(Active, 4000), t(400));
    turn.set_status(Suspended, None);
    assert_eq!(turn.user.status_since, t(4000));
    assert_eq!(turn.moves[0].at, t(4000));
}

#[test]
fn deleting_ends_all_plans() {
    let mut turn = Turn::open(&with(user(Active, 0), &[ban(100), change(Suspended, 50)]), t(10));
    turn.delete();
    assert!(turn.user.planned.is_empty() && !turn.user.is_live());
    assert!(turn.ended.iter().all(|end| end.state == PlanState::Cancelled));
    assert_eq!(turn.ended.len(), 2);
}

#[test]
fn an_admin_may_everything_and_is_no_less_afterwards() {
    let draft = UserDraft {
        name: "Ana".into(),
        permissions: Permissions { can_book: false, ..Permissions::default() },
        ..UserDraft::default()
    };
    let plain = record::register(TenantId::new(t(0), [0; 10]), draft.clone(), Active, t(0));
    assert_eq!(shown::permissions(&plain), draft.permissions);
    let promoted =
        UserDraft { user_type: UserType::Admin, permissions: Permissions::ALL, ..draft.clone() };
    let (admin, changed) = record::revise(&plain, promoted, t(1)).unwrap();
    assert_eq!(changed, ["user_type"]);
    assert_eq!(shown::permissions(&admin), Permissions::ALL);
    let (again, _) = record::revise(&admin, draft, t(2)).unwrap();
    assert!(!shown::permissions(&again).can_book);
    assert_eq!(again.version, 3);
    assert_eq!(record::revise(&again, UserDraft::from(&again), t(3)), None);
}

#[test]
fn drafts_are_checked_whole() {
    let draft = UserDraft {
        email: Some("nobody".into()),
        phone: Some("1".repeat(101)),
        profile: format!("{{\"x\":\"{}\"}}", "y".repeat(17_000)),
        ..UserDraft::default()
    };
    let Err(Refusal::Invalid(flaws)) = record::check(&draft) else { panic!("it passed") };
    let fields: Vec<_> = flaws.iter().map(|flaw| flaw.field.as_str()).collect();
    assert_eq!(fields, ["name", "email", "phone", "profile"]);
    for status in Status::ALL {
        let allowed = matches!(status, Active | Pending | Inactive);
        assert_eq!(record::check_first_status(status).is_ok(), allowed, "{status:?}");
    }
    assert!(record::check_reason(Some("two\nlines")).is_ok());
    assert!(record::check_reason(Some(&"x".repeat(501))).is_err());
    assert!(record::check_reason(Some("bell\u{7}")).is_err());
}

fn any_status() -> impl Strategy<Value = Status> {
    prop::sample::select(&Status::ALL[..])
}

prop_compose! {
    fn any_user()(
        status in any_status(), since in 0_i64..100,
        bans in prop::option::of((1_i64..200, 0_i64..100)),
        changes in prop::option::of((any_status(), 1_i64..200, 0_i64..100)),
        leaves in prop::collection::vec((1_i64..200, 1_i64..60), 0..5),
    ) -> User {
        let mut plans = Vec::new();
        if let Some((at, made_at)) = bans {
            plans.push(made(PlanSort::Ban, Banned, at, made_at));
        }
        if let Some((to, at, made_at)) = changes {
            plans.push(made(PlanSort::Change, to, at, made_at));
        }
        let leaves = (0..).zip(leaves).map(|(n, (begins, days))| leaves::leave(n, begins, begins + days));
        User { leaves: leaves.collect(), ..with(user(status, since), &plans) }
    }
}

proptest! {
    /// However many steps it takes, and however late, it comes to one end.
    #[test]
    fn steps_do_not_matter(user in any_user(), one in 0_i64..250, other in 0_i64..250) {
        let (first, last) = (one.min(other), one.max(other));
        let early = Turn::open(&user, t(first));
        let rest = Turn::open(&early.user, t(last));
        let whole = Turn::open(&user, t(last));
        prop_assert_eq!(&rest.user, &whole.user);
        let moves: Vec<_> = early.moves.into_iter().chain(rest.moves).collect();
        prop_assert_eq!(moves, whole.moves);
        let ended: Vec<_> = early.ended.into_iter().chain(rest.ended).collect();
        prop_assert_eq!(ended, whole.ended);
        let leaves: Vec<_> = early.leaves.into_iter().chain(rest.leaves).collect();
        prop_assert_eq!(leaves, whole.leaves);
    }

    /// Doing it again changes nothing: a job may run twice.
    #[test]
    fn again_is_nothing(user in any_user(), at in 0_i64..250) {
        let once = Turn::open(&user, t(at));
        let again = Turn::open(&once.user, t(at));
        prop_assert!(again.changes_nothing());
        prop_assert_eq!(again.user, once.user);
    }

    /// The row tells every move, in order, without a gap.
    #[test]
    fn moves_tell_the_way(user in any_user(), at in 0_i64..250) {
        let turn = Turn::open(&user, t(at));
        let (mut status, mut since) = (user.status, user.status_since);
        for (number, step) in turn.moves.iter().enumerate() {
            prop_assert_eq!(step.from, status);
            // Only a suspension that takes the place of a leave looks like no change.
            prop_assert!(step.at >= since && (step.from != step.to || step.to == Suspended));
            prop_assert_eq!(step.number as usize, user.status_changes as usize + number);
            (status, since) = (step.to, step.at);
        }
        prop_assert_eq!((turn.user.status, turn.user.status_since), (status, since));
        prop_assert!(turn.user.planned.iter().all(|plan| plan.at > t(at)));
        prop_assert!(turn.user.leaves.iter().all(|leave| leave.due() > t(at)));
        let begun = turn.user.leaves.iter().any(|leave| leave.begun);
        prop_assert!(!begun || turn.user.status == Suspended);
        prop_assert_eq!(turn.changes_nothing(), turn.user == user);
    }

    /// Once a ban is due, nothing made before it lifts it.
    #[test]
    fn a_ban_holds(status in any_status(), at in 1_i64..100, later in 0_i64..100, to in any_status()) {
        let user = with(user(status, 0), &[ban(at), made(PlanSort::Change, to, at + later, 0)]);
        let held = status != Banned;
        if held {
            prop_assert_eq!(shown::in_force(&user, t(500)).status, Banned);
        }
    }
}
