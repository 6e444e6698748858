//! The users concern through its doors, on a store in memory and a clock moved
//! by hand.

mod leaves;
mod lists;
mod plans;
mod races;
mod records;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::{Event, Events};
use zelador_store::id::{JobId, TenantId, UserId};
use zelador_store::job::{Job, JobState, Jobs};
use zelador_store::plan::{Plan, PlanSort};
use zelador_store::user::{Status, StatusChange, StatusHistory};
use zelador_store::{Query, Timestamp};

use super::desk::UserDesk;
use super::jobs::{CarryOut, SCHEDULED_BAN, STATUS_CHANGE};
use super::messages::{Command, Register, UserRecord, What};
use super::queries;
use super::rules::UserDraft;
use super::rules::guards::Standing;
use super::settings::UserSettings;
use crate::engine::jobs::{Handler, Handlers, JobDesk, JobSettings};
use crate::engine::settings::{default_kinds, default_queues};
use crate::error::Error;
use crate::tenants::{self, TenantDesk, TenantDraft, jobs::PURGE, jobs::Purge};
use crate::testkit::{World, eventually};

pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) users: UserDesk,
    pub(crate) jobs: JobDesk,
    settings: watch::Sender<Arc<UserSettings>>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let world = World::new();
        let (settings, receiver) = watch::channel(Arc::default());
        let users = UserDesk::new(world.shell.clone(), receiver);
        let mut handlers: Handlers = HashMap::new();
        let carry_out: Arc<dyn Handler> = Arc::new(CarryOut::default());
        handlers.insert(SCHEDULED_BAN, carry_out.clone());
        handlers.insert(STATUS_CHANGE, carry_out);
        handlers.insert(PURGE, Arc::new(Purge));
        let known = JobSettings { queues: default_queues(), kinds: default_kinds() };
        let (_, receiver) = watch::channel(Arc::new(known));
        let jobs = JobDesk::new(world.shell.clone(), handlers, receiver);
        Self { world, users, jobs, settings }
    }

    pub(crate) fn work(&self) {
        let desk = self.jobs.clone();
        tokio::spawn(async move { desk.work().await.unwrap() });
    }

    pub(crate) async fn tenant(&self, domain: &str) -> TenantId {
        let draft = tenant_draft(domain);
        let command = tenants::Register { draft, by: operator(), keep: None };
        TenantDesk::new(self.world.shell.clone()).register(command).await.unwrap().id
    }

    pub(crate) async fn user(&self, tenant: TenantId, name: &str) -> UserId {
        let email = Some(format!("{}@example.com", name.to_lowercase().replace(' ', ".")));
        let draft = UserDraft { name: name.into(), email, ..UserDraft::default() };
        self.register(tenant, draft).await.unwrap().id
    }

    async fn register(&self, tenant: TenantId, draft: UserDraft) -> Result<UserRecord, Error> {
        let status = Status::Active;
        self.users
            .register(Register {
                tenant,
                draft,
                status,
                credential: None,
                standing: Standing::Above,
                by: operator(),
                keep: None,
            })
            .await
    }

    /// A command of the operator's.
    pub(crate) async fn tell(&self, id: UserId, what: What) -> Result<UserRecord, Error> {
        self.users.execute(command(id, what)).await
    }

    async fn ban(&self, id: UserId, date: &str) -> Result<UserRecord, Error> {
        let date = date.parse().unwrap();
        self.tell(id, What::PlanBan { date, reason: Some("spam".into()) }).await
    }

    async fn change(&self, id: UserId, to: Status, at: &str) -> Result<UserRecord, Error> {
        let at = at.parse().unwrap();
        self.tell(id, What::PlanChange { to, at, reason: None }).await
    }

    async fn set(&self, id: UserId, to: Status) -> UserRecord {
        self.tell(id, What::SetStatus { to, reason: None }).await.unwrap()
    }

    async fn get(&self, id: UserId) -> UserRecord {
        queries::get(&self.world.shell, id, None).await.unwrap()
    }

    async fn plans(&self, id: UserId) -> Vec<Plan> {
        queries::plans(&self.world.shell, id, 100).await.unwrap()
    }

    async fn history(&self, id: UserId) -> Vec<(Timestamp, StatusChange)> {
        let page = self.world.shell.store.page::<StatusHistory>(&Query::under(&(id,))).await;
        page.unwrap().rows.into_iter().map(|row| (row.key.1, row.row)).collect()
    }

    pub(crate) async fn events(&self, kind: &str) -> Vec<(Event, Value)> {
        let page = self.world.shell.store.page::<Events>(&Query::all().limit(1000)).await.unwrap();
        let of_kind = page.rows.into_iter().map(|row| row.row).filter(|event| event.kind == kind);
        of_kind.map(|event| (event.clone(), serde_json::from_str(&event.data).unwrap())).collect()
    }

    async fn job(&self, id: JobId) -> Job {
        self.world.shell.store.get::<Jobs>(&id).await.unwrap().unwrap().row
    }

    pub(crate) async fn ended(&self, id: JobId) -> Job {
        eventually("the job comes to its end", async || {
            Some(self.job(id).await).filter(|job| !job.state.is_live())
        })
        .await
    }

    async fn job_of(&self, user: UserId, sort: PlanSort) -> JobId {
        let plans = self.plans(user).await;
        plans.iter().rev().find(|plan| plan.sort == sort).unwrap().job
    }

    /// Fails unless every row agrees with every other.
    #[track_caller]
    pub(crate) fn assert_sound(&self) {
        let found = zelador_store::soundness::check(self.world.memory.as_ref()).unwrap();
        assert!(found.is_empty(), "{found:?}");
    }

    pub(crate) fn to(&self, at: &str) {
        self.world.hand.set(at.parse().unwrap());
    }
}

pub(crate) fn operator() -> Author {
    Author { request: Some("req-1".into()), ..Author::new(AuthorKind::Operator, "op") }
}

pub(crate) fn tenant_draft(domain: &str) -> TenantDraft {
    TenantDraft {
        name: domain.into(),
        domain: domain.into(),
        logo_url: None,
        theme_primary_color: None,
        plan: zelador_store::tenant::ServicePlan::Basico,
        locale: None,
        is_active: true,
        settings: zelador_store::tenant::Settings::default(),
    }
}

pub(crate) fn command(id: UserId, what: What) -> Command {
    Command {
        id,
        within: None,
        if_version: None,
        what,
        credential: None,
        standing: Standing::Above,
        by: operator(),
        keep: None,
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> crate::error::Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn states(job: &Job) -> (JobState, Option<&str>) {
    (job.state, job.error.as_deref())
}
