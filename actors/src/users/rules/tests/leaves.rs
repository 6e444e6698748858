//! Leaves against tables, and against a model that looks at every second.

use zelador_store::id::LeaveId;
use zelador_store::leave::{LeaveState, OpenLeave};

use super::super::leave;
use super::*;

/// A leave made at second 0. Its dates mean nothing here.
pub(in crate::users::rules) fn leave(number: u8, begins: i64, ends: i64) -> OpenLeave {
    OpenLeave {
        id: LeaveId::new(t(0), [number; 10]),
        date_in: "2025-12-01".parse().unwrap(),
        date_out: "2025-12-02".parse().unwrap(),
        begins: t(begins),
        ends: t(ends),
        reason: Some("away".into()),
        made_at: t(0),
        begun: false,
    }
}

fn away(status: Status, leaves: &[(i64, i64)], plans: &[Planned]) -> User {
    let leaves = (0..).zip(leaves).map(|(number, (begins, ends))| leave(number, *begins, *ends));
    User { leaves: leaves.collect(), ..with(user(status, 0), plans) }
}

fn path(user: &User, at: i64) -> Vec<(Status, i64)> {
    let moves = Turn::open(user, t(at)).moves;
    moves.iter().map(|step| (step.to, step.at.as_millis() / 1000)).collect()
}

fn ends(user: &User, at: i64) -> Vec<(LeaveState, Option<&'static str>)> {
    Turn::open(user, t(at)).leaves.iter().map(|step| (step.state, step.why)).collect()
}

#[test]
fn a_leave_suspends_and_brings_back() {
    let user = away(Active, &[(10, 20)], &[]);
    check(&user, 9, Active, 0);
    check(&user, 10, Suspended, 10);
    check(&user, 19, Suspended, 10);
    check(&user, 20, Active, 20);
    assert_eq!(ends(&user, 20), [(LeaveState::Running, None), (LeaveState::Ended, None)]);
}

#[test]
fn leaves_that_overlap_or_touch_are_one() {
    for (leaves, expected) in [
        (&[(10, 20), (15, 30)][..], &[(Suspended, 10), (Active, 30)][..]),
        (&[(10, 20), (20, 30)], &[(Suspended, 10), (Active, 30)]),
        (&[(10, 40), (20, 30)], &[(Suspended, 10), (Active, 40)]),
        (&[(10, 20), (10, 20)], &[(Suspended, 10), (Active, 20)]),
        (&[(20, 30), (10, 20), (28, 35)], &[(Suspended, 10), (Active, 35)]),
        (&[(10, 20), (21, 30)], &[(Suspended, 10), (Active, 20), (Suspended, 21), (Active, 30)]),
    ] {
        assert_eq!(path(&away(Active, leaves, &[]), 100), expected, "{leaves:?}");
    }
}

#[test]
fn what_weighs_more_is_not_lifted_by_the_end_of_a_leave() {
    let leave = &[(10, 20)][..];
    for (plan, expected) in [
        (ban(15), &[(Suspended, 10), (Banned, 15)][..]),
        (ban(10), &[(Banned, 10)]),
        (ban(20), &[(Suspended, 10), (Banned, 20)]),
        (ban(5), &[(Banned, 5)]),
        (change(Suspended, 15), &[(Suspended, 10), (Suspended, 15)]),
        (change(Suspended, 20), &[(Suspended, 10), (Suspended, 20)]),
        (change(Suspended, 5), &[(Suspended, 5)]),
        (change(Inactive, 15), &[(Suspended, 10), (Inactive, 15)]),
        // A plan to ACTIVE made before gives way, and the leave goes on.
        (change(Active, 15), &[(Suspended, 10), (Active, 20)]),
        (change(Active, 20), &[(Suspended, 10), (Active, 20)]),
        // One made since knew of the leave.
        (made(PlanSort::Change, Active, 15, 12), &[(Suspended, 10), (Active, 15)]),
    ] {
        let user = away(Active, leave, std::slice::from_ref(&plan));
        assert_eq!(path(&user, 100), expected, "{plan:?}");
        assert!(shown::in_force(&user, t(100)).leaves.is_empty());
    }
}

#[test]
fn a_leave_concerns_only_who_is_active_when_it_begins() {
    let nothing = Some("the user was not active when it began");
    for status in [Inactive, Pending, Suspended, Banned] {
        let user = away(status, &[(10, 20)], &[]);
        check(&user, 15, status, 0);
        check(&user, 25, status, 0);
        assert_eq!(ends(&user, 25), [(LeaveState::Superseded, nothing)]);
    }
    // Let in at the very instant.
    assert_eq!(
        path(&away(Pending, &[(10, 20)], &[change(Active, 10)]), 30),
        [(Active, 10), (Suspended, 10), (Active, 20)]
    );
}

#[test]
fn a_hand_ends_the_say_of_what_runs_and_spares_what_is_to_come() {
    for to in [Active, Banned, Suspended, Inactive] {
        let mut turn = Turn::open(&away(Active, &[(10, 20), (50, 60)], &[]), t(15));
        assert!(turn.set_status(to, Some("by hand".into())));
        assert_eq!((turn.user.status, turn.user.status_reason.as_deref()), (to, Some("by hand")));
        assert_eq!(turn.user.status_since, t(15));
        let last = turn.leaves.last().unwrap();
        assert_eq!(
            (last.state, last.why),
            (LeaveState::Superseded, Some("the status was set by hand"))
        );
        check(&turn.user, 30, to, 15);
        let later = if to == Active { Suspended } else { to };
        assert_eq!(shown::in_force(&turn.user, t(55)).status, later);
    }
}

