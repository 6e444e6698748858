//! `user.scheduled_ban` and `user.status_change`: what a plan brought about is
//! made permanent.
//!
//! A job brings its user up to date, which is the same as what every reader has
//! computed since the plan fell due. Running late, twice, or beside another job
//! of the same user does no harm: the plan's state, guarded by the user's row,
//! says whether anything is left to do.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use zelador_store::Write;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{JobId, PlanId, UserId};
use zelador_store::job::Job;
use zelador_store::plan::{Plan, PlanSort, PlanState, Plans};
use zelador_store::user::Users;

use super::rules::Turn;
use super::stage::Stage;
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};
use crate::error::{During, Error};

/// The kind of job that carries out a scheduled ban.
pub const SCHEDULED_BAN: &str = "user.scheduled_ban";
/// The kind of job that carries out any other scheduled change.
pub const STATUS_CHANGE: &str = "user.status_change";

#[derive(Debug, Serialize, Deserialize)]
struct Args {
    user_id: UserId,
    plan_id: PlanId,
    /// For those who read the job; the plan's row decides.
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
        plan_id: id,
        status: plan.to.word().to_owned(),
        reason: plan.reason.clone(),
    };
    NewJob::new(kind, &args).at(plan.at).unique(format!("plan:{id}")).about(plan.tenant, plan.user)
}

/// Does the work of both kinds.
#[derive(Debug, Default)]
pub struct CarryOut;

#[async_trait]
impl Handler for CarryOut {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Args { user_id: user, plan_id, .. } = cx.args()?;
        let Some(plan) = cx.shell.store.get::<Plans>(&plan_id).await? else {
            return Ok(nothing(&cx, "the plan is gone"));
        };
        if plan.row.state != PlanState::Planned {
            return Ok(nothing(&cx, ended(&plan.row)));
        }
        let now = cx.shell.now();
        if plan.row.at > now {
            // Run early by an operator, or the wall clock went back.
            let reason = "its time has not come".to_owned();
            return Err(Failure::Snooze { until: Some(plan.row.at), reason });
        }
        let found = cx.shell.store.get::<Users>(&user).await?;
        let Some(found) = found.filter(|found| found.row.is_live()) else {
            return Ok(nothing(&cx, "the user is gone"));
        };
        let turn = Turn::open(&found.row, now);
        let by = Author::new(AuthorKind::Job, cx.id.to_string());
        let mut stage = Stage::new(&cx.shell, user, &by);
        let told = stage.turn(&found, &turn).await?;
        for told in &told {
            told.log(user, &turn.user);
        }
        if let Some(why) = turn.end_of(plan_id).and_then(|ended| ended.why) {
            note(&cx, why);
        }
        Ok(stage.write)
    }

    /// A plan without a job would be in force in its time and never be made
    /// permanent: whoever calls the job off calls the plan off. What is in force
    /// already is made permanent instead.
    async fn called_off(&self, shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
        let Ok(args) = serde_json::from_str::<Args>(&job.args) else { return Ok(Write::new()) };
        let doing = "calling a plan off with its job";
        let plan = shell.store.get::<Plans>(&args.plan_id).await.during(doing)?;
        let found = shell.store.get::<Users>(&args.user_id).await.during(doing)?;
        let (Some(plan), Some(found)) = (plan, found.filter(|found| found.row.is_live())) else {
            return Ok(Write::new());
        };
        if plan.row.state != PlanState::Planned || plan.row.job != id {
            return Ok(Write::new());
        }
        let mut turn = Turn::open(&found.row, shell.now());
        if turn.end_of(plan.key).is_none() {
            turn.call_off(plan.row.sort)?;
        }
        let by = Author::new(AuthorKind::Job, id.to_string());
        let mut stage = Stage::new(shell, args.user_id, &by).beside(id);
        for told in stage.turn(&found, &turn).await.during(doing)? {
            told.log(args.user_id, &turn.user);
        }
        tracing::info!(user = %args.user_id, plan_id = %plan.key, "plan called off with its job");
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

fn ended(plan: &Plan) -> &str {
    plan.end_reason.as_deref().unwrap_or("it was carried out already")
}
