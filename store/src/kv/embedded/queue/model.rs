//! The queue under a model checker: no lost wake-up, no lost entry, no entry
//! past the bounds, whatever the order of the threads' steps.

use std::collections::VecDeque;
use std::time::Duration;

use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::sync::{Arc, Condvar, Mutex, MutexGuard};
use shuttle::thread;

include!("core.rs");

/// Enough schedules to find a lost wake-up: leaving out the `asleep` flag's
/// setting is found within the first hundred.
const SCHEDULES: usize = 20_000;
const PATIENCE: Duration = Duration::from_hours(1);
const TWO: Bounds = Bounds { entries: 2, weight: 20 };

#[test]
fn every_accepted_entry_is_taken_once_and_in_order() {
    shuttle::check_random(
        || {
            let queue = Arc::new(Queue::new(TWO));
            let let_in = Arc::new(AtomicUsize::new(0));
            let writers: Vec<_> = (0..2).map(|w| write(w, &queue, &let_in)).collect();
            let taker = {
                let queue = queue.clone();
                thread::spawn(move || drain(&queue))
            };
            for writer in writers {
                writer.join().unwrap();
            }
            queue.close();
            let all = taker.join().unwrap();
            assert_eq!(queue.waiting(), 0);
            assert_eq!(all.len(), let_in.load(Ordering::SeqCst));
            for writer in 0..2 {
                let mine: Vec<_> = all.iter().filter(|(w, _)| *w == writer).collect();
                assert!(mine.is_sorted(), "out of order: {mine:?}");
            }
        },
        SCHEDULES,
    );
}

#[test]
fn a_nudge_is_never_slept_through() {
    shuttle::check_random(
        || {
            let queue = Arc::new(Queue::<()>::new(TWO));
            let other = queue.clone();
            let nudger = thread::spawn(move || other.nudge());
            // A lost nudge would leave this asleep: the checker calls it a deadlock.
            assert_eq!(queue.take(TWO, PATIENCE), Taken::Nothing);
            nudger.join().unwrap();
        },
        SCHEDULES,
    );
}

fn write(
    writer: usize,
    queue: &Arc<Queue<(usize, usize)>>,
    let_in: &Arc<AtomicUsize>,
) -> thread::JoinHandle<()> {
    let (queue, let_in) = (queue.clone(), let_in.clone());
    thread::spawn(move || {
        for entry in 0..3 {
            if queue.push((writer, entry), 10).is_ok() {
                let_in.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
}

fn drain(queue: &Queue<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    loop {
        match queue.take(TWO, PATIENCE) {
            Taken::Entries(entries) => {
                assert!(entries.len() <= TWO.entries);
                all.extend(entries);
            }
            Taken::Nothing => {}
            Taken::Closed => return all,
        }
    }
}
