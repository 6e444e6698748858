//! What one command, or one due plan, does to a user.
//!
//! ```text
//!            a plan falls due, or a hand
//!   INACTIVE ⇄ ACTIVE ⇄ SUSPENDED ⇄ PENDING ⇄ BANNED      any to any, but:
//!   BANNED ── a plan made before the ban began ──▶ stays BANNED
//! ```
//! Of plans due at one instant the weightiest rules: ban, then suspension, then
//! the rest. A ban is lifted by a hand, or by a plan made when it was in force
//! already, whose author knew of it; a plan older than the ban gives way. What
//! leaves do, and how they give way to plans and hands, [`leave`]
//! says.
//!
//! A [`Turn`] opens with every due plan carried out, whether or not its job has
//! run. So whoever changes a user makes permanent what is in force, and whoever
//! reads one computes the same: running late, twice, or in several steps comes
//! to one end.

use zelador_store::Timestamp;
use zelador_store::id::PlanId;
use zelador_store::leave::OpenLeave;
use zelador_store::plan::{PlanSort, PlanState};
use zelador_store::user::{Planned, Status, User};

use super::leave::{self, LeaveStep};
use crate::error::Refusal;

/// What led to a change of status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Somebody, now.
    Hand,
    /// A plan that fell due.
    Plan(Planned),
    /// A leave that began.
    LeaveBegan(OpenLeave),
    /// A leave that came to its end, or was called off.
    LeaveOver(OpenLeave),
}

/// One change of status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// From when on.
    pub at: Timestamp,
    /// Which of the user's changes it is, from 0.
    pub number: u32,
    /// Why, for people.
    pub reason: Option<String>,
    /// What led to it.
    pub cause: Cause,
}

/// A plan that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub plan: Planned,
    /// How.
    pub state: PlanState,
    /// Why, if it was not executed.
    pub why: Option<&'static str>,
}

/// What becomes of a user in one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The user afterwards.
    pub user: User,
    /// The changes of status, in order.
    pub moves: Vec<Move>,
    /// The plans that came to their end.
    pub ended: Vec<Ended>,
    /// What became of leaves, in order.
    pub leaves: Vec<LeaveStep>,
    pub(super) now: Timestamp,
}

/// Why a plan that is due does not change the status.
const OUTWEIGHED: &str = "a weightier plan ruled at the same instant";
const IN_FORCE: &str = "its status was in force already";
pub(super) const BANNED_MEANWHILE: &str = "the user was banned meanwhile";
const ON_LEAVE: &str = "the user was on leave";
const REPLACED: &str = "a newer plan took its place";
pub(super) const CALLED_OFF: &str = "it was called off";
const BY_HAND: &str = "the status was set by hand before its time";
/// Why a plan of a deleted user comes to nothing.
pub const USER_DELETED: &str = "the user was deleted";

impl Turn {
    /// The user as is in force at `now`: every due plan carried out.
    pub fn open(user: &User, now: Timestamp) -> Self {
        let (moves, ended, leaves) = (Vec::new(), Vec::new(), Vec::new());
        let mut turn = Self { user: user.clone(), moves, ended, leaves, now };
        turn.catch_up();
        turn
    }

    /// Carries out everything that is due, in the order in which it fell due: of
    /// one instant plans first, then leaves that begin, then leaves that end.
    pub(super) fn catch_up(&mut self) {
        let mut ruled_at = None;
        loop {
            let plan = self.due_plan().map(|(_, at)| at);
            match leave::next_due(&self.user, self.now) {
                Some((at, leave)) if plan.is_none_or(|plan| at < plan) => self.step(leave),
                _ => {
                    let Some(plan) = self.take_due_plan() else { return };
                    let outweighed = (ruled_at == Some(plan.at)).then_some(OUTWEIGHED);
                    ruled_at = Some(plan.at);
                    let why = outweighed.or_else(|| gives_way(&self.user, &plan));
                    self.carry_out(plan, why);
                }
            }
        }
    }

    /// The place of the plan that is due first, and since when.
    fn due_plan(&self) -> Option<(usize, Timestamp)> {
        let due = self.user.planned.iter().enumerate().filter(|(_, plan)| plan.at <= self.now);
        let first =
            due.min_by_key(|(_, plan)| (plan.at, weight(plan.to), plan.made_at, plan.id))?;
        Some((first.0, first.1.at))
    }

    fn take_due_plan(&mut self) -> Option<Planned> {
        let (place, _) = self.due_plan()?;
        Some(self.user.planned.remove(place))
    }

    /// Whether anything is to be written.
    pub fn changes_nothing(&self) -> bool {
        self.moves.is_empty() && self.ended.is_empty() && self.leaves.is_empty()
    }

    /// Whether the turn brought this plan to its end.
    pub fn end_of(&self, plan: PlanId) -> Option<&Ended> {
        self.ended.iter().find(|ended| ended.plan.id == plan)
    }

