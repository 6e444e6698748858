//! `user.scheduled_ban` and `user.status_change`: what a plan or a leave brought
//! about is made permanent.
//!
//! A job brings its user up to date, which is the same as what every reader has
//! computed since the plan fell due. Running late, twice, or beside another job
//! of the same user does no harm: the plan's state, guarded by the user's row,
//! says whether anything is left to do.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{JobId, LeaveId, PlanId, UserId};
use zelador_store::job::Job;
use zelador_store::leave::{Leave, Leaves};
use zelador_store::plan::{Plan, PlanSort, PlanState, Plans};
use zelador_store::user::{Status, Users};
use zelador_store::{Error as StoreError, Stored, Timestamp, Write};

use super::lifecycle::Lifecycle;
use super::rules::Turn;
use super::stage::Stage;
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};
use crate::error::{During, Error, Refusal};

/// The kind of job that carries out a scheduled ban.
pub const SCHEDULED_BAN: &str = "user.scheduled_ban";
/// The kind of job that carries out any other scheduled change, and the
/// beginning and the end of a leave.
pub const STATUS_CHANGE: &str = "user.status_change";

#[derive(Debug, Serialize, Deserialize)]
struct Args {
    user_id: UserId,
    /// The plan, if it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan_id: Option<PlanId>,
    /// The leave, if it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leave_id: Option<LeaveId>,
    /// For those who read the job; the row of the plan or leave decides.
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

/// The job of a plan.
pub(crate) fn carry_out(id: PlanId, plan: &Plan) -> NewJob {
    let kind = match plan.sort {
        PlanSort::Ban => SCHEDULED_BAN,
        PlanSort::Change => STATUS_CHANGE,
    };
    let args = Args {
        user_id: plan.user,
        plan_id: Some(id),
        leave_id: None,
        status: plan.to.word().to_owned(),
        reason: plan.reason.clone(),
    };
    NewJob::new(kind, &args).at(plan.at).unique(format!("plan:{id}")).about(plan.tenant, plan.user)
}

/// The job of a leave's beginning, or of its end.
pub(crate) fn of_leave(id: LeaveId, leave: &Leave, begins: bool) -> NewJob {
    let (to, at, edge) = if begins {
        (Status::Suspended, leave.begins, "begin")
    } else {
        (Status::Active, leave.ends, "end")
    };
    let args = Args {
        user_id: leave.user,
        plan_id: None,
        leave_id: Some(id),
        status: to.word().to_owned(),
        reason: leave.reason.clone(),
    };
    NewJob::new(STATUS_CHANGE, &args)
        .at(at)
        .unique(format!("leave:{id}:{edge}"))
        .about(leave.tenant, leave.user)
}

/// What a job is of: a plan, or one end of a leave.
enum Errand {
    Plan(Stored<Plans>),
    Leave(Stored<Leaves>),
}

impl Errand {
    async fn of(shell: &Shell, args: &Args) -> Result<Option<Self>, StoreError> {
        if let Some(id) = &args.plan_id {
            return Ok(shell.store.get::<Plans>(id).await?.map(Self::Plan));
        }
        let Some(id) = &args.leave_id else { return Ok(None) };
        Ok(shell.store.get::<Leaves>(id).await?.map(Self::Leave))
    }

    /// Why nothing is left to do, if so.
    fn over(&self, job: JobId) -> Option<&str> {
        let (open, why) = match self {
            Self::Plan(plan) => (plan.row.state == PlanState::Planned, &plan.row.end_reason),
            Self::Leave(leave) => {
                let began = leave.row.begin_job == Some(job) && leave.row.open(leave.key).begun;
                (leave.row.state.is_open() && !began, &leave.row.end_reason)
            }
        };
        (!open).then(|| why.as_deref().unwrap_or("it was carried out already"))
    }

    /// When it is due.
    fn at(&self, job: JobId) -> Timestamp {
        match self {
            Self::Plan(plan) => plan.row.at,
            Self::Leave(leave) if leave.row.end_job == job => leave.row.ends,
            Self::Leave(leave) => leave.row.begins,
        }
    }

