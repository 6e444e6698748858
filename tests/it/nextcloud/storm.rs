//! The job against three stand-ins with faults on: everybody ends with one whole
//! account, and no instance above its capacity. The large one is a bench.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use secrecy::SecretString;
use tokio::sync::watch;
use zelador::sandbox::nextcloud::{Faults, Sandbox};
use zelador_actors::engine::Shell;
use zelador_actors::engine::clock::{Clock, Dice};
use zelador_actors::engine::jobs::{Handler, Handlers, JobDesk, JobSettings};
use zelador_actors::engine::seal::Seal;
use zelador_actors::engine::settings::{KindSettings, default_kinds, default_queues};
use zelador_actors::nextcloud::Port;
use zelador_actors::nextcloud::http::HttpPort;
use zelador_actors::nextcloud::jobs::{CREATE_USER, CreateUser, Tools, create_user, sealed_for};
use zelador_actors::nextcloud::pool::PoolDesk;
use zelador_actors::nextcloud::rules::Trouble;
use zelador_actors::nextcloud::ssh::SshPort;
use zelador_actors::nextcloud::{Line, Lines, NextcloudSettings};
use zelador_actors::tenants::rules::{TenantDraft, register};
use zelador_actors::testkit;
use zelador_store::id::{InstanceId, JobId, TenantId, UserId};
use zelador_store::job::{JobState, Jobs};
use zelador_store::kv::memory::Memory;
use zelador_store::nextcloud::{
    Account, AccountState, Accounts, Health, Instance, InstanceStatus, Instances, Method, Occupancy,
};
use zelador_store::tenant::{ServicePlan, Settings, Tenants};
use zelador_store::user::{User, Users};
use zelador_store::{Store, Timestamp, Write};

use super::{http_target, sandbox_with, ssh_target};
use crate::harness::{PATIENCE, eventually};

/// Five gigabytes.
const QUOTA: u64 = 5 << 30;

/// One line for each instance.
struct Table(Mutex<HashMap<InstanceId, Line>>);

impl Lines for Table {
    fn line(&self, id: InstanceId, _: &Instance) -> Result<Line, Trouble> {
        Ok(self.0.lock()[&id].clone())
    }
}

struct Storm {
    shell: Shell,
    seal: Seal,
    tenant: TenantId,
    desk: JobDesk,
    lines: Arc<Table>,
    sandboxes: BTreeMap<InstanceId, (Sandbox, u32)>,
    // The desk reads its settings from here.
    _settings: watch::Sender<Arc<JobSettings>>,
}

fn instance(name: String, method: Method, max_users: u32) -> Instance {
    Instance {
        name,
        base_url: "http://127.0.0.1".to_owned(),
        method,
        status: InstanceStatus::Active,
        max_users,
        tenants: Vec::new(),
        ssh: None,
        api: None,
        health: Health::default(),
        breaker: None,
        drift: None,
        sandbox: true,
        version: 0,
        created_at: Timestamp::EPOCH,
        updated_at: Timestamp::EPOCH,
    }
}

fn person(tenant: TenantId, number: usize, now: Timestamp) -> User {
    // Two people may have the same name before the @.
    let email = Some(format!("ana{}@example{}.org", number / 2, number % 2));
    User { email, ..testkit::person(tenant, &format!("Ana {number}"), now) }
}

fn tenant_draft() -> TenantDraft {
    TenantDraft {
        name: "a".to_owned(),
        domain: "a.example".to_owned(),
        logo_url: None,
        theme_primary_color: None,
        plan: ServicePlan::Trial,
        locale: None,
        is_active: true,
        settings: Settings::default(),
    }
}

impl Storm {
    async fn new(faults: &Faults, sizes: &[(Method, u32)]) -> Self {
        let store = Store::new(Arc::new(Memory::new()));
        let shell = Shell { store, clock: Clock::system(), dice: Dice::seeded(3) };
        let seal = Seal::new(Dice::seeded(4), &SecretString::from("k".repeat(64)), []);
        let lines = Arc::new(Table(Mutex::default()));
        let own = NextcloudSettings {
            groups: vec!["staff".to_owned()],
            language: "pt_BR".to_owned(),
            ..NextcloudSettings::default()
        };
        let handler = CreateUser(Tools {
            pool: PoolDesk::new(shell.clone()),
            lines: Arc::clone(&lines) as Arc<dyn Lines>,
            seal: seal.clone(),
            settings: watch::channel(Arc::new(own)).1,
        });
        let mut kinds = default_kinds();
        let quick = KindSettings { timeout_seconds: 60, tries: 9, backoff_seconds: vec![0] };
        kinds.insert(CREATE_USER.to_owned(), quick);
        let settings = JobSettings { queues: default_queues(), kinds };
        let (sender, receiver) = watch::channel(Arc::new(settings));
        let handlers = Handlers::from([(CREATE_USER, Arc::new(handler) as Arc<dyn Handler>)]);
        let desk = JobDesk::new(shell.clone(), handlers, receiver);
        let tenant = shell.id();
        let mut write = Write::new();
        let row = register(tenant_draft(), shell.now());
        write.insert::<Tenants>(&tenant, &row);
        shell.store.commit(write).await.unwrap();
        let sandboxes = BTreeMap::new();
        let mut storm = Self { shell, seal, tenant, desk, lines, sandboxes, _settings: sender };
        for (method, size) in sizes {
            storm.add(faults.clone(), *method, *size).await;
        }
        storm
    }