#[test]
fn calling_off_undoes_what_has_not_happened() {
    let first = LeaveId::new(t(0), [0; 10]);
    // Before it begins: nothing happens.
    let mut turn = Turn::open(&away(Active, &[(10, 20)], &[]), t(5));
    turn.call_off_leave(first).unwrap();
    assert!(turn.moves.is_empty() && turn.user.leaves.is_empty());
    // While it runs: back now.
    let mut turn = Turn::open(&away(Active, &[(10, 20)], &[]), t(15));
    turn.call_off_leave(first).unwrap();
    check(&turn.user, 30, Active, 15);
    // Unless another one runs.
    let mut turn = Turn::open(&away(Active, &[(10, 20), (12, 30)], &[]), t(15));
    turn.call_off_leave(first).unwrap();
    check(&turn.user, 25, Suspended, 10);
    check(&turn.user, 30, Active, 30);
    // Or something weightier holds.
    let mut turn = Turn::open(&away(Active, &[(10, 20)], &[ban(12)]), t(15));
    assert_eq!(turn.call_off_leave(first), Err(Refusal::conflict("leave_over")));
    check(&turn.user, 30, Banned, 12);
    // What is over is over.
    let mut turn = Turn::open(&away(Active, &[(10, 20)], &[]), t(20));
    assert_eq!(turn.call_off_leave(first), Err(Refusal::conflict("leave_over")));
}

#[test]
fn a_leave_from_today_begins_at_once_or_not_at_all() {
    for (status, expected) in [(Active, Ok(())), (Banned, Err("user_not_active"))] {
        let mut turn = Turn::open(&user(status, 0), t(15));
        let done = turn.leave(leave(1, 15, 20));
        assert_eq!(done, expected.map_err(Refusal::conflict));
        check(
            &turn.user,
            18,
            if status == Active { Suspended } else { status },
            match status {
                Active => 15,
                _ => 0,
            },
        );
    }
    let mut turn = Turn::open(&away(Active, &[(10, 20)], &[]), t(15));
    turn.leave(leave(7, 15, 30)).unwrap();
    assert_eq!(turn.moves.len(), 1, "on leave already");
    check(&turn.user, 25, Suspended, 10);
}

#[test]
fn there_is_a_bound() {
    let many: Vec<_> = (0..30).map(|day| (10 + day, 11 + day)).collect();
    let mut turn = Turn::open(&away(Active, &many, &[]), t(0));
    assert_eq!(turn.leave(leave(99, 100, 110)), Err(Refusal::conflict("too_many_leaves")));
    assert!(leave::check(Some(&"á".repeat(200))).is_ok());
    assert!(leave::check(Some(&"á".repeat(201))).is_err());
}

#[test]
fn the_next_change_is_told_of_leaves_as_one() {
    let next = |user: &User| shown::next(user).map(|next| (next.to, next.at.as_millis() / 1000));
    let user = away(Active, &[(10, 20), (20, 30), (25, 40), (50, 60)], &[ban(55)]);
    for (at, expected) in [
        (0, Some((Suspended, 10))),
        (10, Some((Active, 40))),
        (22, Some((Active, 40))),
        (40, Some((Suspended, 50))),
        (50, Some((Banned, 55))),
        (55, None),
    ] {
        assert_eq!(next(&shown::in_force(&user, t(at))), expected, "at {at}");
    }
}

/// What weighs most of what covers a second.
fn model(at: i64, leaves: &[(i64, i64)], ban: Option<i64>, suspension: Option<i64>) -> Status {
    let since = |begins: Option<i64>| begins.is_some_and(|begins| begins <= at);
    if since(ban) {
        Banned
    } else if since(suspension)
        || leaves.iter().any(|(begins, ends)| (*begins..*ends).contains(&at))
    {
        Suspended
    } else {
        Active
    }
}

proptest! {
    /// Second by second, what is in force is what weighs most.
    #[test]
    fn the_weightiest_is_in_force(
        leaves in prop::collection::vec((1_i64..60, 1_i64..20), 0..6),
        banned in prop::option::of(1_i64..80),
        suspended in prop::option::of(1_i64..80),
        steps in prop::collection::vec(0_i64..90, 0..6),
    ) {
        let leaves: Vec<_> = leaves.iter().map(|(begins, days)| (*begins, begins + days)).collect();
        let plans: Vec<_> = banned.map(ban).into_iter()
            .chain(suspended.map(|at| change(Suspended, at)))
            .collect();
        let user = away(Active, &leaves, &plans);
        for at in 0..90 {
            let expected = model(at, &leaves, banned, suspended);
            prop_assert_eq!(shown::in_force(&user, t(at)).status, expected, "at {}", at);
        }
        // However late the jobs run, the history is one.
        let mut steps = steps;
        steps.sort_unstable();
        steps.push(90);
        let (mut told, mut now) = (Vec::new(), user.clone());
        for at in steps {
            let turn = Turn::open(&now, t(at));
            told.extend(turn.moves);
            now = turn.user;
        }
        let whole = Turn::open(&user, t(90));
        prop_assert_eq!(told, whole.moves);
        prop_assert_eq!(now, whole.user);
    }

    /// One absence, however many leaves it is made of, is two changes.
    #[test]
    fn each_absence_is_two_changes(
        leaves in prop::collection::vec((1_i64..60, 1_i64..20), 0..8),
    ) {
        let leaves: Vec<_> = leaves.iter().map(|(begins, days)| (*begins, begins + days)).collect();
        let covered = |at: i64| model(at, &leaves, None, None) == Suspended;
        let expected: Vec<_> = (1..100)
            .filter(|at| covered(*at) != covered(at - 1))
            .map(|at| (if covered(at) { Suspended } else { Active }, at))
            .collect();
        prop_assert_eq!(path(&away(Active, &leaves, &[]), 100), expected);
    }
}
