//! What is to come, from a store in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{LeaveId, TenantId, UserId};
use zelador_store::leave::{Leave, LeaveState, Leaves};
use zelador_store::plan::{Plan, PlanSort, PlanState, Plans};
use zelador_store::session::{Credential, Credentials, Invite, Session, Sessions};
use zelador_store::token::Role;
use zelador_store::user::{Status, Users};
use zelador_store::{Timestamp, Write};

use super::{AgendaItem, AgendaKind, AgendaQuery, list};
use crate::engine::jobs::{JobDesk, JobSettings, NewJob};
use crate::engine::schedules::{Pattern, ScheduleDesk};
use crate::engine::settings::{ScheduleSettings, Schedules, default_kinds, default_queues};
use crate::identity::tokens::{self, NewToken};
use crate::testkit::{World, eventually};
use crate::users::rules::{UserDraft, record};

struct Bench {
    world: World,
    jobs: JobDesk,
    schedules: ScheduleDesk,
    tenant: TenantId,
    user: UserId,
}

fn fixed<T>(settings: T) -> watch::Receiver<Arc<T>> {
    watch::channel(Arc::new(settings)).1
}

impl Bench {
    fn new(crons: &[(&str, &str)]) -> Self {
        let world = World::new();
        let shell = world.shell.clone();
        let settings = JobSettings { queues: default_queues(), kinds: default_kinds() };
        let jobs = JobDesk::new(shell.clone(), HashMap::new(), fixed(settings));
        let every = |cron: &str| ScheduleSettings {
            kind: "diagnostic".into(),
            cron: cron.into(),
            timezone: "America/Sao_Paulo".into(),
            ..ScheduleSettings::default()
        };
        let crons = crons.iter().map(|(name, cron)| ((*name).to_owned(), every(cron)));
        let schedules = ScheduleDesk::new(shell.clone(), fixed(crons.collect::<Schedules>()));
        let (tenant, user) = (shell.id(), shell.id());
        Self { world, jobs, schedules, tenant, user }
    }

    fn after(&self, minutes: u64) -> Timestamp {
        self.world.shell.now() + Duration::from_secs(60 * minutes)
    }

    async fn commit(&self, write: Write) {
        self.world.shell.store.commit(write).await.unwrap();
    }

    async fn job(&self, minutes: u64) {
        let job = NewJob::new("diagnostic", &()).at(self.after(minutes));
        self.jobs.enqueue(job, |_| Write::new()).await.unwrap();
    }

    /// A plan with the job that carries it out.
    async fn plan(&self, user: UserId, sort: PlanSort, minutes: u64) {
        let shell = &self.world.shell;
        let (id, job, at) = (shell.id(), shell.id(), self.after(minutes));
        let plan = Plan {
            tenant: self.tenant,
            user,
            sort,
            to: Status::Banned,
            at,
            reason: None,
            state: PlanState::Planned,
            job,
            created_at: shell.now(),
            by: Author::new(AuthorKind::Operator, "op"),
            ended_at: None,
            end_reason: None,
        };
        let mut write = Write::new();
        write.insert::<Plans>(&id, &plan);
        write.enqueue(job, &crate::users::jobs::carry_out(id, &plan).build(shell.now()));
        self.commit(write).await;
    }

    /// A leave, with the jobs of its ends; one that runs has begun already.
    async fn leave(&self, user: UserId, state: LeaveState, (begin, end): (u64, u64)) -> LeaveId {
        let shell = &self.world.shell;
        let id = shell.id();
        let leave = Leave {
            tenant: self.tenant,
            user,
            date_in: jiff::civil::date(2025, 12, 1),
            date_out: jiff::civil::date(2025, 12, 2),
            begins: self.after(begin),
            ends: self.after(end),
            reason: None,
            state,
            begin_job: (state == LeaveState::Planned).then(|| shell.id()),
            end_job: shell.id(),
            created_at: shell.now(),
            by: Author::new(AuthorKind::Operator, "op"),
            ended_at: None,
            end_reason: None,
        };
        let mut write = Write::new();
        write.insert::<Leaves>(&id, &leave);
        let ends =
            leave.begin_job.map(|job| (job, true)).into_iter().chain([(leave.end_job, false)]);
        for (job, begins) in ends.filter(|_| state.is_open()) {
            let job_of = crate::users::jobs::of_leave(id, &leave, begins);
            write.enqueue(job, &job_of.build(shell.now()));
        }
        self.commit(write).await;
        id
    }

