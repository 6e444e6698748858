//! What leaves do to a user.
//!
//! ```text
//!   ACTIVE ── the first of them begins ──▶ SUSPENDED ── the last of them ends ──▶ ACTIVE
//!                                             │
//!                 a hand, a ban, any other change of status: the running ones
//!                 have no say any more, and do not bring the user back
//! ```
//! A leave weighs more than `ACTIVE` and less than everything else:
//! - It concerns a user who is `ACTIVE` when it begins, or on leave already; for
//!   anybody else it comes to nothing.
//! - Leaves that overlap or touch are one: the user comes back once, at the end
//!   of the last.
//! - A plan to `ACTIVE` made before the leave began gives way to it; one made
//!   since knew of it, and ends it.
//! - No leave lifts a status that it did not bring about. So whoever has a running
//!   leave is `SUSPENDED`, and nothing else suspends them.

use zelador_store::Timestamp;
use zelador_store::id::LeaveId;
use zelador_store::leave::{LeaveState, OpenLeave};
use zelador_store::user::{Status, User};

use super::shown::Next;
use super::turn::{CALLED_OFF, Cause, Turn};
use crate::checks::Checks;
use crate::error::Refusal;

/// Open leaves of a user at once: the record shows all of them, and is bounded.
pub const MOST: usize = 30;
/// Characters of the reason of a leave, for the same sake.
pub const REASON: usize = 200;

/// Why a leave came to its end before its last day.
pub(super) const BY_HAND: &str = "the status was set by hand";
pub(super) const OTHER_STATUS: &str = "another change of status took its place";
const NOT_ACTIVE: &str = "the user was not active when it began";

/// What became of a leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaveStep {
    /// Which, as it was before.
    pub leave: OpenLeave,
    /// What it is now.
    pub state: LeaveState,
    /// Since when.
    pub at: Timestamp,
    /// Why, if it ended otherwise than by its last day.
    pub why: Why,
}

/// Why something came to nothing; `None`: it did not.
type Why = Option<&'static str>;

/// Whether a leave keeps the user suspended.
pub fn on_leave(user: &User) -> bool {
    user.leaves.iter().any(|leave| leave.begun)
}

/// The leave that is due first, and since when. Of one instant those that begin
/// come before those that end, so that leaves which touch are one.
pub(super) fn next_due(user: &User, now: Timestamp) -> Option<(Timestamp, LeaveId)> {
    let due = user.leaves.iter().filter(|leave| leave.due() <= now);
    let first = due.min_by_key(|leave| (leave.due(), leave.begun, leave.made_at, leave.id))?;
    Some((first.due(), first.id))
}

/// The next change that the leaves alone would bring.
pub(super) fn next(user: &User) -> Option<Next<'_>> {
    let Some(mut back) = running(user).map(|leave| leave.ends).max() else {
        let first = user.leaves.iter().min_by_key(|leave| (leave.begins, leave.id))?;
        let reason = first.reason.as_deref();
        return Some(Next { to: Status::Suspended, at: first.begins, reason });
    };
    let mut coming: Vec<&OpenLeave> = user.leaves.iter().filter(|leave| !leave.begun).collect();
    coming.sort_by_key(|leave| leave.begins);
    for leave in coming {
        if leave.begins <= back {
            back = back.max(leave.ends);
        }
    }
    Some(Next { to: Status::Active, at: back, reason: None })
}

fn running(user: &User) -> impl Iterator<Item = &OpenLeave> {
    user.leaves.iter().filter(|leave| leave.begun)
}

/// Refuses a leave that no user can have.
pub fn check(reason: Option<&str>) -> Result<(), Refusal> {
    let mut checks = Checks::default();
    if let Some(reason) = reason {
        let one_line = reason.replace(['\n', '\r', '\t'], " ");
        checks.text("reason", &one_line, 0, REASON);
    }
    checks.done()
}

impl Turn {
    /// Adds a leave, which begins at once if its time has come.
    pub fn leave(&mut self, leave: OpenLeave) -> Result<(), Refusal> {
        if self.user.leaves.len() >= MOST {
            return Err(Refusal::conflict("too_many_leaves"));
        }
        let now = leave.begins <= self.now;
        if now && self.user.status != Status::Active && !on_leave(&self.user) {
            return Err(Refusal::conflict("user_not_active"));
        }
        self.user.leaves.push(leave);
        self.touch();
        self.catch_up();
        Ok(())
    }

    /// Calls an open leave off; if nothing else keeps the user suspended, the
    /// user is back now.
    pub fn call_off_leave(&mut self, id: LeaveId) -> Result<(), Refusal> {
        let Some(leave) = self.take(id) else { return Err(Refusal::conflict("leave_over")) };
        let now = self.now;
        self.note(&leave, LeaveState::Cancelled, now, Some(CALLED_OFF));
        self.back_from(leave, now);
        self.touch();
        Ok(())
    }

    /// What the turn did to this leave last, if anything.
    pub fn step_of(&self, leave: LeaveId) -> Option<&LeaveStep> {
        self.leaves.iter().rev().find(|step| step.leave.id == leave)
    }

    /// A leave that is due begins or ends.
    pub(super) fn step(&mut self, id: LeaveId) {
        let Some(leave) = self.take(id) else { return };
        let at = leave.due();
        if leave.begun {
            self.note(&leave, LeaveState::Ended, at, None);
            self.back_from(leave, at);
        } else {
            self.begin(leave);
        }
        // As with plans: a reader sees that it changed, and since when.
        self.user.version += 1;
        self.user.updated_at = self.user.updated_at.max(at);
    }

    fn begin(&mut self, leave: OpenLeave) {
        let joins = on_leave(&self.user);
        if !joins && self.user.status != Status::Active {
            self.note(&leave, LeaveState::Superseded, leave.begins, Some(NOT_ACTIVE));
            return;
        }
        self.note(&leave, LeaveState::Running, leave.begins, None);
        self.user.leaves.push(OpenLeave { begun: true, ..leave.clone() });
        if !joins {
            let (at, reason) = (leave.begins, leave.reason.clone());
            self.shift(Status::Suspended, at, reason, Cause::LeaveBegan(leave));
        }
    }

    /// The user comes back from a leave that has been taken away, unless another
    /// one still runs.
    fn back_from(&mut self, leave: OpenLeave, at: Timestamp) {
        if leave.begun && !on_leave(&self.user) {
            self.shift(Status::Active, at, None, Cause::LeaveOver(leave));
        }
    }

    /// Something weightier decides: what runs has no say any more.
    pub(super) fn release(&mut self, at: Timestamp, why: &'static str) {
        let running: Vec<_> = self.user.leaves.extract_if(.., |leave| leave.begun).collect();
        for leave in running {
            self.note(&leave, LeaveState::Superseded, at, Some(why));
        }
    }

    /// Nobody is away any more.
    pub(super) fn end_leaves(&mut self, why: &'static str) {
        for leave in std::mem::take(&mut self.user.leaves) {
            self.note(&leave, LeaveState::Cancelled, self.now, Some(why));
        }
    }

    fn take(&mut self, id: LeaveId) -> Option<OpenLeave> {
        self.user.leaves.extract_if(.., |leave| leave.id == id).next()
    }

    fn note(&mut self, leave: &OpenLeave, state: LeaveState, at: Timestamp, why: Why) {
        self.leaves.push(LeaveStep { leave: leave.clone(), state, at, why });
    }
}
