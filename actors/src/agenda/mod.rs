//! The agenda: everything that the daemon will do in some time to come.
//!
//! ```text
//!  plans  leaves  jobs by queue  schedules  tokens  sessions  invitations   sources
//!    └──────┴──────────┬──┴────────────┴─────────┴────────┴─────────┘
//!                      ▼  merged by time, a page at a time
//! ```
//! Nothing is computed ahead and nothing is kept: each page reads the indexes that
//! the engine itself works from, and asks the schedules' own rule.
//!
//! Invariants:
//! - What is listed is what the engine would do, were nothing changed before.
//! - A job that carries out a plan is the plan: it is listed once. So is the job of
//!   either end of a leave; a leave that has not begun is listed with both.
//! - A page looks at a bounded number of rows of each source; what it could not
//!   look at comes with the next.

mod merge;
mod scan;
mod sources;

#[cfg(test)]
mod tests;

use zelador_store::id::{JobId, LeaveId, PlanId, TenantId, UserId};
use zelador_store::plan::PlanSort;
use zelador_store::{Cursor, Page, Timestamp};

use crate::engine::Shell;
use crate::engine::jobs::JobDesk;
use crate::engine::schedules::ScheduleDesk;
use crate::error::Error;

/// What sort of thing will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgendaKind {
    /// A planned change of somebody's status.
    Plan(PlanSort),
    /// The beginning or the end of a leave.
    Leave,
    /// A job whose time comes.
    Job,
    /// A schedule that fires.
    Schedule,
    /// A token, a session or an invitation that expires.
    Expiry,
}

/// One thing that will happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaItem {
    /// When.
    pub at: Timestamp,
    /// What sort.
    pub kind: AgendaKind,
    /// The status, the kind of job, or what expires.
    pub what: String,
    /// Whose.
    pub tenant: Option<TenantId>,
    /// Whom it is about.
    pub user: Option<UserId>,
    /// The job that does it.
    pub job: Option<JobId>,
    /// The plan.
    pub plan: Option<PlanId>,
    /// The leave.
    pub leave: Option<LeaveId>,
    /// The name of the schedule.
    pub schedule: Option<String>,
    /// Its place among what happens at the same instant.
    place: merge::Place,
}

/// Which things.
#[derive(Debug, Clone)]
pub struct AgendaQuery {
    /// Not before this instant.
    pub from: Timestamp,
    /// Before this instant.
    pub to: Timestamp,
    /// Only of this tenant.
    pub tenant: Option<TenantId>,
    /// Only about this person.
    pub user: Option<UserId>,
    /// Only of these sorts; empty: of all.
    pub kinds: Vec<AgendaKind>,
    /// Rows wanted.
    pub limit: usize,
    /// Where the last page ended.
    pub after: Option<Cursor>,
}

impl AgendaQuery {
    fn takes(&self, item: &AgendaItem) -> bool {
        self.tenant.is_none_or(|tenant| item.tenant == Some(tenant))
            && self.user.is_none_or(|user| item.user == Some(user))
            && (self.kinds.is_empty() || self.kinds.contains(&item.kind))
    }

    fn wants(&self, kind: impl Fn(AgendaKind) -> bool) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| kind(*wanted))
    }
}

/// A page of what will happen, in the order of time. It may be short, with a
/// cursor to go on from.
pub async fn list(
    shell: &Shell,
    jobs: &JobDesk,
    schedules: &ScheduleDesk,
    query: &AgendaQuery,
) -> Result<Page<AgendaItem>, Error> {
    let window = merge::Window::of(query);
    let mut found = Vec::new();
    if query.wants(|kind| matches!(kind, AgendaKind::Plan(_))) {
        found.push(sources::plans(shell, query, &window).await?);
    }
    if query.wants(|kind| kind == AgendaKind::Leave) {
        found.push(sources::leaves(shell, query, &window).await?);
        found.push(sources::later_ends(shell, query, &window).await?);
    }
    if query.wants(|kind| kind == AgendaKind::Job) {
        for queue in jobs.queue_names().await? {
            found.push(sources::jobs(shell, query, &window, &queue).await?);
        }
    }
    // Schedules are nobody's.
    if query.wants(|kind| kind == AgendaKind::Schedule)
        && query.tenant.is_none()
        && query.user.is_none()
    {
        for view in schedules.list().await? {
            found.extend(sources::schedule(&window, &view));
        }
    }
    if query.wants(|kind| kind == AgendaKind::Expiry) {
        found.push(sources::tokens(shell, query, &window).await?);
        found.push(sources::sessions(shell, query, &window).await?);
        found.push(sources::invitations(shell, query, &window).await?);
    }
    Ok(merge::merge(found, query.limit))
}
