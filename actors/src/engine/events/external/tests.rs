//! External consumers on a store in memory.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::{Consumers, Event, ParkedEvents};
use zelador_store::external::{Externals as Rows, Leases};
use zelador_store::id::TenantId;
use zelador_store::{Query, Write};

use super::rules;
use super::{Begins, Draft, Externals, Handed, MAX_HELD};
use crate::engine::events::{EventDesk, Retried};
use crate::engine::settings::EventSettings;
use crate::error::{Error, Refusal};
use crate::testkit::World;

struct Bench {
    world: World,
    desk: EventDesk,
    externals: Externals,
}

fn by() -> Author {
    Author::new(AuthorKind::Operator, "o".to_owned())
}

impl Bench {
    fn new() -> Self {
        let world = World::new();
        let desk = EventDesk::new(world.shell.clone(), Vec::new());
        let settings = EventSettings { max_deliveries: 3, max_consumers: 8, ..<_>::default() };
        let settings = watch::channel(Arc::new(settings)).1;
        Self { externals: Externals::new(desk.clone(), settings), desk, world }
    }

    async fn tell(&self, count: usize, kind: &str, tenant: Option<TenantId>) {
        let shell = &self.world.shell;
        let mut write = Write::new();
        for _ in 0..count {
            write.event(&Event {
                id: shell.id(),
                kind: kind.to_owned(),
                tenant,
                user: None,
                key: String::new(),
                at: shell.now(),
                data: "{}".to_owned(),
            });
        }
        shell.store.commit(write).await.unwrap();
    }

    async fn make(&self, name: &str, kinds: &[&str], tenant: Option<TenantId>) {
        let draft = Draft {
            name: Externals::full_name(name, tenant),
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            tenant,
            begins: Begins::Oldest,
            ack_seconds: 60,
        };
        self.externals.make(draft, None, &by()).await.unwrap();
    }

    async fn read(&self, member: &str, limit: usize) -> Vec<u64> {
        seqs(&self.externals.read("crm", member, limit, true).await.unwrap())
    }

    async fn ack(&self, seqs: &[u64]) -> (usize, usize) {
        let seqs = seqs.iter().copied().collect();
        let done = self.externals.acknowledge("crm", &seqs, &BTreeSet::new(), None).await.unwrap();
        (done.acknowledged, done.unknown)
    }

    async fn cursor(&self) -> u64 {
        self.desk.row("crm").await.unwrap().unwrap().row.cursor
    }

    async fn held(&self) -> Vec<(u64, String, u32)> {
        let held = self.externals.pending("crm", 0, 5000).await.unwrap().into_iter();
        held.map(|held| (held.seq, held.lease.member, held.lease.deliveries)).collect()
    }
}

fn seqs(handed: &[Handed]) -> Vec<u64> {
    handed.iter().map(|handed| handed.seq).collect()
}

#[tokio::test]
async fn what_is_read_is_shared_and_done_with_once_acknowledged() {
    let bench = Bench::new();
    bench.tell(6, "a", None).await;
    bench.make("crm", &[], None).await;
    assert_eq!(bench.read("one", 2).await, [1, 2]);
    assert_eq!(bench.read("two", 2).await, [3, 4], "nobody is given what another has");
    assert_eq!(bench.cursor().await, 0);
    assert_eq!(bench.ack(&[3, 9]).await, (1, 1));
    assert_eq!(bench.cursor().await, 0, "1 is still held");
    assert_eq!(bench.ack(&[1, 2]).await, (2, 0));
    assert_eq!(bench.cursor().await, 3);
    assert_eq!(bench.ack(&[1]).await, (0, 1), "it is done with already");
    assert_eq!(bench.held().await, [(4, "two".to_owned(), 1)]);
    assert_eq!(bench.read("one", 50).await, [5, 6]);
    assert_eq!(bench.ack(&[4, 5, 6]).await, (3, 0));
    assert_eq!(bench.cursor().await, 6);
    assert_eq!(bench.read("one", 50).await, [0; 0]);
}