    async fn add(&mut self, faults: Faults, method: Method, size: u32) {
        let sandbox = sandbox_with(faults).await;
        let port: Arc<dyn Port> = match method {
            Method::Api => Arc::new(HttpPort::new(http_target(&sandbox)).unwrap()),
            Method::Ssh => Arc::new(SshPort::new(ssh_target(&sandbox)).unwrap()),
        };
        let id = self.shell.id();
        let line = Line::new(port, 64);
        self.lines.0.lock().insert(id, line);
        let mut write = Write::new();
        write.insert::<Instances>(&id, &instance(format!("nc-{id}"), method, size));
        self.shell.store.commit(write).await.unwrap();
        self.sandboxes.insert(id, (sandbox, size));
    }

    /// A person who waits for an account.
    async fn sign_up(&self, number: usize) -> (UserId, JobId) {
        let (user, job) = (self.shell.id(), self.shell.id());
        let now = self.shell.now();
        let secret = SecretString::from(format!("canary password {number}"));
        let account = Account {
            tenant: self.tenant,
            state: AccountState::Pending,
            place: None,
            quota: None,
            groups: Vec::new(),
            language: None,
            password: Some(self.seal.seal(&sealed_for(user), &secret)),
            error: None,
            tries: 0,
            job: Some(job),
            moving: None,
            locked_out: false,
            switched_by: None,
            created_at: None,
            version: 0,
            updated_at: now,
        };
        let mut write = Write::new();
        write.insert::<Users>(&user, &person(self.tenant, number, now));
        write.insert::<Accounts>(&user, &account);
        let mut row = create_user(self.tenant, user).build(now);
        row.max_tries = 9;
        write.enqueue(job, &row);
        self.shell.store.commit(write).await.unwrap();
        (user, job)
    }

    async fn account(&self, user: UserId) -> Account {
        self.shell.store.get::<Accounts>(&user).await.unwrap().unwrap().row
    }

    async fn ended(&self, job: JobId) -> JobState {
        eventually("a job ends", PATIENCE, || async {
            let row = self.shell.store.get::<Jobs>(&job).await.unwrap().unwrap().row;
            matches!(row.state, JobState::Succeeded | JobState::Failed).then_some(row.state)
        })
        .await
    }

    /// What the rows say is what the stand-ins have, and nothing is there twice.
    async fn judge(&self, people: &[UserId]) {
        let mut placed: BTreeMap<InstanceId, Vec<String>> = BTreeMap::new();
        for user in people {
            let account = self.account(*user).await;
            assert_eq!(account.state, AccountState::Active, "{:?}", account.error);
            let place = account.place.unwrap();
            let seen = self.sandboxes[&place.instance].0.account(&place.remote_id).unwrap();
            assert_eq!(seen["quota"]["quota"], serde_json::json!(QUOTA), "{seen}");
            assert_eq!(seen["groups"], serde_json::json!(["staff"]), "{seen}");
            assert_eq!(seen["language"], serde_json::json!("pt_BR"), "{seen}");
            placed.entry(place.instance).or_default().push(place.remote_id);
        }
        for (id, (sandbox, size)) in &self.sandboxes {
            let mut ours = placed.remove(id).unwrap_or_default();
            assert!(ours.len() <= *size as usize, "{} of {size}", ours.len());
            let taken = self.shell.store.get::<Occupancy>(id).await.unwrap();
            assert_eq!(taken.map_or(0, |taken| taken.row.places as usize), ours.len());
            ours.push("admin".to_owned());
            ours.sort();
            let mut theirs = sandbox.ids();
            theirs.sort();
            assert_eq!(ours, theirs, "no account without its user");
        }
    }
}

#[tokio::test]
async fn everybody_ends_with_one_whole_account() {
    let faults = Faults {
        create_ms: 20,
        slow_percent: 10,
        slow_ms: 200,
        error_after_insert_percent: 8,
        error_after_create_percent: 8,
        cut_after_insert_percent: 5,
        cut_after_create_percent: 5,
        ..Faults::default()
    };
    let sizes = [(Method::Api, 12), (Method::Ssh, 12), (Method::Api, 24)];
    let storm = Storm::new(&faults, &sizes).await;
    let mut people = Vec::new();
    for number in 0..40 {
        people.push(storm.sign_up(number).await);
    }
    let desk = storm.desk.clone();
    let work = tokio::spawn(async move { desk.work().await });
    for (_, job) in &people {
        assert_eq!(storm.ended(*job).await, JobState::Succeeded);
    }
    let people: Vec<_> = people.into_iter().map(|(user, _)| user).collect();
    storm.judge(&people).await;
    storm.desk.stop(Duration::from_secs(5)).await;
    work.abort();
}

