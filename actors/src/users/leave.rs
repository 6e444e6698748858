//! Leaves, between their rules and their rows.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use zelador_store::author::Author;
use zelador_store::id::{JobId, LeaveId, UserId};
use zelador_store::leave::{Leave, LeaveState, Leaves, OpenLeave};
use zelador_store::tenant::Tenant;
use zelador_store::{Error as StoreError, Stored, Timestamp};

use super::jobs;
use super::rules::LeaveStep;
use super::rules::turn::{Turn, USER_DELETED};
use super::stage::{Stage, add};
use crate::engine::Shell;
use crate::engine::jobs::call_off;
use crate::error::{During, Error, Refusal};
use crate::facts::about_user;
use crate::moment::{self, Spoken};

/// A leave of these local days, from the first valid instant of the first to that
/// of the second; one that begins today begins now.
pub(super) fn planned(
    id: LeaveId,
    (date_in, date_out): (Date, Date),
    reason: Option<String>,
    tenant: &Tenant,
    now: Timestamp,
) -> Result<OpenLeave, Refusal> {
    let zone = moment::zone(&tenant.settings.timezone).map_or(TimeZone::UTC, |(zone, _)| zone);
    let first = |field: &str, day| {
        let first = Spoken::Day(day).resolve(&zone);
        first.map_err(|_| Refusal::field(field, "nonexistent_local_time"))
    };
    let (begins, ends) = (first("date_in", date_in)?, first("date_out", date_out)?);
    if date_in < zone.to_datetime(now.to_jiff()).date() {
        return Err(Refusal::field("date_in", "in_the_past"));
    }
    if date_out <= date_in || ends <= now {
        return Err(Refusal::field("date_out", "not_after_start"));
    }
    let begins = begins.max(now);
    Ok(OpenLeave { id, date_in, date_out, begins, ends, reason, made_at: now, begun: false })
}

/// A leave of this user.
pub(super) async fn of(shell: &Shell, user: UserId, id: LeaveId) -> Result<Stored<Leaves>, Error> {
    let found = shell.store.get::<Leaves>(&id).await.during("reading a leave")?;
    let found = found.filter(|found| found.row.user == user);
    found.ok_or_else(|| Refusal::Absent { what: "leave" }.into())
}

/// What is known of a leave that led to a change of status.
pub(super) struct Known {
    pub(super) id: LeaveId,
    /// The job of its beginning; `None`: it began when it was planned.
    pub(super) begin_job: Option<JobId>,
    /// The job of its end; `None`: it was called off.
    pub(super) end_job: Option<JobId>,
    /// Who planned it.
    pub(super) planned_by: Author,
    /// Who called it off, if somebody did.
    pub(super) ended_by: Option<Author>,
}

impl Stage<'_> {
    /// The rows of leaves that began or ended, and of a new one, with their jobs
    /// and events.
    pub(super) async fn leaves(
        &mut self,
        turn: &Turn,
        new: Option<&OpenLeave>,
    ) -> Result<Vec<Known>, StoreError> {
        let mut known = Vec::new();
        if let Some(leave) = new {
            known.push(self.new_leave(leave, turn));
        }
        for step in &turn.leaves {
            let last = turn.step_of(step.leave.id) == Some(step);
            if last && new.is_none_or(|new| new.id != step.leave.id) {
                known.extend(self.old_leave(step).await?);
            }
        }
        Ok(known)
    }

    /// A new leave: its row, its jobs and its event.
    fn new_leave(&mut self, leave: &OpenLeave, turn: &Turn) -> Known {
        let state = turn.step_of(leave.id).map_or(LeaveState::Planned, |step| step.state);
        let begin_job = (state == LeaveState::Planned).then(|| self.shell.id());
        let row = Leave {
            tenant: turn.user.tenant,
            user: self.id,
            date_in: leave.date_in,
            date_out: leave.date_out,
            begins: leave.begins,
            ends: leave.ends,
            reason: leave.reason.clone(),
            state,
            begin_job,
            end_job: self.shell.id(),
            created_at: leave.made_at,
            by: self.by.clone(),
            ended_at: None,
            end_reason: None,
        };
        self.write.insert::<Leaves>(&leave.id, &row);
        for job in row.jobs() {
            let draft = jobs::of_leave(leave.id, &row, Some(job) == row.begin_job);
            self.write.enqueue(job, &draft.build(self.shell.now()));
        }
        let data = payload(self.id, &row, leave.id);
        self.tell_of_leave("user.status_scheduled", &row, data);
        let (end_job, planned_by) = (Some(row.end_job), row.by);
        Known { id: leave.id, begin_job, end_job, planned_by, ended_by: None }
    }

    /// What became of a leave that was there.
    async fn old_leave(&mut self, step: &LeaveStep) -> Result<Option<Known>, StoreError> {
        let Some(found) = self.shell.store.get::<Leaves>(&step.leave.id).await? else {
            return Ok(None);
        };
        let now = self.shell.now();
        let row = Leave {
            state: step.state,
            ended_at: (!step.state.is_open()).then_some(now),
            end_reason: step.why.map(str::to_owned),
            ..found.row.clone()
        };
        self.write.update::<Leaves>(&found, &row);
        if let Some(why) = step.why {
            self.call_off_jobs(&found.row, why).await?;
            let mut data = payload(self.id, &row, found.key);
            add(&mut data, "state", json!(step.state));
            add(&mut data, "cause", json!(why));
            self.tell_of_leave("user.status_unscheduled", &found.row, data);
        }
        let cancelled = step.state == LeaveState::Cancelled;
        Ok(Some(Known {
            id: found.key,
            begin_job: row.begin_job,
            end_job: (!cancelled).then_some(row.end_job),
            planned_by: row.by,
            ended_by: cancelled.then(|| self.by.clone()),
        }))
    }

    /// Jobs of a deleted user find nothing to do, and say so.
    async fn call_off_jobs(&mut self, leave: &Leave, why: &'static str) -> Result<(), StoreError> {
        if why == USER_DELETED {
            return Ok(());
        }
        for job in leave.jobs().filter(|job| self.beside != Some(*job)) {
            call_off(self.shell, &mut self.write, job, why, self.shell.now()).await?;
        }
        Ok(())
    }

    fn tell_of_leave(&mut self, kind: &str, leave: &Leave, data: Value) {
        let event = about_user(self.shell, kind, leave.tenant, self.id, self.by, data);
        self.write.event(&event);
    }
}

fn payload(user: UserId, leave: &Leave, id: LeaveId) -> Value {
    json!({
        "user_id": user, "tenant_id": leave.tenant, "leave_id": id, "sort": "leave",
        "new_status": "SUSPENDED", "at": leave.begins.to_seconds_string(),
        "until": leave.ends.to_seconds_string(), "date_in": leave.date_in,
        "date_out": leave.date_out, "reason": leave.reason,
    })
}
