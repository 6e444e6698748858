//! Every interleaving, as far as a randomised scheduler finds them: dispatchers
//! that claim, an operator who calls off and retries, and a process that starts
//! again in the middle, all on the same jobs. No try starts twice.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use shuttle::future::block_on;
use shuttle::thread;
use zelador_store::id::JobId;
use zelador_store::job::{Job, JobState, Jobs};
use zelador_store::kv::memory::Memory;
use zelador_store::{Store, Timestamp, Write};

use crate::engine::jobs::NewJob;
use crate::engine::jobs::claim::claim;
use crate::engine::jobs::rules::{Ending, Policy, cancel, end, retry};
use crate::testkit::attended::{Attendant, Attended};

const JOBS: u8 = 2;
const SCHEDULES: usize = 20_000;

/// At each operation another thread may go first.
struct Interleaved;

#[async_trait]
impl Attendant for Interleaved {
    async fn before_get(&self) {
        thread::yield_now();
    }

    async fn before_scan(&self) {
        thread::yield_now();
    }

    async fn before_apply(&self) {
        thread::yield_now();
    }
}

fn id(number: u8) -> JobId {
    JobId::new(Timestamp::EPOCH, [number; 10])
}

/// Which tries were started, across retries: the history tells them apart.
type Started = Arc<Mutex<Vec<(JobId, usize, u16)>>>;

/// Claims what is ready, together if it can, and fails what it claimed.
fn dispatch(store: &Store, started: &Started) {
    block_on(async {
        let mut ready = Vec::new();
        for number in 0..JOBS {
            let stored = store.get::<Jobs>(&id(number)).await.unwrap().unwrap();
            if stored.row.state == JobState::Ready {
                ready.push(stored);
            }
        }
        let Ok(claimed) = claim(store, &ready, Timestamp::EPOCH).await else { return };
        for mine in claimed {
            started.lock().push((mine.key, mine.row.history.len(), mine.row.tries));
            let policy = Policy { tries: 3, backoff_seconds: vec![] };
            let failed = Ending::Failed { error: "x".into(), after: None };
            let next = end(&mine.row, &failed, &policy, 0.0, Timestamp::EPOCH);
            let mut write = Write::new();
            // Without a wait it is ready again at once.
            let next = match next.state {
                JobState::Scheduled => Job { state: JobState::Ready, ..next },
                _ => next,
            };
            write.move_job(&mine, &next);
            let _ = store.commit(write).await;
        }
    });
}

fn change(store: &Store, number: u8, decide: impl Fn(&Job) -> Option<Job>) {
    block_on(async {
        let stored = store.get::<Jobs>(&id(number)).await.unwrap().unwrap();
        if let Some(next) = decide(&stored.row) {
            let mut write = Write::new();
            write.move_job(&stored, &next);
            let _ = store.commit(write).await;
        }
    });
}

fn race() {
    let store = Store::new(Attended::new(Arc::new(Memory::new()), Interleaved));
    let started = Started::default();
    block_on(async {
        let mut write = Write::new();
        for number in 0..JOBS {
            write.enqueue(id(number), &NewJob::new("diagnostic", &()).build(Timestamp::EPOCH));
        }
        store.commit(write).await.unwrap();
    });
    let mut threads = Vec::new();
    for _ in 0..2 {
        let (store, started) = (store.clone(), started.clone());
        threads.push(thread::spawn(move || (0..2).for_each(|_| dispatch(&store, &started))));
    }
    threads.push(thread::spawn({
        let store = store.clone();
        move || {
            change(&store, 0, |job| cancel(job, Timestamp::EPOCH));
            change(&store, 0, |job| retry(job, Timestamp::EPOCH));
        }
    }));
    threads.push(thread::spawn({
        let store = store.clone();
        move || {
            // What a new process does with a job that it finds running.
            let policy = Policy { tries: 3, backoff_seconds: vec![] };
            change(&store, 1, |job| {
                (job.state == JobState::Running)
                    .then(|| end(job, &Ending::Interrupted, &policy, 0.0, Timestamp::EPOCH))
            });
        }
    }));
    for thread in threads {
        thread.join().unwrap();
    }
    let mut tries = started.lock().clone();
    let count = tries.len();
    tries.sort_unstable();
    tries.dedup();
    assert_eq!(tries.len(), count, "a try started twice: {:?}", started.lock());
}

#[test]
fn no_try_starts_twice_in_any_order_of_events() {
    shuttle::check_random(race, SCHEDULES);
}
