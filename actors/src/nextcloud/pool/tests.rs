//! Places under contention.

use std::collections::BTreeMap;

use actix_rt::Arbiter;
use futures::future::join_all;
use zelador_store::id::{InstanceId, TenantId, UserId};
use zelador_store::nextcloud::{
    Account, AccountState, Accounts, Instance, InstanceStatus, Instances, Occupancy, Place,
};
use zelador_store::{Timestamp, Write};

use super::{PoolDesk, Release, Renumber, Reserve, Reserved};
use crate::engine::supervisor::{Board, Floor};
use crate::nextcloud::rules::tests::choice::instance;
use crate::testkit::World;

struct Bench {
    world: World,
    desk: PoolDesk,
    tenant: TenantId,
}

fn pending(tenant: TenantId) -> Account {
    Account {
        tenant,
        state: AccountState::Pending,
        place: None,
        quota: None,
        groups: Vec::new(),
        language: None,
        password: None,
        error: None,
        tries: 0,
        job: None,
        moving: None,
        locked_out: false,
        switched_by: None,
        created_at: None,
        version: 0,
        updated_at: Timestamp::EPOCH,
    }
}

impl Bench {
    fn new() -> Self {
        let world = World::new();
        let desk = PoolDesk::new(world.shell.clone());
        let tenant = world.shell.id();
        Self { world, desk, tenant }
    }

    fn staffed() -> Self {
        let bench = Self::new();
        let floor = Floor::new(vec![Arbiter::new().handle()]);
        let desk = bench.desk.clone().staffed(floor, Board::default());
        Self { desk, ..bench }
    }

    async fn add(&self, name: &str, max_users: u32) -> InstanceId {
        let id = self.world.shell.id();
        let mut write = Write::new();
        write.insert::<Instances>(&id, &instance(name, max_users));
        self.world.shell.store.commit(write).await.unwrap();
        id
    }

    async fn change(&self, id: InstanceId, change: impl Fn(&mut Instance)) {
        let stored = self.world.shell.store.get::<Instances>(&id).await.unwrap().unwrap();
        let mut row = stored.row.clone();
        change(&mut row);
        let mut write = Write::new();
        write.update::<Instances>(&stored, &row);
        self.world.shell.store.commit(write).await.unwrap();
    }

    async fn person(&self) -> UserId {
        let id = self.world.shell.id();
        let mut write = Write::new();
        write.insert::<Accounts>(&id, &pending(self.tenant));
        self.world.shell.store.commit(write).await.unwrap();
        id
    }

    async fn reserve(&self, user: UserId, proposal: &str) -> Reserved {
        self.desk.reserve(Reserve { user, proposal: proposal.to_owned() }).await.unwrap()
    }

    async fn place(&self, user: UserId, proposal: &str) -> Place {
        match self.reserve(user, proposal).await {
            Reserved::At(place) => place,
            Reserved::Nowhere(none) => panic!("{none}"),
        }
    }

    async fn taken(&self, id: InstanceId) -> u32 {
        let stored = self.world.shell.store.get::<Occupancy>(&id).await.unwrap();
        stored.map_or(0, |stored| stored.row.places)
    }
}

#[actix_rt::test]
async fn a_thousand_at_once_fill_and_never_overfill() {
    let bench = Bench::staffed();
    let sizes = [("a", 100), ("b", 250), ("c", 400)];
    let mut ids = Vec::new();
    for (name, size) in sizes {
        ids.push((bench.add(name, size).await, size));
    }
    let mut people = Vec::new();
    for _ in 0..1000 {
        people.push(bench.person().await);
    }
    // As many as there are workers ask at once.
    let mut placed: BTreeMap<InstanceId, u32> = BTreeMap::new();
    let mut nowhere = 0;
    let proposals = ["ana", "bia", "caio", "davi", "eva", "fabio", "gil", "hugo"];
    for crowd in people.chunks(16) {
        let asked = crowd.iter().zip(proposals.iter().cycle());
        for reserved in join_all(asked.map(|(user, name)| bench.reserve(*user, name))).await {
            match reserved {
                Reserved::At(place) => *placed.entry(place.instance).or_default() += 1,
                Reserved::Nowhere(none) => {
                    assert_eq!(none.full, 3);
                    nowhere += 1;
                }
            }
        }
    }
    assert_eq!(nowhere, 250);
    for (id, size) in ids {
        assert_eq!((placed[&id], bench.taken(id).await), (size, size));
    }
}