    async fn expiries(&self) {
        let shell = &self.world.shell;
        let token = NewToken {
            name: "x".into(),
            hash: [1; 32],
            role: Role::Service,
            scopes: vec!["*".into()],
            tenant: None,
            expires_at: Some(self.after(5)),
        };
        let by = Author::new(AuthorKind::Operator, "op");
        tokens::create(shell, token, &by).await.unwrap();
        let session = Session {
            tenant: self.tenant,
            user: self.user,
            family: [2; 32],
            refresh: [3; 32],
            created_at: shell.now(),
            refreshed_at: shell.now(),
            expires_at: self.after(6),
            address: None,
            agent: None,
            must_change: false,
            revoked_at: None,
            revoked_for: None,
        };
        let invite = Invite { hash: [4; 32], created_at: shell.now(), expires_at: self.after(7) };
        let credential = Credential { invite: Some(invite), ..Credential::default() };
        let mut write = Write::new();
        let ended = Session { revoked_at: Some(shell.now()), ..session.clone() };
        write.insert::<Sessions>(&shell.id(), &session).insert::<Sessions>(&shell.id(), &ended);
        write.insert::<Credentials>(&self.user, &credential);
        self.commit(write).await;
    }

    fn query(&self) -> AgendaQuery {
        AgendaQuery {
            from: self.world.shell.now(),
            to: self.after(7 * 24 * 60),
            tenant: None,
            user: None,
            kinds: Vec::new(),
            limit: 100,
            after: None,
        }
    }

    /// All of it, page by page.
    async fn all(&self, mut query: AgendaQuery) -> Vec<AgendaItem> {
        let mut items = Vec::new();
        for _ in 0..10_000 {
            let page = list(&self.world.shell, &self.jobs, &self.schedules, &query).await.unwrap();
            assert!(page.rows.len() <= query.limit);
            items.extend(page.rows);
            query.after = page.next;
            if query.after.is_none() {
                let sorted = items.windows(2).all(|two| two[0].place < two[1].place);
                assert!(sorted, "in order, each once");
                return items;
            }
        }
        panic!("the agenda does not end");
    }
}

fn told(items: &[AgendaItem]) -> Vec<(AgendaKind, &str)> {
    items.iter().map(|item| (item.kind, item.what.as_str())).collect()
}

#[tokio::test]
async fn everything_is_there_in_the_order_of_time() {
    use AgendaKind::{Expiry, Job, Plan};
    let bench = Bench::new(&[]);
    bench.expiries().await;
    bench.job(3).await;
    bench.plan(bench.user, PlanSort::Ban, 1).await;
    bench.plan(bench.user, PlanSort::Change, 4).await;
    bench.job(60 * 24 * 8).await;
    let expected = [
        (Plan(PlanSort::Ban), "BANNED"),
        (Job, "diagnostic"),
        (Plan(PlanSort::Change), "BANNED"),
        (Expiry, "token"),
        (Expiry, "session"),
        (Expiry, "invitation"),
    ];
    let items = bench.all(bench.query()).await;
    assert_eq!(told(&items), expected);
    assert!(items[0].plan.is_some() && items[0].job.is_some());
    for limit in 1..7 {
        let query = AgendaQuery { limit, ..bench.query() };
        assert_eq!(bench.all(query).await, items, "{limit} a page");
    }
    let only = AgendaQuery { kinds: vec![Job, Plan(PlanSort::Ban)], ..bench.query() };
    assert_eq!(told(&bench.all(only).await), expected[..2]);
    let theirs = AgendaQuery { user: Some(bench.user), ..bench.query() };
    assert_eq!(bench.all(theirs).await.len(), 4);
    let short = AgendaQuery { from: bench.after(2), to: bench.after(5), ..bench.query() };
    assert_eq!(told(&bench.all(short).await), expected[1..3]);
    let nobody = AgendaQuery { tenant: Some(bench.world.shell.id()), ..bench.query() };
    assert_eq!(bench.all(nobody).await, []);
}