    fn carry_out(&mut self, plan: Planned, why: Option<&'static str>) {
        let state = if why.is_some() { PlanState::Superseded } else { PlanState::Executed };
        if why.is_none() {
            let (to, at, reason) = (plan.to, plan.at, plan.reason.clone());
            let banned = to == Status::Banned;
            self.release(at, if banned { BANNED_MEANWHILE } else { leave::OTHER_STATUS });
            self.shift(to, at, reason, Cause::Plan(plan.clone()));
        }
        // The record shows the plan no more: a reader must see that it changed.
        // The time is the plan's, so that it is the same whenever this is done.
        self.user.version += 1;
        self.user.updated_at = self.user.updated_at.max(plan.at);
        self.ended.push(Ended { plan, state, why });
    }

    pub(super) fn shift(
        &mut self,
        to: Status,
        at: Timestamp,
        reason: Option<String>,
        cause: Cause,
    ) {
        let at = at.max(self.user.status_since);
        self.moves.push(Move {
            from: self.user.status,
            to,
            at,
            number: self.user.status_changes,
            reason: reason.clone(),
            cause,
        });
        self.user.status = to;
        self.user.status_since = at;
        self.user.status_reason = reason;
        self.user.status_changes += 1;
    }

    pub(super) fn touch(&mut self) {
        self.user.version += 1;
        self.user.updated_at = self.user.updated_at.max(self.now);
    }

    /// Sets the status by hand, now, which ends all that was planned: whoever
    /// decides today has not in mind what somebody meant to do tomorrow, and
    /// sees in the answer that nothing is left. A leave that is running has no
    /// say any more; leaves to come stay, as days away do not depend on today.
    /// `false`: it was in force already, and not for a leave.
    pub fn set_status(&mut self, to: Status, reason: Option<String>) -> bool {
        if self.user.status == to && !leave::on_leave(&self.user) {
            return false;
        }
        self.release(self.now, leave::BY_HAND);
        self.shift(to, self.now, reason, Cause::Hand);
        for plan in self.user.planned.drain(..) {
            self.ended.push(Ended { plan, state: PlanState::Superseded, why: Some(BY_HAND) });
        }
        self.touch();
        true
    }

    /// Adds a plan; one of the same sort is replaced.
    pub fn plan(&mut self, plan: Planned) -> Result<(), Refusal> {
        if plan.sort == PlanSort::Ban && self.user.status == Status::Banned {
            return Err(Refusal::conflict("already_banned"));
        }
        for old in self.user.planned.extract_if(.., |old| old.sort == plan.sort) {
            self.ended.push(Ended { plan: old, state: PlanState::Replaced, why: Some(REPLACED) });
        }
        self.user.planned.push(plan);
        self.touch();
        Ok(())
    }

    /// Calls the plan of a sort off.
    pub fn call_off(&mut self, sort: PlanSort) -> Result<(), Refusal> {
        let found = self.user.planned.iter().position(|plan| plan.sort == sort);
        let Some(at) = found else {
            return Err(Refusal::Absent { what: noun(sort) });
        };
        let plan = self.user.planned.remove(at);
        self.ended.push(Ended { plan, state: PlanState::Cancelled, why: Some(CALLED_OFF) });
        self.touch();
        Ok(())
    }

    /// Deletes the user; nothing is planned any more.
    pub fn delete(&mut self) {
        for plan in self.user.planned.drain(..) {
            self.ended.push(Ended { plan, state: PlanState::Cancelled, why: Some(USER_DELETED) });
        }
        self.end_leaves(USER_DELETED);
        self.user.deleted_at = Some(self.now);
        self.touch();
    }
}

/// What the API calls a plan of this sort.
pub const fn noun(sort: PlanSort) -> &'static str {
    match sort {
        PlanSort::Ban => "scheduled_ban",
        PlanSort::Change => "scheduled_status",
    }
}

/// The lower rules first among plans of one instant.
fn weight(to: Status) -> u8 {
    match to {
        Status::Banned => 0,
        Status::Suspended => 1,
        Status::Inactive => 2,
        Status::Pending => 3,
        Status::Active => 4,
    }
}

fn gives_way(user: &User, plan: &Planned) -> Option<&'static str> {
    let unknown = user.status_since > plan.made_at;
    // A suspension takes the place of a leave, which ends sooner.
    if user.status == plan.to && !leave::on_leave(user) {
        Some(IN_FORCE)
    } else if user.status == Status::Banned && unknown {
        Some(BANNED_MEANWHILE)
    } else if plan.to == Status::Active && leave::on_leave(user) && unknown {
        Some(ON_LEAVE)
    } else {
        None
    }
}

/// Refuses an instant that is not to come.
pub fn check_future(field: &str, at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if at > now { Ok(()) } else { Err(Refusal::field(field, "not_in_the_future")) }
}
