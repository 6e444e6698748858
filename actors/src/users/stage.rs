//! From a decided turn to one write: rows, history, jobs and events.

use serde_json::{Value, json};
use zelador_store::author::Author;
use zelador_store::event::Event;
use zelador_store::id::{JobId, LeaveId, PlanId, UserId};
use zelador_store::leave::OpenLeave;
use zelador_store::plan::{Plan, PlanSort, PlanState, Plans};
use zelador_store::user::{Planned, StatusChange, StatusHistory, User, Users};
use zelador_store::{Error as StoreError, Stored, Write};

use super::leave::Known;
use super::lifecycle::{self, Done, Lifecycle, Transition};
use super::rules::turn::Turn;
use super::rules::{Cause, Ended, Move};
use super::{audit, jobs};
use crate::engine::Shell;
use crate::engine::jobs::call_off;
use crate::facts::{about_user, author};

/// One write about one user.
pub(super) struct Stage<'a> {
    pub(super) shell: &'a Shell,
    pub(super) id: UserId,
    /// Who does it: the caller, or the job.
    pub(super) by: &'a Author,
    pub(super) write: Write,
    /// A job that this very write calls off already.
    pub(super) beside: Option<JobId>,
    lifecycle: &'a Lifecycle,
    /// What is done at once.
    pub(super) done: Vec<Done>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        shell: &'a Shell,
        lifecycle: &'a Lifecycle,
        id: UserId,
        by: &'a Author,
    ) -> Self {
        Self { shell, id, by, write: Write::new(), beside: None, lifecycle, done: Vec::new() }
    }

    /// Leaves this job alone: its end is staged by somebody else.
    pub(super) fn beside(self, job: JobId) -> Self {
        Self { beside: Some(job), ..self }
    }

    /// The user's row, its history, the plans that ended, what became of leaves,
    /// `new` among them, what is done at once, and the events of all that. What the log is to say once it is committed is returned.
    pub(super) async fn turn(
        &mut self,
        found: &Stored<Users>,
        turn: &Turn,
        new: Option<&OpenLeave>,
    ) -> Result<Vec<Told>, StoreError> {
        self.write.update::<Users>(found, &turn.user);
        let mut ended = Vec::with_capacity(turn.ended.len());
        for end in &turn.ended {
            if let Some(plan) = self.end_plan(end).await? {
                ended.push(plan);
            }
        }
        let leaves = self.leaves(turn, new).await?;
        let mut told = Vec::new();
        for change in &turn.moves {
            let source = match &change.cause {
                Cause::Hand => Source::default(),
                Cause::Plan(planned) => {
                    Source::of_plan(ended.iter().find(|plan| plan.key == planned.id))
                }
                Cause::LeaveBegan(leave) => Source::of_leave(&leaves, leave.id, true),
                Cause::LeaveOver(leave) => Source::of_leave(&leaves, leave.id, false),
            };
            let wanted_by = self.change(&turn.user, change, &source);
            told.push(Told { change: change.clone(), wanted_by });
        }
        self.at_once(&found.row, turn).await?;
        Ok(told)
    }

    /// What follows at once, in this very commit.
    async fn at_once(&mut self, before: &User, turn: &Turn) -> Result<(), StoreError> {
        let (user, shell) = ((self.id, &turn.user), self.shell);
        let transitions = Transition::of_turn(before, turn);
        self.done = self.lifecycle.at_once(shell, user, &transitions, &mut self.write).await?;
        for done in self.done.clone().iter().filter(|done| done.count > 0) {
            let data = lifecycle::news(self.id, turn.user.tenant, done);
            self.tell("user.lifecycle_action", &turn.user, data);
        }
        Ok(())
    }

    /// Ends a plan's row; returns the row as it was.
    async fn end_plan(&mut self, end: &Ended) -> Result<Option<Stored<Plans>>, StoreError> {
        let Some(found) = self.shell.store.get::<Plans>(&end.plan.id).await? else {
            return Ok(None);
        };
        let now = self.shell.now();
        let row = Plan {
            state: end.state,
            ended_at: Some(now),
            end_reason: end.why.map(str::to_owned),
            ..found.row.clone()
        };
        self.write.update::<Plans>(&found, &row);
        // Other ends leave the job to find nothing to do, and to say so.
        if matches!(end.state, PlanState::Replaced | PlanState::Cancelled)
            && let Some(why) = end.why.filter(|why| *why != super::rules::turn::USER_DELETED)
            && self.beside != Some(found.row.job)
        {
            call_off(self.shell, &mut self.write, found.row.job, why, now).await?;
        }
        if end.state != PlanState::Executed && end.state != PlanState::Replaced {
            let mut data = plan_payload(self.id, &found.row, found.key);
            add(&mut data, "state", json!(end.state));
            add(&mut data, "cause", json!(end.why));
            self.event("user.status_unscheduled", &found.row, data);
        }
        Ok(Some(found))
    }

    /// A line of the history and the event; who wanted the change. A suspension
    /// that takes the place of a leave is a line without an event: nobody sees
    /// another status, and the leave's own event tells of it.
    fn change(&mut self, user: &User, change: &Move, source: &Source<'_>) -> Author {
        let by = source.by.unwrap_or(self.by).clone();
        let row = StatusChange {
            from: Some(change.from),
            to: change.to,
            reason: change.reason.clone(),
            plan: source.plan,
            leave: source.leave,
            by: Some(by.clone()),
            noted_at: self.shell.now(),
        };
        self.write.insert::<StatusHistory>(&(self.id, change.at, change.number), &row);
        if source.job.is_some() {
            let whom = (self.id, user);
            audit::carried_out(self.shell, &mut self.write, (&by, self.by), whom, change);
        }
        if change.from == change.to {
            return by;
        }
        let data = json!({
            "user_id": self.id, "tenant_id": user.tenant,
            "old_status": change.from, "new_status": change.to, "reason": change.reason,
            "changed_at": change.at.to_seconds_string(),
            "plan_id": source.plan, "leave_id": source.leave, "sort": source.sort,
            "job_id": source.job, "executed_by": author(self.by),
        });
        let event = about_user(self.shell, "user.status_changed", user.tenant, self.id, &by, data);
        self.write.event(&event);
        by
    }

    /// A new plan: its row, its job and its event. The user's record shows it
    /// already.
    pub(super) fn plan(&mut self, user: &User, planned: &Planned, replaces: Option<PlanId>) {
        let plan = Plan {
            tenant: user.tenant,
            user: self.id,
            sort: planned.sort,
            to: planned.to,
            at: planned.at,
            reason: planned.reason.clone(),
            state: PlanState::Planned,
            job: planned.job,
            created_at: planned.made_at,
            by: self.by.clone(),
            ended_at: None,
            end_reason: None,
        };
        self.write.insert::<Plans>(&planned.id, &plan);
        let row = jobs::carry_out(planned.id, &plan).build(self.shell.now());
        self.write.enqueue(planned.job, &row);
        let mut data = plan_payload(self.id, &plan, planned.id);
        add(&mut data, "replaces", json!(replaces));
        self.event("user.status_scheduled", &plan, data);
    }

    fn event(&mut self, kind: &str, plan: &Plan, data: Value) {
        let event = about_user(self.shell, kind, plan.tenant, self.id, self.by, data);
        self.write.event(&event);
    }

    /// An event about the user.
    pub(super) fn tell(&mut self, kind: &str, user: &User, data: Value) {
        let event: Event = about_user(self.shell, kind, user.tenant, self.id, self.by, data);
        self.write.event(&event);
    }
}

