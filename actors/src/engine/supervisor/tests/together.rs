//! Messages that wait are decided one upon the other and committed as one; whatever
//! goes wrong there, each is served as if it had been alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_rt::Arbiter;
use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use zelador_store::event::{Consumer, Consumers};
use zelador_store::kv::EngineError;
use zelador_store::kv::memory::Memory;
use zelador_store::{Store, Write};

use super::super::{Floor, Member, Roster, Serve, Supervisor};
use super::LONG;
use crate::engine::{Shell, Tries};
use crate::error::{During, Error, Refusal};
use crate::testkit::attended::{Attendant, Attended};
use crate::testkit::{World, eventually};

/// Counts commits, and has them wait at a gate.
struct Gated {
    begun: AtomicUsize,
    gate: Semaphore,
}

#[async_trait]
impl Attendant for Gated {
    async fn before_apply(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
    }
}

/// Lets people into a room with `seats`.
#[derive(Clone)]
struct Usher {
    shell: Shell,
    seats: u64,
    door: Arc<Semaphore>,
}

impl Member for Usher {
    type Key = u32;
    const NAME: &'static str = "usher";
    const CONCERN: &'static str = "users";

    fn on(&self, draft: &Store) -> Option<Self> {
        let shell = Shell { store: draft.clone(), ..self.shell.clone() };
        Some(Self { shell, ..self.clone() })
    }
}

#[derive(Clone, Copy)]
enum Come {
    In,
    /// Once the door is opened.
    Late,
    Stumbling,
}

fn full() -> Refusal {
    Refusal::conflict("full")
}

impl Serve<Come> for Usher {
    /// Which seat it was.
    type Answer = u64;

    async fn serve(&self, room: u32, come: &Come) -> Result<u64, Error> {
        match come {
            Come::In => {}
            Come::Late => self.door.acquire().await.unwrap().forget(),
            Come::Stumbling => panic!("told to panic"),
        }
        let mut tries = Tries::of("coming in");
        loop {
            let found = self.shell.store.get::<Consumers>(&room.to_string()).await;
            let found = found.during("reading")?;
            let taken = found.as_ref().map_or(0, |found| found.row.cursor);
            if taken == self.seats {
                return Err(full().into());
            }
            let row = Consumer { cursor: taken + 1, ..Consumer::default() };
            let mut write = Write::new();
            match &found {
                Some(found) => write.update::<Consumers>(found, &row),
                None => write.insert::<Consumers>(&room.to_string(), &row),
            };
            match self.shell.store.commit(write).await {
                Ok(_) => return Ok(taken + 1),
                Err(error) => tries.again(error)?,
            }
        }
    }
}

struct House {
    memory: Arc<Memory>,
    commits: Arc<Attended<Gated>>,
    store: Store,
    door: Arc<Semaphore>,
    roster: Roster<Usher>,
    supervisor: Supervisor,
}

impl House {
    fn new(seats: u64) -> Self {
        let world = World::new();
        let memory = Arc::new(Memory::new());
        let gated = Gated { begun: AtomicUsize::new(0), gate: Semaphore::new(0) };
        let commits = Attended::new(memory.clone(), gated);
        let store = Store::new(commits.clone());
        let shell = Shell { store: store.clone(), ..world.shell };
        let supervisor = Supervisor::new(shell.clock.clone());
        let floor = Floor::new(vec![Arbiter::new().handle()]);
        let door = Arc::new(Semaphore::new(0));
        let usher = Usher { shell: shell.clone(), seats, door: door.clone() };
        let roster = Roster::new(usher, shell, floor, supervisor.board(), LONG);
        Self { memory, commits, store, door, roster, supervisor }
    }

    fn ask(&self, come: Come) -> JoinHandle<Result<u64, Error>> {
        let roster = self.roster.clone();
        tokio::spawn(async move { roster.ask(&1, come).await })
    }

    /// One who is served alone and holds the actor at the commit; then these, all of
    /// whom wait behind.
    async fn behind_one(&self, those: &[Come]) -> Vec<JoinHandle<Result<u64, Error>>> {
        let first = self.ask(Come::In);
        self.commits_begun(1).await;
        let mut all = vec![first];
        for (at, come) in those.iter().enumerate() {
            all.push(self.ask(*come));
            eventually("it waits", async || {
                let waiting = self.supervisor.board().parts().get("usher").map(|it| it.waiting);
                (waiting == Some(at + 2)).then_some(())
            })
            .await;
        }
        all
    }