#[tokio::test]
async fn even_without_the_actor_the_last_place_is_taken_once() {
    let bench = Bench::new();
    let only = bench.add("a", 5).await;
    let mut people = Vec::new();
    for _ in 0..8 {
        people.push(bench.person().await);
    }
    let all = join_all(people.iter().map(|user| bench.reserve(*user, "ana"))).await;
    let at = all.iter().filter(|one| matches!(one, Reserved::At(_))).count();
    assert_eq!((at, bench.taken(only).await), (5, 5));
}

#[tokio::test]
async fn asking_again_answers_the_same_place() {
    let bench = Bench::new();
    bench.add("a", 5).await;
    let user = bench.person().await;
    let first = bench.place(user, "Ana").await;
    assert_eq!(first.remote_id, "ana");
    assert_eq!(bench.place(user, "something else").await, first);
    assert_eq!(bench.taken(first.instance).await, 1);
}

#[tokio::test]
async fn ids_are_unique_on_an_instance_and_not_beyond() {
    let bench = Bench::new();
    bench.add("a", 50).await;
    let mut ids = Vec::new();
    for proposal in ["ana", "ANA", "ana", "bob"] {
        let user = bench.person().await;
        ids.push(bench.place(user, proposal).await.remote_id);
    }
    assert_eq!(ids, ["ana", "ana-2", "ana-3", "bob"]);
    bench.add("b", 50).await;
    let user = bench.person().await;
    assert_eq!(bench.place(user, "ana").await.remote_id, "ana", "the emptier one");
}

#[tokio::test]
async fn an_id_that_somebody_has_there_is_passed_over() {
    let bench = Bench::new();
    bench.add("a", 5).await;
    let user = bench.person().await;
    let place = bench.place(user, "ana").await;
    let ask = Renumber { user, proposal: "ana".to_owned(), taken: place.remote_id.clone() };
    let next = bench.desk.renumber(ask.clone()).await.unwrap();
    assert_eq!((next.remote_id.as_str(), next.go), ("ana-2", 1));
    assert_eq!(bench.desk.renumber(ask).await.unwrap(), next, "a second run does no harm");
    assert_eq!(bench.taken(place.instance).await, 1);
}

#[tokio::test]
async fn a_place_is_given_up_unless_something_stands_there() {
    let bench = Bench::new();
    let only = bench.add("a", 1).await;
    let (first, second) = (bench.person().await, bench.person().await);
    bench.place(first, "ana").await;
    assert!(matches!(bench.reserve(second, "bob").await, Reserved::Nowhere(_)));
    for _ in 0..2 {
        bench.desk.release(Release { user: first }).await.unwrap();
    }
    assert_eq!(bench.taken(only).await, 0);
    bench.place(second, "bob").await;
    let stored = bench.world.shell.store.get::<Accounts>(&second).await.unwrap().unwrap();
    let mut made = stored.row.clone();
    made.place.as_mut().unwrap().made = true;
    let mut write = Write::new();
    write.update::<Accounts>(&stored, &made);
    bench.world.shell.store.commit(write).await.unwrap();
    assert!(bench.desk.release(Release { user: second }).await.is_err());
    assert_eq!(bench.taken(only).await, 1);
}

#[tokio::test]
async fn an_instance_that_is_switched_off_gets_nobody() {
    let bench = Bench::new();
    let only = bench.add("a", 5).await;
    bench.change(only, |row| row.status = InstanceStatus::Disabled).await;
    let user = bench.person().await;
    let Reserved::Nowhere(none) = bench.reserve(user, "ana").await else { panic!() };
    assert_eq!(none.off, 1);
    bench.change(only, |row| row.status = InstanceStatus::Active).await;
    assert_eq!(bench.place(user, "ana").await.instance, only);
}
