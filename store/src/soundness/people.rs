//! Users, the history of their status, their plans and their leaves: each tells
//! the same story.

use std::collections::{BTreeMap, BTreeSet};

use super::read;
use crate::id::{JobId, LeaveId, PlanId, TenantId, UserId};
use crate::job::Jobs;
use crate::kv::keeping::Finding;
use crate::kv::{Key, Table};
use crate::leave::{Leave, Leaves, OpenLeave};
use crate::plan::{Plan, PlanState, Plans};
use crate::tenant::Tenants;
use crate::time::Timestamp;
use crate::user::{Planned, Status, StatusHistory, User, Users};

/// What was met on the walk. Rows that cannot be read are the general check's
/// to name.
#[derive(Default)]
pub(super) struct Known {
    /// Whether each tenant is alive: of one that is not, rows are being removed.
    tenants: BTreeMap<TenantId, bool>,
    jobs: BTreeSet<JobId>,
    users: BTreeMap<UserId, Told>,
    /// Rows of a user's history, and the last of them.
    history: BTreeMap<UserId, (u32, Timestamp, Status)>,
    /// Plans whose end has not come, as their own rows tell it.
    plans: BTreeMap<PlanId, (TenantId, UserId, Planned)>,
    /// Leaves that are open, as their own rows tell it.
    leaves: BTreeMap<LeaveId, Leave>,
    wrong: Vec<Finding>,
}

/// What a user's row tells.
struct Told {
    tenant: TenantId,
    status: Status,
    since: Timestamp,
    changes: u32,
    planned: Vec<Planned>,
    leaves: Vec<OpenLeave>,
}

impl Known {
    pub(super) fn look(&mut self, key: &[u8], value: &[u8]) {
        let Some((tag, rest)) = key.split_first_chunk() else { return };
        match u16::from_be_bytes(*tag) {
            Tenants::TAG => {
                if let Some((id, row)) = read::<Tenants>(rest, value) {
                    self.tenants.insert(id, row.is_live());
                }
            }
            Jobs::TAG => self.jobs.extend(JobId::from_bytes(rest)),
            Users::TAG => {
                if let Some((id, user)) = read::<Users>(rest, value) {
                    self.user(id, user);
                }
            }
            StatusHistory::TAG => self.change(rest, value),
            Plans::TAG => {
                if let Some((id, plan)) = read::<Plans>(rest, value) {
                    self.plan(id, plan);
                }
            }
            Leaves::TAG => {
                if let Some((id, row)) = read::<Leaves>(rest, value) {
                    self.leave(id, row);
                }
            }
            _ => {}
        }
    }

    fn user(&mut self, id: UserId, user: User) {
        let sorts: BTreeSet<_> = user.planned.iter().map(|plan| plan.sort.word()).collect();
        if sorts.len() != user.planned.len() {
            self.note(Users::NAME, format!("{id} has two plans of one sort"));
        }
        let plans = !user.planned.is_empty() || !user.leaves.is_empty();
        if !user.is_live() && plans {
            self.note(Users::NAME, format!("{id} is deleted and has plans"));
        }
        if user.status != Status::Suspended && user.leaves.iter().any(|leave| leave.begun) {
            self.note(Users::NAME, format!("{id} is on leave and not suspended"));
        }
        let told = Told {
            tenant: user.tenant,
            status: user.status,
            since: user.status_since,
            changes: user.status_changes,
            planned: user.planned,
            leaves: user.leaves,
        };
        self.users.insert(id, told);
    }

    /// Keys come in order, so the last one met is the last one.
    fn change(&mut self, key: &[u8], value: &[u8]) {
        let Some(((user, at, number), change)) = read::<StatusHistory>(key, value) else { return };
        let seen = self.history.entry(user).or_insert((0, at, change.to));
        let wanted = seen.0;
        *seen = (wanted + 1, at, change.to);
        if number != wanted {
            let problem = format!("{user} has number {number} where {wanted} should be");
            self.note(StatusHistory::NAME, problem);
        }
    }

