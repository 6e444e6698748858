//! Random work, compared step by step with a map.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::subject::{MemorySubject, SledSubject, Subject};
use crate::kv::engine::{Batch, EngineError, Expect, Op, Span};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// A step; keys are small numbers so that steps meet.
#[derive(Debug, Clone)]
enum Step {
    Apply { expects: Vec<(u8, Belief)>, ops: Vec<Plan> },
    Get(u8),
    Scan { from: u8, to: u8, reverse: bool, limit: usize },
    Tidy,
    Reopen,
    Kill,
}

#[derive(Debug, Clone)]
enum Belief {
    True,
    Absent,
    Equals(u8),
}

#[derive(Debug, Clone)]
enum Plan {
    Put(u8, u8, usize),
    Delete(u8),
    Append(bool, u8),
    Add(u8, i8),
}

fn key(n: u8) -> Vec<u8> {
    vec![b'k', n / 8, n % 8]
}

fn step() -> impl Strategy<Value = Step> {
    let belief = prop_oneof![
        6 => Just(Belief::True),
        1 => Just(Belief::Absent),
        1 => any::<u8>().prop_map(Belief::Equals),
    ];
    let plan = prop_oneof![
        4 => (0..24_u8, any::<u8>(), 0..90_usize).prop_map(|(k, v, n)| Plan::Put(k, v, n)),
        3 => (0..24_u8).prop_map(Plan::Delete),
        1 => (any::<bool>(), any::<u8>()).prop_map(|(log, v)| Plan::Append(log, v)),
        1 => (24..28_u8, -2..3_i8).prop_map(|(k, d)| Plan::Add(k, d)),
    ];
    let apply = (vec((0..24_u8, belief), 0..3), vec(plan, 0..6));
    let scan = (0..30_u8, 0..34_u8, any::<bool>(), 0..12_usize);
    prop_oneof![
        24 => apply.prop_map(|(expects, ops)| Step::Apply { expects, ops }),
        4 => (0..28_u8).prop_map(Step::Get),
        4 => scan.prop_map(|(from, to, reverse, limit)| Step::Scan { from, to, reverse, limit }),
        2 => Just(Step::Tidy),
        1 => Just(Step::Reopen),
        2 => Just(Step::Kill),
    ]
}

fn expect((n, belief): &(u8, Belief), map: &Map) -> Expect {
    match belief {
        Belief::Absent => Expect::Absent(key(*n).into()),
        Belief::Equals(value) => Expect::Equals(key(*n).into(), vec![*value].into()),
        Belief::True => match map.get(&key(*n)) {
            Some(value) => Expect::Equals(key(*n).into(), value.clone().into()),
            None => Expect::Absent(key(*n).into()),
        },
    }
}

fn holds(expect: &Expect, map: &Map) -> bool {
    match expect {
        Expect::Absent(key) => !map.contains_key(&**key),
        Expect::Equals(key, value) => map.get(&**key).is_some_and(|found| found == value),
    }
}

fn number(map: &Map, key: &[u8]) -> i64 {
    map.get(key).map_or(0, |value| i64::from_le_bytes(value.as_slice().try_into().unwrap()))
}

/// The operation, and its effect on the map: written without a look at any
/// engine's way to do it.
fn perform(plan: &Plan, map: &mut Map) -> Op {
    match plan {
        Plan::Put(n, byte, length) => {
            let value = vec![*byte; *length];
            let fresh = map.insert(key(*n), value.clone()).is_none();
            Op::Put { key: key(*n).into(), value: value.into(), fresh }
        }
        Plan::Delete(n) => {
            map.remove(&key(*n));
            Op::Delete { key: key(*n).into() }
        }
        Plan::Append(which, byte) => {
            let log = if *which { *b"la" } else { *b"lb" };
            let counter = [&[0, 0], &log[..]].concat();
            let next = number(map, &counter) + 1;
            map.insert(counter, next.to_le_bytes().to_vec());
            map.insert([&log[..], &next.to_be_bytes()].concat(), vec![*byte; 7]);
            Op::Append { log, value: vec![*byte; 7].into() }
        }
        Plan::Add(n, delta) => {
            let sum = number(map, &key(*n)) + i64::from(*delta);
            if sum == 0 {
                map.remove(&key(*n));
            } else {
                map.insert(key(*n), sum.to_le_bytes().to_vec());
            }
            Op::Add { key: key(*n).into(), delta: i64::from(*delta) }
        }
    }
}

fn scanned(map: &Map, span: &Span, limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut inside: Vec<_> = map
        .iter()
        .filter(|(key, _)| **key >= span.from && span.to.as_ref().is_none_or(|to| *key < to))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if span.reverse {
        inside.reverse();
    }
    inside.truncate(limit);
    inside
}

async fn run(subject: &mut dyn Subject, steps: &[Step]) {
    let mut map = Map::new();
    for step in steps {
        match step {
            Step::Apply { expects, ops } => {
                let expects: Vec<_> = expects.iter().map(|e| expect(e, &map)).collect();
                let conflict = expects.iter().position(|e| !holds(e, &map));
                let mut after = map.clone();
                let ops = ops.iter().map(|plan| perform(plan, &mut after)).collect();
                match (subject.engine().apply(Batch { expects, ops }).await, conflict) {
                    (Ok(_), None) => map = after,
                    (Err(EngineError::Conflict(at)), Some(expected)) => assert_eq!(at, expected),
                    (outcome, expected) => panic!("{outcome:?}, conflict {expected:?}"),
                }
            }
            Step::Get(n) => {
                let found = subject.engine().get(&key(*n)).await.unwrap();
                assert_eq!(found.as_deref(), map.get(&key(*n)).map(Vec::as_slice));
            }
            Step::Scan { from, to, reverse, limit } => {
                let span = Span { from: key(*from), to: Some(key(*to)), reverse: *reverse };
                let found = subject.engine().scan(&span, *limit).await.unwrap();
                let found: Vec<_> = found.into_iter().map(super::own).collect();
                assert_eq!(found, scanned(&map, &span, *limit));
            }
            Step::Tidy => subject.tidy(),
            Step::Reopen => subject.reopen(),
            Step::Kill => subject.kill(),
        }
    }
    let all = Span { from: Vec::new(), to: None, reverse: true };
    for _ in 0..2 {
        let found = subject.engine().scan(&all, usize::MAX).await.unwrap();
        let found: Vec<_> = found.into_iter().map(super::own).collect();
        assert_eq!(found, scanned(&map, &all, usize::MAX));
        subject.disturb();
    }
}

fn wait_for(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn memory_is_a_map(steps in vec(step(), 1..80)) {
        wait_for(run(&mut MemorySubject::default(), &steps));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn embedded_is_a_map(steps in vec(step(), 1..80)) {
        wait_for(run(&mut SledSubject::new(), &steps));
    }
}