#[tokio::test]
async fn a_leave_is_its_two_ends_and_not_its_jobs() {
    let bench = Bench::new(&[]);
    let other: UserId = bench.world.shell.id();
    let planned = bench.leave(bench.user, LeaveState::Planned, (2, 6)).await;
    let running = bench.leave(other, LeaveState::Running, (0, 4)).await;
    // The end of one and the beginning of the next, at one instant.
    let next = bench.leave(bench.user, LeaveState::Planned, (6, 8)).await;
    for over in [LeaveState::Ended, LeaveState::Cancelled, LeaveState::Superseded] {
        bench.leave(bench.user, over, (3, 5)).await;
    }
    let items = bench.all(bench.query()).await;
    let seen: Vec<_> = items.iter().map(|item| (item.leave, item.what.as_str())).collect();
    let expected = [
        (Some(planned), "SUSPENDED"),
        (Some(running), "ACTIVE"),
        (Some(next), "SUSPENDED"),
        (Some(planned), "ACTIVE"),
        (Some(next), "ACTIVE"),
    ];
    assert_eq!(seen, expected);
    assert!(items.iter().all(|item| item.kind == AgendaKind::Leave && item.job.is_some()));
    assert_eq!(
        items.iter().map(|item| item.job).collect::<std::collections::HashSet<_>>().len(),
        5
    );
    for limit in 1..6 {
        let query = AgendaQuery { limit, ..bench.query() };
        assert_eq!(bench.all(query).await, items, "{limit} a page");
        let user = Some(bench.user);
        let theirs = bench.all(AgendaQuery { user, limit, ..bench.query() }).await;
        let own = items.iter().filter(|item| item.user == user).cloned().collect::<Vec<_>>();
        assert_eq!((theirs.len(), theirs), (4, own), "{limit} a page");
    }
    let short = AgendaQuery { from: bench.after(3), to: bench.after(6), ..bench.query() };
    assert_eq!(bench.all(short).await, items[1..2]);
    let jobs = AgendaQuery { kinds: vec![AgendaKind::Job], ..bench.query() };
    assert_eq!(bench.all(jobs).await, []);
    let leaves = AgendaQuery { kinds: vec![AgendaKind::Leave], ..bench.query() };
    assert_eq!(bench.all(leaves).await, items);
}

/// What is a millisecond away, in another source, is not lost between two pages.
#[tokio::test]
async fn neighbours_in_time_come_each_once() {
    let bench = Bench::new(&[]);
    bench.job(30).await;
    bench.world.hand.advance(Duration::from_millis(1));
    bench.plan(bench.user, PlanSort::Ban, 30).await;
    bench.world.hand.advance(Duration::from_millis(1));
    bench.job(30).await;
    let all = bench.all(bench.query()).await;
    assert_eq!(all.len(), 3);
    for limit in 1..3 {
        assert_eq!(bench.all(AgendaQuery { limit, ..bench.query() }).await, all, "{limit} a page");
    }
}

