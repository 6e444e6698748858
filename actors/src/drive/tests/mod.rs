//! Folders through their desk, on a store in memory, against a Drive of a few lines.
//! The same over HTTP is in `src/sandbox/drive` and `tests/it/drive`.

mod files;
mod folders;
mod push;
mod toy;
mod vm;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Events;
use zelador_store::id::UserId;
use zelador_store::user::{Status, StatusChange, StatusHistory, User, Users};
use zelador_store::{Query, Write};

use self::toy::Toy;
use super::jobs::{RESTORE, WITHDRAW, handlers};
use super::settings::DriveSettings;
use super::{DriveDesk, FolderView, Left, queries};
use crate::engine::jobs::{Handlers, JobDesk, JobSettings, NewJob};
use crate::engine::settings::{default_kinds, default_queues};
use crate::testkit::{World, eventually, person};

struct Bench {
    world: Arc<World>,
    toy: Toy,
    desk: DriveDesk,
    jobs: JobDesk,
    dir: tempfile::TempDir,
    settings: watch::Sender<Arc<DriveSettings>>,
    left: Left,
    work: JoinHandle<()>,
    _job_settings: watch::Sender<Arc<JobSettings>>,
}

fn operator() -> Author {
    Author::new(AuthorKind::Operator, "test")
}

impl Bench {
    fn new() -> Self {
        let (world, toy) = (Arc::new(World::new()), Toy::default());
        let dir = tempfile::tempdir().unwrap();
        let settings = DriveSettings { root: dir.path().into(), ..DriveSettings::default() };
        let settings = watch::channel(Arc::new(settings)).0;
        let left = Left::default();
        let made = handlers(settings.subscribe(), Arc::new(toy.clone()), left.clone());
        let handlers: Handlers = made.into_iter().collect::<HashMap<_, _>>();
        let job_settings = JobSettings { queues: default_queues(), kinds: default_kinds() };
        let (sender, receiver) = watch::channel(Arc::new(job_settings));
        let jobs = JobDesk::new(world.shell.clone(), handlers, receiver);
        let desk = DriveDesk::new(world.shell.clone(), settings.subscribe());
        let worker = jobs.clone();
        let work = tokio::spawn(async move { worker.work().await.unwrap() });
        Self { world, toy, desk, jobs, dir, settings, left, work, _job_settings: sender }
    }

    async fn user(&self, email: Option<&str>) -> UserId {
        let (id, tenant): (UserId, _) = (self.world.shell.id(), self.world.shell.id());
        let now = self.world.shell.now();
        let email = email.map(str::to_owned);
        let user = User { email, ..person(tenant, "Ana / Souza", now) };
        let mut write = Write::new();
        write.insert::<Users>(&id, &user);
        let first = StatusChange {
            from: None,
            to: Status::Active,
            reason: None,
            plan: None,
            leave: None,
            by: None,
            noted_at: now,
        };
        write.insert::<StatusHistory>(&(id, now, 0), &first);
        self.world.shell.store.commit(write).await.unwrap();
        id
    }

    /// Changes what is known of somebody.
    async fn change(&self, user: UserId, change: impl FnOnce(&mut User)) {
        let store = &self.world.shell.store;
        let found = store.get::<Users>(&user).await.unwrap().unwrap();
        let mut next = found.row.clone();
        change(&mut next);
        let mut write = Write::new();
        write.update::<Users>(&found, &next);
        store.commit(write).await.unwrap();
    }

    async fn view(&self, user: UserId) -> FolderView {
        queries::folder(&self.world.shell, user).await.unwrap()
    }

    /// Waits until the folders stand like this; what waits for another try is let go on.
    async fn reaches(&self, user: UserId, status: &str) -> FolderView {
        eventually(status, async || {
            let view = self.view(user).await;
            if view.status() == status {
                return Some(view);
            }
            self.world.hand.advance(Duration::from_secs(60));
            None
        })
        .await
    }

    async fn made(&self, user: UserId) -> FolderView {
        self.desk.create(user, &operator(), None).await.unwrap();
        self.reaches(user, "ready").await
    }

    async fn made_again(&self, user: UserId) -> FolderView {
        self.desk.recreate(user, &operator(), None).await.unwrap();
        self.reaches(user, "ready").await
    }

    /// Does what `[lifecycle]` would have done.
    async fn follows(&self, user: UserId, kind: &str) {
        let args = json!({"user_id": user, "action": "x", "transition": "banned"});
        let job = self.jobs.enqueue(NewJob::new(kind, &args), |_| Write::new()).await.unwrap();
        eventually("the job is done", async || {
            let job =
                self.world.shell.store.get::<zelador_store::job::Jobs>(&job.id).await.unwrap();
            self.world.hand.advance(Duration::from_secs(60));
            (!job?.row.state.is_live()).then_some(())
        })
        .await;
    }

    async fn events(&self, kind: &str) -> usize {
        let page = self.world.shell.store.page::<Events>(&Query::all().limit(10_000)).await;
        page.unwrap().rows.iter().filter(|event| event.row.kind == kind).count()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.work.abort();
    }
}