    async fn commits_begun(&self, count: usize) {
        eventually("commits", async || {
            (self.commits.by.begun.load(Ordering::SeqCst) == count).then_some(())
        })
        .await;
    }

    async fn taken(&self) -> u64 {
        let found = self.store.get::<Consumers>(&"1".to_owned()).await.unwrap();
        found.map_or(0, |found| found.row.cursor)
    }
}

async fn answers(asked: Vec<JoinHandle<Result<u64, Error>>>) -> Vec<Result<u64, Error>> {
    let mut answers = Vec::new();
    for one in asked {
        answers.push(one.await.unwrap());
    }
    answers
}

fn seat_of(answer: &Result<u64, Error>) -> u64 {
    *answer.as_ref().unwrap()
}

fn is_full(answer: &Result<u64, Error>) -> bool {
    matches!(answer, Err(Error::Refused(refusal)) if *refusal == full())
}

#[actix_rt::test]
async fn those_who_wait_are_committed_as_one_and_each_has_a_place_of_their_own() {
    let house = House::new(20);
    let asked = house.behind_one(&[Come::In; 25]).await;
    house.commits.by.gate.add_permits(2);
    let answers = answers(asked).await;
    let seats: Vec<_> = answers.iter().take(20).map(seat_of).collect();
    assert_eq!(seats, (1..=20).collect::<Vec<_>>());
    assert!(answers.iter().skip(20).all(is_full), "{answers:?}");
    assert_eq!((house.taken().await, house.commits.by.begun.load(Ordering::SeqCst)), (20, 2));
}

#[actix_rt::test]
async fn a_refusal_is_not_told_before_what_it_rests_on_is_on_disk() {
    let house = House::new(2);
    let asked = house.behind_one(&[Come::In, Come::In]).await;
    house.commits.by.gate.add_permits(1);
    house.commits_begun(2).await;
    // The last seat is taken on the draft alone, and who came for it waits as well.
    assert_eq!(house.taken().await, 1);
    assert!(asked.iter().skip(1).all(|one| !one.is_finished()));
    house.memory.refuse(Some(|| EngineError::Full));
    house.commits.by.gate.add_permits(100);
    let answers = answers(asked).await;
    assert_eq!(seat_of(&answers[0]), 1);
    // Nobody was refused for a seat that nobody got.
    let failed = |answer: &Result<_, _>| matches!(answer, Err(Error::StorageFull));
    assert!(answers.iter().skip(1).all(failed), "{answers:?}");
    assert_eq!(house.taken().await, 1);
}

#[actix_rt::test]
async fn a_draft_that_was_overtaken_is_decided_anew_by_each() {
    let house = House::new(20);
    let asked = house.behind_one(&[Come::In, Come::Late, Come::In]).await;
    house.commits.by.gate.add_permits(1);
    eventually("the first is in", async || (house.taken().await == 1).then_some(())).await;
    // The draft is held at the door. Somebody else takes five seats meanwhile.
    let found = house.store.get::<Consumers>(&"1".to_owned()).await.unwrap().unwrap();
    let mut write = Write::new();
    write.update::<Consumers>(&found, &Consumer { cursor: 6, ..found.row.clone() });
    house.commits.by.gate.add_permits(100);
    house.store.commit(write).await.unwrap();
    house.door.add_permits(2);
    let seats: Vec<_> = answers(asked).await.iter().map(seat_of).collect();
    assert_eq!(seats, [1, 7, 8, 9]);
}

#[actix_rt::test]
async fn one_who_falls_costs_the_others_nothing_that_is_not_told() {
    let house = House::new(20);
    let asked = house.behind_one(&[Come::In, Come::Stumbling, Come::In]).await;
    house.commits.by.gate.add_permits(100);
    let answers = answers(asked).await;
    assert_eq!((seat_of(&answers[0]), seat_of(&answers[1])), (1, 2));
    assert!(matches!(answers[2], Err(Error::Fault { .. })), "{answers:?}");
    assert!(matches!(answers[3], Err(Error::Busy { .. })), "{answers:?}");
    assert_eq!(house.taken().await, 2);
}
