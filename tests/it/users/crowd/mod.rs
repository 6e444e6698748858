//! Ten thousand people whose status changes twice within one minute, with a
//! SIGKILL in the middle: all of it happens, in order, once, and soon.

mod judge;
mod seed;

use std::time::Duration;

use serde_json::{Value, json};
use zelador_actors::engine::Clock;
use zelador_store::Timestamp;

use crate::harness::{Daemon, Home, eventually, undisturbed};

/// How many people.
const PEOPLE: usize = 10_000;
/// Within this time everybody is suspended, and within the next as long banned.
const HALF: Duration = Duration::from_secs(30);
/// How much longer it may take to plan for everybody than to register them: three
/// commits instead of one, and as long again for a machine that is busy with others.
const PLANNING: u32 = 6;
/// From then until the first is suspended: a daemon starts within it.
const AHEAD: Duration = Duration::from_secs(15);
/// What follows is done no later than this after the last ban, on two cores. A
/// build that is not optimised, beside others, is only asked to get there.
const GRACE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 240 } else { 10 });

/// When somebody is to be suspended and banned.
#[derive(Debug, Clone, Copy)]
struct Planned {
    suspended: Timestamp,
    banned: Timestamp,
}

impl Planned {
    fn of(number: usize, begin: Timestamp) -> Self {
        let share = HALF * u32::try_from(number).unwrap() / u32::try_from(PEOPLE).unwrap();
        // To the millisecond, as the store keeps it.
        let share = Duration::from_millis(u64::try_from(share.as_millis()).unwrap());
        Self { suspended: begin + share, banned: begin + HALF + share }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_suspended_and_banned_on_time_and_once() {
    let _one = undisturbed().await;
    let home = Home::alone("").await;
    let daemon = home.start().await;
    let academia = json!({"name": "Academia", "domain": "crowd.example"});
    let tenant = daemon.client().post("/tenants", &academia).await.is(201);
    let tenant = tenant["id"].as_str().unwrap().parse().unwrap();
    daemon.stop().await;

    let clock = Clock::system();
    let seeded_at = clock.now();
    let (people, begin) = seed::people(&home, tenant).await;
    println!("{PEOPLE} people with {} plans in {:?}", 2 * PEOPLE, clock.now().since(seeded_at));

    let mut daemon = home.start().await;
    let midst = begin + HALF - Duration::from_secs(3);
    assert!(clock.now() < midst, "planned too soon for a machine as slow as this one is now");
    clock.until(midst).await;
    daemon.kill().await;
    let daemon = home.start().await;
    let last = Planned::of(PEOPLE - 1, begin).banned;
    clock.until(last).await;
    done(&daemon).await;
    let late = clock.now().since(last);
    println!("all jobs and what follows from them done {late:?} after the last ban");
    daemon.stop().await;
    judge::all(&home, &people).await;
    assert!(late <= GRACE, "late by {late:?}");
}

/// Waits until no job is left to do and every consumer has passed every event.
async fn done(daemon: &Daemon) {
    let client = daemon.client();
    let none = |row: &Value, names: &[&str]| names.iter().all(|name| row[*name] == 0);
    eventually("the crowd is done with", GRACE + Duration::from_secs(30), || async {
        let queues = client.get("/queues").await.is(200);
        let idle = |row: &Value| none(row, &["ready", "scheduled", "running"]);
        let consumers = client.get("/events/consumers").await.is(200);
        let followed = |row: &Value| none(row, &["lag"]);
        let idle = queues.as_array().unwrap().iter().all(idle);
        (idle && consumers.as_array().unwrap().iter().all(followed)).then_some(())
    })
    .await;
}
