//! The sync through its desk, on a store in memory, against an upstream made up
//! for each test. The same over HTTP is in `src/sandbox/wispro`.

mod kills;
mod runs;
mod stops;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zelador_store::Query;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Events;
use zelador_store::id::JobId;
use zelador_store::user::{User, Users};
use zelador_store::wispro::StagedClients;

use super::port::{Port, Upstream};
use super::rules::envelope::{Answer, Trouble};
use super::rules::report::{Code, Counter};
use super::settings::{Mode, Token, WisproSettings};
use super::{SyncArgs, SyncView, WisproDesk, queries};
use crate::engine::jobs::{Handlers, JobDesk, JobSettings};
use crate::engine::notifications::{Inviter, Links};
use crate::engine::settings::{default_kinds, default_queues};
use crate::testkit::{World, eventually};

/// What is answered instead of a page.
type Fault = dyn Fn(u32) -> Option<Result<Answer, Trouble>> + Send + Sync;

/// An upstream of these clients.
#[derive(Clone, Default)]
struct Made {
    clients: Arc<Mutex<Vec<Value>>>,
    fault: Arc<Mutex<Option<Box<Fault>>>>,
    asked: Arc<AtomicU32>,
    /// More clients are promised than there are.
    promises: Arc<AtomicU32>,
    /// By so many places the order moves with every request.
    shift: Arc<AtomicU32>,
    /// It never answers.
    hangs: Arc<AtomicBool>,
}

#[async_trait]
impl Port for Made {
    async fn page(&self, page: u32, per_page: u32) -> Result<Answer, Trouble> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            return std::future::pending().await;
        }
        if let Some(fault) = self.fault.lock().as_ref()
            && let Some(answer) = fault(page)
        {
            return answer;
        }
        let clients = self.clients.lock().clone();
        let shift = (self.shift.load(Ordering::SeqCst) * asked) as usize;
        let mut moved = clients.clone();
        if !moved.is_empty() {
            moved.rotate_left(shift % clients.len());
        }
        let per = per_page as usize;
        let data: Vec<_> = moved.into_iter().skip((page as usize - 1) * per).take(per).collect();
        let total = clients.len() + self.promises.load(Ordering::SeqCst) as usize;
        let pagination = json!({"total_records": total, "total_pages": clients.len().div_ceil(per),
            "per_page": per, "current_page": page});
        let body = json!({"status": 200, "meta": {"pagination": pagination}, "data": data});
        Ok(Answer { status: 200, retry_after: None, body: body.to_string().into_bytes() })
    }
}

impl Upstream for Made {
    fn open(&self, _: &WisproSettings) -> Result<Arc<dyn Port>, String> {
        Ok(Arc::new(self.clone()))
    }
}

/// HTTP 200 with an error in the body.
#[expect(clippy::unnecessary_wraps, reason = "what the stand-in is told takes an option")]
fn told(status: u16) -> Option<Result<Answer, Trouble>> {
    let body = json!({"status": status, "meta": {}, "message": "no", "errors": {}});
    Some(Ok(Answer { status: 200, retry_after: None, body: body.to_string().into_bytes() }))
}

struct Bench {
    world: Arc<World>,
    made: Made,
    desk: WisproDesk,
    jobs: JobDesk,
    settings: watch::Sender<Arc<WisproSettings>>,
    work: JoinHandle<()>,
    // Without it the desk would take the settings for gone.
    _job_settings: watch::Sender<Arc<JobSettings>>,
}

fn operator() -> Author {
    Author::new(AuthorKind::Operator, "test")
}

impl Bench {
    fn new(clients: Vec<Value>) -> Self {
        let made = Made::default();
        *made.clients.lock() = clients;
        let settings = WisproSettings {
            per_page: 10,
            request_gap_ms: 0,
            token: Token::new("canary-token".to_owned()),
            ..WisproSettings::default()
        };
        Self::on(Arc::new(World::new()), made, watch::channel(Arc::new(settings)).0)
    }

