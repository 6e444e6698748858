//! Falls of every kind: nobody hangs, nobody else notices, it works again.

mod together;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_rt::Arbiter;
use tokio::sync::Semaphore;
use zelador_store::Timestamp;

use super::{Falls, Floor, Member, RETRY_DOWN, Roster, Serve, Supervisor, Verdict};
use crate::error::Error;
use crate::testkit::{World, eventually};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[test]
fn falls_wait_longer_and_longer_and_the_eleventh_in_a_minute_is_down() {
    let mut falls = Falls::default();
    let waits: Vec<Verdict> = (0..11).map(|number| falls.note(at(number))).collect();
    let restart = |millis| Verdict::Restart(Duration::from_millis(millis));
    assert_eq!(waits[..3], [restart(1), restart(2), restart(4)]);
    assert_eq!(waits[9], restart(512));
    assert_eq!(waits[10], Verdict::Down(RETRY_DOWN));
    assert_eq!(falls.note(at(61_000)), restart(1), "old falls are forgotten");
    assert_eq!(falls.note(at(0)), restart(1), "so are those of a clock set back");
}

#[tokio::test]
async fn a_loop_that_panics_or_fails_is_begun_again_and_one_that_ends_is_not() {
    let runs = Arc::new(AtomicU64::new(0));
    let mut supervisor = Supervisor::new(World::new().shell.clock);
    let board = supervisor.board();
    supervisor.keep("loop", "engine", {
        let runs = runs.clone();
        move || {
            let run = runs.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(run != 0, "told to panic");
                if run == 1 { Err(Error::fault("trying", "no")) } else { Ok(()) }
            }
        }
    });
    eventually("three runs", async || (runs.load(Ordering::SeqCst) == 3).then_some(())).await;
    supervisor.stop(Duration::from_secs(5)).await;
    let part = board.parts().remove("loop").unwrap();
    assert_eq!((part.up, part.restarts), (true, 2));
    assert_eq!(part.last_fall.unwrap().1, "failed while trying: no");
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_keeps_falling_is_marked_down_and_tried_every_half_minute() {
    let runs = Arc::new(AtomicU64::new(0));
    let mut supervisor = Supervisor::new(World::new().shell.clock);
    let board = supervisor.board();
    supervisor.keep("loop", "engine", {
        let runs = runs.clone();
        move || {
            runs.fetch_add(1, Ordering::SeqCst);
            async { Err(Error::fault("trying", "no")) }
        }
    });
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!((runs.load(Ordering::SeqCst), board.down()), (11, vec!["engine"]));
    assert!(!board.is_up("engine") && board.is_up("users"));
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(runs.load(Ordering::SeqCst), 12);
    supervisor.stop(Duration::ZERO).await;
}

#[derive(Clone)]
struct Clerk {
    gate: Arc<Semaphore>,
    served: Arc<AtomicU64>,
}

impl Member for Clerk {
    type Key = u32;
    const NAME: &'static str = "clerk";
    const CONCERN: &'static str = "users";
}

enum Told {
    Answer,
    Wait,
    Panic,
}

impl Serve<Told> for Clerk {
    type Answer = u64;

    async fn serve(&self, _: u32, told: &Told) -> Result<u64, Error> {
        match told {
            Told::Answer => {}
            Told::Wait => self.gate.acquire().await.unwrap().forget(),
            Told::Panic => {
                self.gate.acquire().await.unwrap().forget();
                panic!("told to panic")
            }
        }
        Ok(self.served.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

fn office(idle: Duration) -> (Roster<Clerk>, Clerk, Supervisor) {
    let world = World::new();
    let clerk = Clerk { gate: Arc::new(Semaphore::new(0)), served: Arc::default() };
    let supervisor = Supervisor::new(world.shell.clock.clone());
    let floor = Floor::new(vec![Arbiter::new().handle(), Arbiter::new().handle()]);
    let roster = Roster::new(clerk.clone(), world.shell, floor, supervisor.board(), idle);
    (roster, clerk, supervisor)
}

const LONG: Duration = Duration::from_secs(3600);

#[actix_rt::test]
async fn a_panic_answers_the_one_served_with_a_fault_and_those_behind_with_busy() {
    let (roster, clerk, _supervisor) = office(LONG);
    let ask = |key, told| {
        let roster = roster.clone();
        tokio::spawn(async move { roster.ask(&key, told).await })
    };
    let bad = ask(1, Told::Panic);
    eventually("it is seated", async || (roster.len() == 1).then_some(())).await;
    // The panicking message holds the actor until the gate opens.
    let behind: Vec<_> = (0..5).map(|_| ask(1, Told::Answer)).collect();
    assert_eq!(ask(2, Told::Answer).await.unwrap().unwrap(), 1, "the others notice nothing");
    tokio::task::yield_now().await;
    clerk.gate.add_permits(1);
    assert!(matches!(bad.await.unwrap(), Err(Error::Fault { .. })));
    for caller in behind {
        let answer = caller.await.unwrap();
        assert!(matches!(answer, Err(Error::Busy { .. }) | Ok(_)), "{answer:?}");
    }
    roster.ask(&1, Told::Answer).await.unwrap();
}

#[actix_rt::test]
async fn a_full_mailbox_refuses_at_once() {
    let (roster, clerk, _supervisor) = office(LONG);
    let callers: Vec<_> = (0..400)
        .map(|_| {
            let roster = roster.clone();
            tokio::spawn(async move { roster.ask(&1, Told::Wait).await })
        })
        .collect();
    let refused = eventually("refusals", async || {
        let done = callers.iter().filter(|caller| caller.is_finished()).count();
        (done > 200).then_some(done)
    });
    assert!(refused.await < 400);
    clerk.gate.add_permits(400);
    let mut answered = 0;
    for caller in callers {
        answered += u64::from(caller.await.unwrap().is_ok());
    }
    assert_eq!(answered, clerk.served.load(Ordering::SeqCst));
    assert!((128..=129).contains(&answered), "the one served and those behind it: {answered}");
}

#[actix_rt::test]
async fn an_idle_actor_rests_and_nobody_notices() {
    let (roster, clerk, _supervisor) = office(Duration::from_millis(1));
    // Some messages race with the rest, some come when it is over.
    for round in 0..300 {
        roster.ask(&7, Told::Answer).await.unwrap();
        if round % 10 == 0 {
            eventually("it rests", async || roster.is_empty().then_some(())).await;
        }
    }
    assert_eq!(clerk.served.load(Ordering::SeqCst), 300);
}

#[actix_rt::test]
async fn a_roster_that_keeps_falling_is_shut_for_a_while() {
    let (roster, clerk, supervisor) = office(LONG);
    clerk.gate.add_permits(100);
    for _ in 0..11 {
        assert!(matches!(roster.ask(&1, Told::Panic).await, Err(Error::Fault { .. })));
    }
    assert!(matches!(roster.ask(&2, Told::Answer).await, Err(Error::Busy { .. })));
    assert_eq!(supervisor.board().down(), ["users"]);
}