/// More tokens and invitations than a page looks at: none is lost.
#[tokio::test]
async fn expiries_have_no_end() {
    let bench = Bench::new(&[]);
    let shell = &bench.world.shell;
    for n in 0..30_u64 {
        let mut write = Write::new();
        for m in 0..100_u64 {
            let expires_at = bench.after(1 + n * 100 + m);
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&(n * 100 + m).to_be_bytes());
            let invite = Invite { hash, created_at: shell.now(), expires_at };
            let credential = Credential { invite: Some(invite), ..Credential::default() };
            write.insert::<Credentials>(&shell.id(), &credential);
        }
        bench.commit(write).await;
    }
    assert_eq!(bench.all(AgendaQuery { limit: 500, ..bench.query() }).await.len(), 3000);
    // One of somebody whose tenant is known.
    let (tenant, user): (TenantId, UserId) = (shell.id(), shell.id());
    let draft = UserDraft { name: "Ana".into(), ..UserDraft::default() };
    let row = record::register(tenant, draft, Status::Active, shell.now());
    let invite = Invite { hash: [9; 32], created_at: shell.now(), expires_at: bench.after(9) };
    let credential = Credential { invite: Some(invite), ..Credential::default() };
    let mut write = Write::new();
    write.insert::<Users>(&user, &row).insert::<Credentials>(&user, &credential);
    bench.commit(write).await;
    let of_theirs = AgendaQuery { tenant: Some(tenant), ..bench.query() };
    let told = bench.all(of_theirs).await;
    assert_eq!(told.iter().map(|item| item.user).collect::<Vec<_>>(), [Some(user)]);
    // Nobody's user, so of no tenant.
    let of_one = AgendaQuery { tenant: Some(bench.tenant), ..bench.query() };
    assert_eq!(bench.all(of_one).await, []);
}

/// As many as fall on one instant, in all sources at once, and more than a page
/// looks at.
#[tokio::test]
async fn a_crowd_at_one_instant_comes_whole() {
    let bench = Bench::new(&[]);
    for _ in 0..1100 {
        let user = bench.world.shell.id();
        bench.plan(user, PlanSort::Ban, 30).await;
        bench.plan(user, PlanSort::Change, 30).await;
        bench.job(30).await;
    }
    bench.job(31).await;
    let query = AgendaQuery { limit: 500, ..bench.query() };
    assert_eq!(bench.all(query).await.len(), 3301);
    let jobs = AgendaQuery { kinds: vec![AgendaKind::Job], limit: 7, ..bench.query() };
    assert_eq!(bench.all(jobs).await.len(), 1101);
}

#[tokio::test]
async fn schedules_are_computed_by_their_own_rule() {
    let bench = Bench::new(&[("nightly", "30 2 * * *"), ("often", "*/15 * * * *")]);
    let desk = bench.schedules.clone();
    tokio::spawn(async move { desk.work().await });
    eventually("the schedules are set", async || {
        let views = bench.schedules.list().await.unwrap();
        views.iter().all(|view| view.row.is_some()).then_some(())
    })
    .await;
    bench.job(20).await;
    let items = bench.all(AgendaQuery { limit: 11, ..bench.query() }).await;
    let of = |name: &str| -> Vec<_> {
        let own = items.iter().filter(|item| item.schedule.as_deref() == Some(name));
        own.map(|item| item.at).collect()
    };
    let (nightly, often) = (of("nightly"), of("often"));
    let week = 7 * 24;
    assert_eq!((nightly.len(), often.len(), items.len()), (7, week * 4 - 1, week * 4 + 7));
    let pattern = Pattern::read("30 2 * * *", "America/Sao_Paulo").unwrap();
    assert!(nightly.windows(2).all(|two| pattern.next(two[0]) == Some(two[1])));
    let later = AgendaQuery { from: bench.after(60), to: bench.after(91), ..bench.query() };
    assert_eq!(bench.all(later).await.len(), 3);
    // They are nobody's.
    let theirs = AgendaQuery { tenant: Some(bench.tenant), ..bench.query() };
    assert_eq!(bench.all(theirs).await, []);
}
