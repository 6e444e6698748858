//! The whole calendar against a list: sequences of everything that can be done to
//! bookings, each step compared with a model that keeps them in a plain `Vec` and
//! counts seats minute by minute.
//!
//! The model knows nothing of revisions, indexes or sweeps; what it shares with
//! the code is the specification.

mod list;
mod run;
mod steps;

use proptest::test_runner::{Config, TestCaseError, TestRunner};

use self::run::Run;
use super::House;

/// Sequences of each of the tests, which run side by side: 10,000 in all.
const SEQUENCES: u32 = 2_500;

fn sequences() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let house = runtime.block_on(House::new());
    let config = Config { cases: SEQUENCES, failure_persistence: None, ..Config::default() };
    let done = TestRunner::new(config).run(&steps::story(), |story| {
        runtime.block_on(async {
            let mut run = Run::new(&house, &story).await;
            for (number, step) in story.steps.iter().enumerate() {
                run.take(*step).await.map_err(|why| {
                    TestCaseError::fail(format!("step {number}, {step:?}: {why}"))
                })?;
            }
            Ok(())
        })
    });
    done.unwrap();
}

#[test]
fn a_calendar_is_as_a_list_of_bookings() {
    sequences();
}

#[test]
fn a_calendar_is_as_a_list_of_bookings_again() {
    sequences();
}

#[test]
fn a_calendar_is_as_a_list_of_bookings_once_more() {
    sequences();
}

#[test]
fn a_calendar_is_as_a_list_of_bookings_to_the_end() {
    sequences();
}