    fn on(world: Arc<World>, made: Made, settings: watch::Sender<Arc<WisproSettings>>) -> Self {
        let inviter = Inviter::fixed(Links::new(&"a key for tests".to_owned().into(), []), 72);
        let handler = super::Sync::new(settings.subscribe(), Arc::new(made.clone()), inviter);
        let handlers: Handlers = HashMap::from([(super::KIND, Arc::new(handler) as _)]);
        let job_settings = JobSettings { queues: default_queues(), kinds: default_kinds() };
        let (sender, receiver) = watch::channel(Arc::new(job_settings));
        let jobs = JobDesk::new(world.shell.clone(), handlers, receiver);
        let desk = WisproDesk::new(world.shell.clone(), jobs.clone(), settings.subscribe());
        let worker = jobs.clone();
        let work = tokio::spawn(async move { worker.work().await.unwrap() });
        Self { world, made, desk, jobs, settings, work, _job_settings: sender }
    }

    fn set(&self, change: impl FnOnce(&mut WisproSettings)) {
        self.settings.send_modify(|settings| change(Arc::make_mut(settings)));
    }

    async fn start(&self, args: SyncArgs) -> JobId {
        self.desk.start(&args, &operator(), None).await.unwrap()
    }

    async fn view(&self, id: JobId) -> SyncView {
        queries::get(&self.world.shell, &self.jobs, id, None).await.unwrap()
    }

    async fn reaches(&self, id: JobId, state: &str) -> SyncView {
        eventually(state, async || Some(self.view(id).await).filter(|view| view.state() == state))
            .await
    }

    /// Runs once, to its end.
    async fn sync(&self) -> SyncView {
        let id = self.start(SyncArgs::default()).await;
        self.reaches(id, "completed").await
    }

    /// The users, by Wispro id, then name.
    async fn users(&self) -> Vec<User> {
        let page = self.world.shell.store.page::<Users>(&Query::all().limit(100_000)).await;
        let mut users: Vec<_> = page.unwrap().rows.into_iter().map(|user| user.row).collect();
        users.sort_by_key(|user| (user.id_wispro.clone(), user.name.clone()));
        users
    }

    /// The kinds of all events, in order.
    async fn events(&self) -> Vec<String> {
        let page = self.world.shell.store.page::<Events>(&Query::all().limit(100_000)).await;
        page.unwrap().rows.into_iter().map(|event| event.row.kind).collect()
    }

    /// What a run says: client and code.
    async fn lines(&self, id: JobId) -> Vec<(Option<String>, String)> {
        let page = queries::lines(&self.world.shell, id, None, 100_000).await.unwrap();
        page.rows.into_iter().map(|line| (line.row.client, line.row.code)).collect()
    }

    async fn staged(&self) -> usize {
        let page = self.world.shell.store.page::<StagedClients>(&Query::all()).await;
        page.unwrap().rows.len()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.work.abort();
    }
}

fn client(id: u32) -> Value {
    json!({"id": format!("c{id:05}"), "name": format!("Cliente {id}"),
        "email": format!("c{id}@example.com"), "phone_mobile": "04241234567",
        "address": format!("Calle {id}"), "zone_name": "Centro",
        "national_identification_number": format!("V-{}", 6_000_000 + id),
        "link_mobile_login": "https://login.example/canary-link", "password": "canary-password"})
}

fn clients(count: u32) -> Vec<Value> {
    (0..count).map(client).collect()
}

/// Created, updated, unchanged, skipped, errors.
fn five(view: &SyncView) -> [u64; 5] {
    [Counter::Created, Counter::Updated, Counter::Unchanged, Counter::Skipped, Counter::Errors]
        .map(|counter| view.count(counter))
}

fn said(view: &SyncView, code: Code) -> u64 {
    view.count(Counter::Said(code))
}

/// The mode that talks to the real one.
fn live(settings: &mut WisproSettings, tenant: &str) {
    settings.mode = Mode::Live;
    settings.tenant = tenant.to_owned();
}