    fn plan(&mut self, id: PlanId, plan: Plan) {
        if plan.ended_at.is_some() == (plan.state == PlanState::Planned) {
            let problem = format!("{id} is {} but its end says otherwise", plan.state.word());
            self.note(Plans::NAME, problem);
        }
        if plan.state == PlanState::Planned {
            let Plan { tenant, user, sort, to, at, reason, created_at: made_at, job, .. } = plan;
            self.plans
                .insert(id, (tenant, user, Planned { id, sort, to, at, reason, made_at, job }));
        }
    }

    fn leave(&mut self, id: LeaveId, leave: Leave) {
        if leave.ended_at.is_some() == leave.state.is_open() {
            let problem = format!("{id} is {} but its end says otherwise", leave.state.word());
            self.note(Leaves::NAME, problem);
        }
        if leave.begins >= leave.ends {
            self.note(Leaves::NAME, format!("{id} ends before it begins"));
        }
        if leave.state.is_open() {
            self.leaves.insert(id, leave);
        }
    }

    fn note(&mut self, place: &str, problem: String) {
        self.wrong.push(Finding::new(place, problem));
    }

    pub(super) fn compare(mut self, findings: &mut Vec<Finding>) {
        let mut wrong = std::mem::take(&mut self.wrong);
        let mut note = |place: &str, problem: String| wrong.push(Finding::new(place, problem));
        for (id, user) in &self.users {
            match self.tenants.get(&user.tenant) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    note(Users::NAME, format!("{id} belongs to {}, which is gone", user.tenant));
                }
            }
            let last = self.history.get(id).copied();
            if last != Some((user.changes, user.since, user.status)) {
                let status = user.status.word();
                note(Users::NAME, format!("{id} is {status}, and its history tells otherwise"));
            }
            for planned in &user.planned {
                if self.plans.get(&planned.id).map(|(.., own)| own) != Some(planned) {
                    note(Users::NAME, format!("{id} shows a plan otherwise than {}", planned.id));
                }
            }
        }
        self.compare_leaves(&mut note);
        for id in self.history.keys().filter(|id| !self.users.contains_key(*id)) {
            note(StatusHistory::NAME, format!("{id} has a history, and is not there"));
        }
        for (id, (tenant, user, planned)) in &self.plans {
            if self.tenants.get(tenant) == Some(&false) {
                continue;
            }
            let shown = self.users.get(user).is_some_and(|user| user.planned.contains(planned));
            if !shown {
                note(Plans::NAME, format!("{id} is planned, and its user does not show it"));
            }
            if !self.jobs.contains(&planned.job) {
                note(Plans::NAME, format!("{id} is planned, and its job is not there"));
            }
        }
        findings.extend(wrong);
    }

    /// What users show of their leaves, and the leaves themselves.
    fn compare_leaves(&self, note: &mut impl FnMut(&str, String)) {
        let lives = |tenant| self.tenants.get(tenant) != Some(&false);
        for (id, user) in self.users.iter().filter(|(_, user)| lives(&user.tenant)) {
            for shown in &user.leaves {
                let own = self.leaves.get(&shown.id).filter(|leave| leave.user == *id);
                if own.map(|leave| leave.open(shown.id)).as_ref() != Some(shown) {
                    note(Users::NAME, format!("{id} shows a leave otherwise than {}", shown.id));
                }
            }
        }
        for (id, leave) in self.leaves.iter().filter(|(_, leave)| lives(&leave.tenant)) {
            let user = self.users.get(&leave.user);
            if !user.is_some_and(|user| user.leaves.iter().any(|shown| shown.id == *id)) {
                note(Leaves::NAME, format!("{id} is open, and its user does not show it"));
            }
            // The job of a beginning that is over may be forgotten.
            let begun = leave.open(*id).begun;
            let wanted = leave.begin_job.filter(|_| !begun).into_iter().chain([leave.end_job]);
            for job in wanted.filter(|job| !self.jobs.contains(job)) {
                note(Leaves::NAME, format!("{id} is open, and its job {job} is not there"));
            }
        }
    }
}
