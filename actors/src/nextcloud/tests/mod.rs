//! The concern through its desk and its jobs, against a server made up in memory.
//! The same over real HTTP and SSH is in `tests/it/nextcloud`.

mod made;
mod switches;
mod ways;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{InstanceId, JobId, TenantId, UserId};
use zelador_store::job::{Job, JobState, Jobs};
use zelador_store::nextcloud::{Account, AccountState, Accounts, Instance, Instances, Occupancy};
use zelador_store::tenant::{ServicePlan, Settings, Tenant, Tenants};
use zelador_store::user::{User, Users};
use zelador_store::{Timestamp, Write};

use self::made::{Made, Table};
use super::jobs::{Tools, handlers};
use super::pool::PoolDesk;
use super::rules::tests::choice::instance;
use super::settings::NextcloudSettings;
use super::{NextcloudDesk, Provision, Switchboard, Watcher};
use crate::engine::jobs::{Handlers, JobDesk, JobSettings, NewJob};
use crate::engine::notifications::Links;
use crate::engine::seal::Seal;
use crate::engine::settings::{default_kinds, default_queues};
use crate::testkit::{self, World, eventually};

pub(in crate::nextcloud) fn tenant_id() -> TenantId {
    TenantId::new(Timestamp::EPOCH, [7; 10])
}

pub(in crate::nextcloud) fn person(tenant: TenantId) -> User {
    let email = Some("ana@example.org".to_owned());
    User { email, ..testkit::person(tenant, "Ana", Timestamp::EPOCH) }
}

fn tenant() -> Tenant {
    Tenant {
        name: "Sol".to_owned(),
        domain: "sol.example".to_owned(),
        logo_url: None,
        theme_primary_color: None,
        plan: ServicePlan::Trial,
        locale: None,
        is_active: true,
        settings: Settings::default(),
        version: 1,
        created_at: Timestamp::EPOCH,
        updated_at: Timestamp::EPOCH,
        deleted_at: None,
    }
}

fn operator() -> Author {
    Author::new(AuthorKind::Operator, "test")
}

struct Bench {
    world: World,
    table: Arc<Table>,
    seal: Seal,
    jobs: JobDesk,
    desk: NextcloudDesk,
    // Without them the desks would take the settings for gone.
    settings: watch::Sender<Arc<NextcloudSettings>>,
    _jobs: watch::Sender<Arc<JobSettings>>,
}

impl Bench {
    async fn new() -> Self {
        let world = World::new();
        let shell = world.shell.clone();
        let key = "a key for tests".to_owned().into();
        let (seal, links) = (Seal::new(shell.dice.clone(), &key, []), Links::new(&key, []));
        let settings = watch::channel(Arc::new(NextcloudSettings::default())).0;
        let table = Arc::new(Table::default());
        let tools = Tools {
            pool: PoolDesk::new(shell.clone()),
            lines: table.clone(),
            seal: seal.clone(),
            settings: settings.subscribe(),
        };
        let handlers: Handlers = HashMap::from_iter(handlers(&tools));
        let granted = JobSettings { queues: default_queues(), kinds: default_kinds() };
        let (sender, receiver) = watch::channel(Arc::new(granted));
        let jobs = JobDesk::new(shell.clone(), handlers, receiver);
        let lines = Switchboard::new(seal.clone(), settings.subscribe());
        let watcher = Watcher::new(shell.clone(), lines, settings.subscribe());
        let desk =
            NextcloudDesk::new(shell.clone(), (seal.clone(), links), watcher, settings.subscribe());
        let mut write = Write::new();
        write.insert::<Tenants>(&tenant_id(), &tenant());
        shell.store.commit(write).await.unwrap();
        Self { world, table, seal, jobs, desk, settings, _jobs: sender }
    }

    /// Begins to work jobs off.
    fn work(&self) {
        let jobs = self.jobs.clone();
        tokio::spawn(async move { jobs.work().await.unwrap() });
    }