#[tokio::test]
async fn what_nobody_acknowledges_comes_again_and_is_parked_in_the_end() {
    let bench = Bench::new();
    bench.tell(3, "a", None).await;
    bench.make("crm", &[], None).await;
    assert_eq!(bench.read("one", 2).await, [1, 2]);
    bench.world.hand.advance(Duration::from_secs(59));
    assert_eq!(bench.read("two", 1).await, [3]);
    bench.world.hand.advance(Duration::from_secs(1));
    assert_eq!(bench.read("two", 50).await, [1, 2], "in the order of the log");
    bench.ack(&[1]).await;
    bench.world.hand.advance(Duration::from_secs(60));
    assert_eq!(bench.read("one", 50).await, [2, 3]);
    bench.ack(&[3]).await;
    bench.world.hand.advance(Duration::from_secs(60));
    assert_eq!(bench.read("one", 50).await, [0; 0], "handed out three times");
    assert_eq!(bench.cursor().await, 3);
    let parked = bench.desk.parked("crm", 0, 10).await.unwrap();
    assert_eq!((parked[0].seq, parked[0].parked.tries), (2, 3));
    let retried = bench.desk.retry_parked("crm", 2, None).await.unwrap();
    assert_eq!(retried, Retried::Waits);
    assert_eq!(bench.read("one", 50).await, [2]);
    assert_eq!((bench.ack(&[2]).await, bench.cursor().await), ((1, 0), 3), "it never goes back");
}