fn plan_payload(user: UserId, plan: &Plan, id: PlanId) -> Value {
    json!({
        "user_id": user, "tenant_id": plan.tenant, "plan_id": id, "job_id": plan.job,
        "sort": plan.sort, "new_status": plan.to, "at": plan.at.to_seconds_string(),
        "reason": plan.reason,
    })
}

pub(super) fn add(data: &mut Value, name: &str, value: Value) {
    if let Some(members) = data.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// What led to a change, as its own row tells it.
#[derive(Default)]
struct Source<'a> {
    plan: Option<PlanId>,
    leave: Option<LeaveId>,
    sort: Option<&'static str>,
    job: Option<JobId>,
    by: Option<&'a Author>,
}

impl<'a> Source<'a> {
    fn of_plan(plan: Option<&'a Stored<Plans>>) -> Self {
        Self {
            plan: plan.map(|plan| plan.key),
            sort: plan.map(|plan| plan.row.sort.word()),
            job: plan.map(|plan| plan.row.job),
            by: plan.map(|plan| &plan.row.by),
            leave: None,
        }
    }

    fn of_leave(known: &'a [Known], id: LeaveId, began: bool) -> Self {
        let Some(leave) = known.iter().find(|leave| leave.id == id) else {
            return Self::default();
        };
        let ended_by = leave.ended_by.as_ref().filter(|_| !began);
        Self {
            leave: Some(id),
            sort: Some("leave"),
            job: if began { leave.begin_job } else { leave.end_job },
            by: Some(ended_by.unwrap_or(&leave.planned_by)),
            plan: None,
        }
    }
}

/// A change of status, for the log, once it is committed.
#[derive(Debug, Clone)]
pub(super) struct Told {
    change: Move,
    wanted_by: Author,
}

impl Told {
    /// Writes the line.
    pub(super) fn log(&self, user: UserId, row: &User) {
        let (from, to) = (self.change.from.word(), self.change.to.word());
        let by = &self.wanted_by;
        match &self.change.cause {
            Cause::Plan(plan) if plan.sort == PlanSort::Ban => tracing::info!(
                %user, planned_by = %by, tenant_id = %row.tenant, plan_id = %plan.id,
                planned_at = %plan.at, "ban executed"),
            Cause::Plan(plan) => tracing::info!(
                %user, planned_by = %by, tenant_id = %row.tenant, plan_id = %plan.id,
                planned_at = %plan.at, from, to, "status change executed"),
            Cause::LeaveBegan(leave) => tracing::info!(
                %user, planned_by = %by, tenant_id = %row.tenant, leave_id = %leave.id,
                "leave began"),
            Cause::LeaveOver(leave) => tracing::info!(
                %user, by = %by, tenant_id = %row.tenant, leave_id = %leave.id, "leave over"),
            Cause::Hand => tracing::info!(
                %user, by = %by, tenant_id = %row.tenant, from, to, "status changed"),
        }
    }
}