    /// Why a turn brought it to nothing, if it did.
    fn nothing_in(&self, turn: &Turn) -> Option<&'static str> {
        match self {
            Self::Plan(plan) => turn.end_of(plan.key)?.why,
            Self::Leave(leave) => turn.step_of(leave.key)?.why,
        }
    }

    /// Whether this job is still one of its own.
    fn owns(&self, job: JobId) -> bool {
        match self {
            Self::Plan(plan) => plan.row.job == job,
            Self::Leave(leave) => leave.row.jobs().any(|own| own == job),
        }
    }

    /// Calls it off, unless the turn brought it to its end.
    fn call_off(&self, turn: &mut Turn) -> Result<(), Refusal> {
        match self {
            Self::Plan(plan) if turn.end_of(plan.key).is_none() => turn.call_off(plan.row.sort),
            Self::Leave(leave) if turn.user.leaves.iter().any(|open| open.id == leave.key) => {
                turn.call_off_leave(leave.key)
            }
            _ => Ok(()),
        }
    }
}

/// Does the work of both kinds.
#[derive(Default)]
pub struct CarryOut(Lifecycle);

impl CarryOut {
    /// With what follows from a change of status.
    pub fn new(lifecycle: Lifecycle) -> Self {
        Self(lifecycle)
    }
}

#[async_trait]
impl Handler for CarryOut {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let args: Args = cx.args()?;
        let user = args.user_id;
        let Some(errand) = Errand::of(&cx.shell, &args).await? else {
            return Ok(nothing(&cx, "the plan is gone"));
        };
        if let Some(why) = errand.over(cx.id) {
            return Ok(nothing(&cx, why));
        }
        let (now, at) = (cx.shell.now(), errand.at(cx.id));
        if at > now {
            // Run early by an operator, or the wall clock went back.
            let reason = "its time has not come".to_owned();
            return Err(Failure::Snooze { until: Some(at), reason });
        }
        let found = cx.shell.store.get::<Users>(&user).await?;
        let Some(found) = found.filter(|found| found.row.is_live()) else {
            return Ok(nothing(&cx, "the user is gone"));
        };
        let turn = Turn::open(&found.row, now);
        let by = Author::new(AuthorKind::Job, cx.id.to_string());
        let mut stage = Stage::new(&cx.shell, &self.0, user, &by);
        let told = stage.turn(&found, &turn, None).await?;
        for told in &told {
            told.log(user, &turn.user);
        }
        if let Some(why) = errand.nothing_in(&turn) {
            note(&cx, why);
        }
        Ok(stage.write)
    }

    /// A plan, or a leave, without a job would be in force in its time and never
    /// be made permanent: whoever calls the job off calls the plan off. What is in force
    /// already is made permanent instead.
    async fn called_off(&self, shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
        let Ok(args) = serde_json::from_str::<Args>(&job.args) else { return Ok(Write::new()) };
        let doing = "calling a plan off with its job";
        let errand = Errand::of(shell, &args).await.during(doing)?;
        let found = shell.store.get::<Users>(&args.user_id).await.during(doing)?;
        let (Some(errand), Some(found)) = (errand, found.filter(|found| found.row.is_live()))
        else {
            return Ok(Write::new());
        };
        if errand.over(id).is_some() || !errand.owns(id) {
            return Ok(Write::new());
        }
        let mut turn = Turn::open(&found.row, shell.now());
        errand.call_off(&mut turn)?;
        let by = Author::new(AuthorKind::Job, id.to_string());
        let mut stage = Stage::new(shell, &self.0, args.user_id, &by).beside(id);
        for told in stage.turn(&found, &turn, None).await.during(doing)? {
            told.log(args.user_id, &turn.user);
        }
        tracing::info!(user = %args.user_id, job = %id, "plan called off with its job");
        Ok(stage.write)
    }
}

/// Nothing is left to do; the log and the job itself say why.
fn nothing(cx: &JobCx, why: &str) -> Write {
    note(cx, why);
    Write::new()
}

fn note(cx: &JobCx, why: &str) {
    tracing::info!(user = cx.job.user.map(tracing::field::display), why, "plan came to nothing");
    cx.progress(1, 1, format!("nothing to do: {why}"));
}