#[tokio::test]
async fn members_claim_what_others_have_for_long() {
    let bench = Bench::new();
    bench.tell(3, "a", None).await;
    bench.make("crm", &[], None).await;
    bench.read("dead", 2).await;
    bench.world.hand.advance(Duration::from_secs(30));
    bench.read("dead", 1).await;
    let claim = async |member: &str, idle: u64| {
        let idle = Duration::from_secs(idle);
        seqs(&bench.externals.claim("crm", member, idle, 50).await.unwrap())
    };
    assert_eq!(claim("dead", 0).await, [0; 0], "it has them");
    assert_eq!(claim("two", 31).await, [0; 0]);
    assert_eq!(claim("two", 30).await, [1, 2]);
    assert_eq!(bench.held().await[0], (1, "two".to_owned(), 2));
    assert_eq!(claim("three", 0).await, [1, 2, 3]);
    assert_eq!(claim("four", 0).await, [3], "the others were handed out too often");
    assert_eq!(bench.desk.parked("crm", 0, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn only_what_is_wanted_is_handed_out() {
    let bench = Bench::new();
    let tenant: TenantId = bench.world.shell.id();
    let name = Externals::full_name("own", Some(tenant));
    bench.make("own", &["b"], Some(tenant)).await;
    bench.tell(300, "b", None).await;
    bench.tell(1, "b", Some(tenant)).await;
    bench.tell(2, "a", Some(tenant)).await;
    let read = async || seqs(&bench.externals.read(&name, "m", 50, true).await.unwrap());
    assert_eq!(read().await, [301]);
    let row = bench.desk.row(&name).await.unwrap().unwrap().row;
    assert_eq!(row.cursor, 300, "what is not wanted is passed");
    let ids = BTreeSet::from([bench.desk.event(301).await.unwrap().unwrap().id]);
    let done = bench.externals.acknowledge(&name, &BTreeSet::new(), &ids, None).await.unwrap();
    assert_eq!(done.acknowledged, 1, "by its id");
    let view = bench.desk.consumers().await.unwrap().remove(0);
    assert_eq!((view.lag, view.pending, view.held), (0, 0, 0));
    assert_eq!(view.external.unwrap().tenant, Some(tenant));
}

#[tokio::test]
async fn there_are_bounds() {
    let bench = Bench::new();
    bench.make("crm", &[], None).await;
    bench.tell(1200, "a", None).await;
    let mut read = 0;
    while let more @ 1.. = bench.read("greedy", 500).await.len() {
        read += more;
    }
    assert_eq!(read, MAX_HELD, "until something is acknowledged");
    bench.ack(&[1]).await;
    assert_eq!(bench.read("greedy", 500).await, [1001]);
    let tenant: TenantId = bench.world.shell.id();
    let draft = |name: &str, tenant: Option<TenantId>| Draft {
        name: Externals::full_name(name, tenant),
        kinds: Vec::new(),
        tenant,
        begins: Begins::Now,
        ack_seconds: 1,
    };
    let make = async |name: &str, tenant| {
        bench.externals.make(draft(name, tenant), None, &by()).await.map(drop)
    };
    let code = |made: Result<(), Error>| match made {
        Ok(()) => "made",
        Err(Error::Refused(Refusal::Conflict { code, .. })) => code,
        Err(other) => panic!("{other}"),
    };
    assert_eq!(code(make("crm", None).await), "consumer_exists");
    assert_eq!(code(make("crm", Some(tenant)).await), "made", "another tenant's name is free");
    assert_eq!(code(make("b", Some(tenant)).await), "made");
    assert_eq!(code(make("c", Some(tenant)).await), "too_many_consumers", "a quarter");
    for name in ["d", "e", "f", "g", "h"] {
        assert_eq!(code(make(name, None).await), "made");
    }
    assert_eq!(code(make("i", None).await), "too_many_consumers");
}

#[tokio::test]
async fn a_replay_begins_anew_and_a_removal_leaves_nothing() {
    let bench = Bench::new();
    bench.tell(4, "a", None).await;
    bench.make("crm", &[], None).await;
    bench.read("one", 50).await;
    bench.ack(&[1, 2, 3]).await;
    bench.desk.replay("crm", 2, &Write::new()).await.unwrap();
    assert_eq!((bench.cursor().await, bench.held().await.len()), (1, 0));
    assert_eq!(bench.read("two", 50).await, [2, 3, 4]);
    bench.externals.remove("crm", &by()).await.unwrap();
    let store = &bench.world.shell.store;
    assert!(store.page::<Rows>(&Query::all()).await.unwrap().rows.is_empty());
    assert!(store.page::<Leases>(&Query::all()).await.unwrap().rows.is_empty());
    assert!(store.page::<Consumers>(&Query::all()).await.unwrap().rows.is_empty());
    assert!(store.page::<ParkedEvents>(&Query::all()).await.unwrap().rows.is_empty());
    let gone = bench.externals.read("crm", "one", 1, true).await;
    assert!(matches!(gone, Err(Error::Refused(Refusal::Absent { .. }))));
}

#[tokio::test]
async fn a_consumer_of_a_deleted_tenant_holds_nothing_back() {
    let bench = Bench::new();
    bench.make("own", &[], Some(bench.world.shell.id())).await;
    bench.make("crm", &[], None).await;
    bench.desk.remove_orphans().await.unwrap();
    let names: Vec<_> = bench.desk.rows().await.unwrap().into_iter().map(|row| row.key).collect();
    assert_eq!(names, ["crm"]);
}

#[tokio::test]
async fn members_race_and_every_event_has_one_holder() {
    let bench = Arc::new(Bench::new());
    bench.tell(200, "a", None).await;
    bench.make("crm", &[], None).await;
    let readers: Vec<_> = (0..4)
        .map(|number| {
            let bench = bench.clone();
            tokio::spawn(async move {
                let (mut mine, member) = (Vec::new(), format!("m{number}"));
                loop {
                    let read = bench.read(&member, 7).await;
                    if read.is_empty() {
                        return mine;
                    }
                    bench.ack(&read).await;
                    mine.extend(read);
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for reader in readers {
        all.extend(reader.await.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (1..=200).collect::<Vec<_>>());
    assert_eq!(bench.cursor().await, 200);
}

#[test]
fn the_cursor_waits_for_the_oldest_event_that_is_held() {
    for (before, read_to, first_held, cursor) in [
        (0, 9, None, 9),
        (0, 9, Some(4), 3),
        (5, 9, Some(4), 5),
        (0, 0, None, 0),
        (0, 3, Some(9), 3),
    ] {
        assert_eq!(rules::cursor(before, read_to, first_held), cursor, "{before} {read_to}");
    }
}
