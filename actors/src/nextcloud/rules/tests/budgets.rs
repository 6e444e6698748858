//! The allowance of edits.

use std::time::Duration;

use proptest::prelude::*;
use zelador_store::Timestamp;

use super::super::budget::{Budget, EDITS, WINDOW};

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000) + Duration::from_secs(seconds)
}

#[test]
fn edits_are_given_back_as_they_age() {
    let mut budget = Budget::default();
    assert_eq!(budget.left(at(0)), EDITS);
    budget.spend(30, at(0));
    budget.spend(15, at(100));
    assert_eq!(budget.left(at(100)), 0);
    assert_eq!(budget.free_at(1, at(100)), at(600));
    assert_eq!(budget.free_at(31, at(100)), at(700));
    assert_eq!(budget.left(at(600)), 30);
    assert_eq!(budget.left(at(700)), EDITS);
}

#[test]
fn a_server_that_says_enough_is_believed() {
    let mut budget = Budget::default();
    budget.refused(at(5));
    assert_eq!(budget.left(at(6)), 0);
    assert_eq!(budget.free_at(1, at(6)), at(5) + WINDOW);
    assert_eq!(budget.left(at(605)), EDITS);
}

proptest! {
    #[test]
    fn never_more_than_allowed_in_any_window(waits in proptest::collection::vec(0_u64..120, 1..300)) {
        let (mut budget, mut now, mut spent) = (Budget::default(), 0, Vec::new());
        for wait in waits {
            now += wait;
            if budget.left(at(now)) > 0 {
                budget.spend(1, at(now));
                spent.push(now);
            } else {
                let free = budget.free_at(1, at(now));
                prop_assert!(free > at(now));
                prop_assert!(budget.left(free) > 0);
            }
        }
        for (first, from) in spent.iter().enumerate() {
            let within = spent[first..].iter().take_while(|at| **at < from + WINDOW.as_secs());
            prop_assert!(within.count() <= EDITS);
        }
    }
}