/// A try that was cut off between the server's deed and our note of it.
#[tokio::test]
async fn what_a_crash_left_is_completed_and_not_made_twice() {
    let storm = Storm::new(&Faults::quick(), &[(Method::Api, 5)]).await;
    let (sandbox, _) = storm.sandboxes.values().next().unwrap();
    sandbox.set(|faults| faults.cut_after_insert_percent = 100);
    let (user, job) = storm.sign_up(0).await;
    let desk = storm.desk.clone();
    let work = tokio::spawn(async move { desk.work().await });
    eventually("the row is there", PATIENCE, || async { sandbox.account("ana0") }).await;
    sandbox.set(|faults| faults.cut_after_insert_percent = 0);
    assert_eq!(storm.ended(job).await, JobState::Succeeded);
    storm.judge(&[user]).await;
    storm.desk.stop(Duration::from_secs(5)).await;
    work.abort();
}

#[tokio::test]
async fn an_account_of_somebody_else_is_passed_over() {
    let storm = Storm::new(&Faults::quick(), &[(Method::Ssh, 5)]).await;
    let (id, (sandbox, _)) = storm.sandboxes.iter().next().unwrap();
    let theirs = super::wanted("ana0");
    let port = storm.lines.0.lock()[id].port.clone();
    port.create(&theirs, &super::password()).await.unwrap();
    let (user, job) = storm.sign_up(0).await;
    let desk = storm.desk.clone();
    let work = tokio::spawn(async move { desk.work().await });
    assert_eq!(storm.ended(job).await, JobState::Succeeded);
    assert_eq!(storm.account(user).await.place.unwrap().remote_id, "ana0-2");
    super::is_whole(port.as_ref(), &theirs).await;
    assert!(sandbox.opens("ana0", super::PASSWORD));
    storm.desk.stop(Duration::from_secs(5)).await;
    work.abort();
}

#[tokio::test]
async fn where_nothing_fits_the_job_waits_and_says_so() {
    let storm = Storm::new(&Faults::quick(), &[(Method::Api, 1)]).await;
    let (_, first) = storm.sign_up(0).await;
    let desk = storm.desk.clone();
    let work = tokio::spawn(async move { desk.work().await });
    assert_eq!(storm.ended(first).await, JobState::Succeeded);
    let (user, second) = storm.sign_up(1).await;
    let waiting = eventually("the job waits", PATIENCE, || async {
        let row = storm.shell.store.get::<Jobs>(&second).await.unwrap().unwrap().row;
        (row.state == JobState::Scheduled).then_some(row)
    })
    .await;
    assert_eq!(waiting.tries, 0, "it costs no try");
    assert!(format!("{:?}", waiting.error).contains("1 full"), "{waiting:?}");
    assert_eq!(storm.account(user).await.state, AccountState::Pending);
    storm.desk.stop(Duration::from_secs(5)).await;
    work.abort();
}

#[tokio::test]
async fn wrong_credentials_leave_the_instance_alone() {
    let storm = Storm::new(&Faults::quick(), &[(Method::Api, 5)]).await;
    let (id, (sandbox, _)) = storm.sandboxes.iter().next().unwrap();
    let mut target = http_target(sandbox);
    target.password = "canary wrong".into();
    let port: Arc<dyn Port> = Arc::new(HttpPort::new(target).unwrap());
    storm.lines.0.lock().get_mut(id).unwrap().port = port;
    let (user, job) = storm.sign_up(0).await;
    let desk = storm.desk.clone();
    let work = tokio::spawn(async move { desk.work().await });
    let breaker = eventually("the breaker opens", PATIENCE, || async {
        storm.shell.store.get::<Instances>(id).await.unwrap().unwrap().row.breaker
    })
    .await;
    assert_eq!(breaker.cause.class, "wrong_credentials");
    assert_eq!(storm.ended(job).await, JobState::Failed, "the job that met the refusal fails");
    let account = storm.account(user).await;
    assert_eq!(account.error.unwrap().class, "wrong_credentials");
    assert_eq!((account.state, account.place), (AccountState::Failed, None), "the place is free");
    let (_, other) = storm.sign_up(1).await;
    eventually("the others wait", PATIENCE, || async {
        let row = storm.shell.store.get::<Jobs>(&other).await.unwrap().unwrap().row;
        format!("{:?}", row.error).contains("1 unwell").then_some(())
    })
    .await;
    let asked: u64 = sandbox.asked().values().sum();
    assert_eq!(asked, 1, "nobody asked again");
    storm.desk.stop(Duration::from_secs(5)).await;
    work.abort();
}