    async fn instance(&self, name: &str, room: u32) -> (InstanceId, Arc<Made>) {
        let id: InstanceId = self.world.shell.id();
        let mut write = Write::new();
        write.insert::<Instances>(&id, &instance(name, room));
        self.world.shell.store.commit(write).await.unwrap();
        (id, self.table.add(id))
    }

    async fn change(&self, id: InstanceId, change: impl Fn(&mut Instance)) {
        let stored = self.world.shell.store.get::<Instances>(&id).await.unwrap().unwrap();
        let mut row = stored.row.clone();
        change(&mut row);
        let mut write = Write::new();
        write.update::<Instances>(&stored, &row);
        self.world.shell.store.commit(write).await.unwrap();
    }

    async fn user(&self, name: &str) -> UserId {
        let id = self.world.shell.id();
        let email = Some(format!("{name}@example.org"));
        let row = User { name: name.to_owned(), email, ..person(tenant_id()) };
        let mut write = Write::new();
        write.insert::<Users>(&id, &row);
        self.world.shell.store.commit(write).await.unwrap();
        id
    }

    async fn provision(&self, user: UserId) -> JobId {
        let command = Provision { user, within: None, by: operator(), keep: None };
        self.desk.provision(command).await.unwrap().job.unwrap()
    }

    /// A user whose account stands.
    async fn provisioned(&self, name: &str) -> UserId {
        let user = self.user(name).await;
        self.provision(user).await;
        self.reaches(user, AccountState::Active).await;
        user
    }

    async fn account(&self, user: UserId) -> Option<Account> {
        self.world.shell.store.get::<Accounts>(&user).await.unwrap().map(|found| found.row)
    }

    async fn reaches(&self, user: UserId, state: AccountState) -> Account {
        eventually(state.word(), async || {
            self.account(user).await.filter(|account| account.state == state)
        })
        .await
    }

    async fn enqueue(&self, job: NewJob) -> JobId {
        self.jobs.enqueue(job, |_| Write::new()).await.unwrap().id
    }

    async fn job(&self, id: JobId) -> Job {
        self.world.shell.store.get::<Jobs>(&id).await.unwrap().unwrap().row
    }

    async fn ends(&self, id: JobId, state: JobState) -> Job {
        eventually(state.word(), async || {
            let job = self.job(id).await;
            let fine = job.state != JobState::Scheduled || state != JobState::Succeeded;
            assert!(job.state == state || (fine && job.state.is_live()), "{job:?}");
            Some(job).filter(|job| job.state == state)
        })
        .await
    }

    /// Waits until a job waits for another time, so many tries being spent.
    async fn waits(&self, id: JobId, tries: u16) -> Job {
        eventually("it waits", async || {
            let waits = |job: &Job| job.state == JobState::Scheduled && job.tries == tries;
            Some(self.job(id).await).filter(waits)
        })
        .await
    }

    fn advance(&self) {
        self.world.hand.advance(Duration::from_secs(61));
    }

    /// As [`Bench::reaches`], while time passes.
    async fn reaches_later(&self, user: UserId, state: AccountState) -> Account {
        eventually(state.word(), async || {
            self.advance();
            self.account(user).await.filter(|account| account.state == state)
        })
        .await
    }

    /// As [`Bench::ends`], while time passes.
    async fn ends_later(&self, id: JobId, state: JobState) -> Job {
        eventually(state.word(), async || {
            self.advance();
            Some(self.job(id).await).filter(|job| job.state == state)
        })
        .await
    }

    async fn places(&self, id: InstanceId) -> u32 {
        let found = self.world.shell.store.get::<Occupancy>(&id).await.unwrap();
        found.map_or(0, |taken| taken.row.places)
    }

    async fn events(&self, kind: &str) -> Vec<serde_json::Value> {
        let all = zelador_store::Query::all().limit(500);
        let page = self.world.shell.store.page::<zelador_store::event::Events>(&all).await;
        let rows = page.unwrap().rows.into_iter().map(|found| found.row);
        rows.filter(|event| event.kind == kind)
            .map(|event| serde_json::from_str(&event.data).unwrap())
            .collect()
    }
}
