//! The cases of the suite.

use std::sync::Arc;

use super::subject::Subject;
use super::{batch, bytes, delete, fresh, put};
use crate::kv::engine::{Batch, Engine, EngineError, Expect, Op, Span};

async fn apply(subject: &dyn Subject, ops: Vec<Op>) {
    subject.engine().apply(batch(ops)).await.unwrap();
}

async fn get(subject: &dyn Subject, key: &[u8]) -> Option<Vec<u8>> {
    subject.engine().get(key).await.unwrap().map(|value| value.to_vec())
}

async fn keys(subject: &dyn Subject, span: &Span, limit: usize) -> Vec<Vec<u8>> {
    let pairs = subject.engine().scan(span, limit).await.unwrap();
    pairs.into_iter().map(|(key, _)| key.to_vec()).collect()
}

fn all() -> Span {
    Span { from: Vec::new(), to: None, reverse: false }
}

fn append(log: [u8; 2], value: &[u8]) -> Op {
    Op::Append { log, value: bytes(value) }
}

fn add(key: &[u8], delta: i64) -> Op {
    Op::Add { key: bytes(key), delta }
}

fn number(value: Option<Vec<u8>>) -> Option<i64> {
    value.map(|value| i64::from_le_bytes(value.try_into().unwrap()))
}

pub(super) async fn a_batch_lands_whole_or_not_at_all(subject: &mut dyn Subject) {
    apply(subject, vec![put(b"aa", b"1"), put(b"ab", b"2")]).await;
    let refused = Batch {
        expects: vec![Expect::Absent(bytes(b"aa"))],
        ops: vec![put(b"ac", b"3"), delete(b"ab"), append(*b"lo", b"x"), add(b"nn", 1)],
    };
    let error = subject.engine().apply(refused).await.unwrap_err();
    assert!(matches!(error, EngineError::Conflict(0)), "{error}");
    for _ in 0..2 {
        assert_eq!(keys(subject, &all(), 10).await, [b"aa".to_vec(), b"ab".to_vec()]);
        subject.disturb();
    }
    // The refused batch took no number of the log either.
    let receipt = subject.engine().apply(batch(vec![append(*b"lo", b"y")])).await.unwrap();
    assert_eq!(receipt.first_entry, Some(1));
}

pub(super) async fn expectations_are_checked_in_order_and_named(subject: &mut dyn Subject) {
    apply(subject, vec![put(b"aa", b"1")]).await;
    subject.disturb();
    let equals = |key: &[u8], value: &[u8]| Expect::Equals(bytes(key), bytes(value));
    let table = [
        (vec![equals(b"aa", b"1"), Expect::Absent(bytes(b"ab"))], None),
        (vec![equals(b"aa", b"1"), Expect::Absent(bytes(b"aa"))], Some(1)),
        (vec![equals(b"aa", b"2"), Expect::Absent(bytes(b"aa"))], Some(0)),
        (vec![equals(b"ab", b"")], Some(0)),
        (vec![equals(b"aa", b"1"), equals(b"aa", b"")], Some(1)),
    ];
    for (expects, conflict) in table {
        let outcome = subject.engine().apply(Batch { expects, ops: Vec::new() }).await;
        match (outcome, conflict) {
            (Ok(_), None) => {}
            (Err(EngineError::Conflict(at)), Some(expected)) => assert_eq!(at, expected),
            (outcome, expected) => panic!("{outcome:?} instead of {expected:?}"),
        }
    }
}

pub(super) async fn a_log_is_numbered_without_gaps_even_after_its_front_is_gone(
    subject: &mut dyn Subject,
) {
    let entry = |number: u64| [b"lo".to_vec(), number.to_be_bytes().to_vec()].concat();
    for round in 0..3_u64 {
        let ops = vec![append(*b"lo", b"a"), append(*b"lo", b"b")];
        let receipt = subject.engine().apply(batch(ops)).await.unwrap();
        assert_eq!(receipt.first_entry, Some(2 * round + 1));
        subject.disturb();
        // Retention removes everything there is.
        apply(subject, vec![delete(&entry(2 * round + 1)), delete(&entry(2 * round + 2))]).await;
    }
    apply(subject, vec![append(*b"lp", b"other")]).await;
    apply(subject, vec![append(*b"lo", b"c")]).await;
    subject.disturb();
    assert_eq!(keys(subject, &Span::prefix(b"lo"), 10).await, [entry(7)]);
    let other = [b"lp".to_vec(), 1_u64.to_be_bytes().to_vec()].concat();
    assert_eq!(keys(subject, &Span::prefix(b"lp"), 10).await, [other]);
}

pub(super) async fn a_number_that_becomes_zero_is_gone(subject: &mut dyn Subject) {
    apply(subject, vec![add(b"nn", 3), add(b"nn", -5)]).await;
    subject.disturb();
    assert_eq!(number(get(subject, b"nn").await), Some(-2));
    apply(subject, vec![add(b"nn", 2)]).await;
    assert_eq!(get(subject, b"nn").await, None);
    subject.disturb();
    assert_eq!(get(subject, b"nn").await, None);
    apply(subject, vec![add(b"nn", i64::MAX), add(b"nn", 1)]).await;
    assert_eq!(number(get(subject, b"nn").await), Some(i64::MAX));
}

pub(super) async fn ops_of_a_batch_see_each_other(subject: &mut dyn Subject) {
    let ops = vec![
        put(b"aa", b"1"),
        delete(b"aa"),
        put(b"aa", b"2"),
        fresh(b"ab", b"3"),
        delete(b"ab"),
        add(b"nn", 1),
        add(b"nn", 1),
    ];
    apply(subject, ops).await;
    for _ in 0..2 {
        assert_eq!(get(subject, b"aa").await, Some(b"2".to_vec()));
        assert_eq!(get(subject, b"ab").await, None);
        assert_eq!(number(get(subject, b"nn").await), Some(2));
        subject.disturb();
    }
}

pub(super) async fn scans_go_both_ways_within_their_bounds(subject: &mut dyn Subject) {
    let names: Vec<Vec<u8>> = (0..50_u8).map(|n| vec![b'k', n]).collect();
    for (at, key) in names.iter().enumerate() {
        apply(subject, vec![put(key, &at.to_le_bytes())]).await;
        if at == 30 {
            subject.disturb();
        }
    }
    apply(subject, vec![put(b"j\xff", b"before"), put(b"l", b"after")]).await;
    let span = |from: u8, to: u8, reverse| Span {
        from: vec![b'k', from],
        to: Some(vec![b'k', to]),
        reverse,
    };
    assert_eq!(keys(subject, &span(10, 20, false), 100).await, names[10..20]);
    assert_eq!(keys(subject, &span(10, 20, false), 3).await, names[10..13]);
    let down: Vec<_> = names[10..20].iter().rev().cloned().collect();
    assert_eq!(keys(subject, &span(10, 20, true), 100).await, down);
    assert_eq!(keys(subject, &span(10, 20, true), 3).await, down[..3]);
    assert_eq!(keys(subject, &Span::prefix(b"k"), 1000).await, names);
    for empty in [span(20, 20, false), span(20, 10, true)] {
        assert!(keys(subject, &empty, 10).await.is_empty());
    }
    assert!(keys(subject, &all(), 0).await.is_empty());
    assert_eq!(keys(subject, &Span { reverse: true, ..all() }, 1).await, [b"l".to_vec()]);
}

pub(super) async fn a_page_shows_changes_over_what_was_drained(subject: &mut dyn Subject) {
    for n in 0..9_u8 {
        apply(subject, vec![put(&[b'k', n], b"old")]).await;
    }
    subject.tidy();
    apply(subject, vec![delete(&[b'k', 0]), put(&[b'k', 4], b"new"), delete(&[b'k', 8])]).await;
    apply(subject, vec![put(&[b'k', 3, 1], b"between")]).await;
    for _ in 0..2 {
        let up = subject.engine().scan(&Span::prefix(b"k"), 100).await.unwrap();
        let mut down = Span::prefix(b"k");
        down.reverse = true;
        let mut down = subject.engine().scan(&down, 100).await.unwrap();
        down.reverse();
        assert_eq!(up, down);
        assert_eq!(up.len(), 8);
        assert_eq!(up[3], (bytes(&[b'k', 3, 1]), bytes(b"between")));
        assert_eq!(up[4], (bytes(&[b'k', 4]), bytes(b"new")));
        subject.disturb();
    }
}

/// What was read, and is remembered above sled, changes with what is drained.
pub(super) async fn what_was_read_follows_what_is_written(subject: &mut dyn Subject) {
    apply(subject, vec![put(b"often", &[0]), put(b"once", b"x")]).await;
    for n in 1..6_u8 {
        subject.tidy();
        for _ in 0..3 {
            assert_eq!(get(subject, b"often").await, Some(vec![n - 1]));
        }
        apply(subject, vec![put(b"often", &[n])]).await;
        assert_eq!(get(subject, b"often").await, Some(vec![n]));
    }
    subject.tidy();
    assert_eq!(get(subject, b"often").await, Some(vec![5]));
    apply(subject, vec![delete(b"often")]).await;
    subject.tidy();
    assert_eq!(get(subject, b"often").await, None);
    assert_eq!(get(subject, b"once").await, Some(b"x".to_vec()));
}

pub(super) async fn large_values_come_back(subject: &mut dyn Subject) {
    let large: Vec<u8> = (0..65_536_u32).map(|n| (n % 251) as u8).collect();
    apply(subject, vec![put(b"big", &large), put(b"empty", b"")]).await;
    for _ in 0..2 {
        assert_eq!(get(subject, b"big").await.as_ref(), Some(&large));
        assert_eq!(get(subject, b"empty").await, Some(Vec::new()));
        subject.disturb();
    }
}

pub(super) async fn rows_that_live_briefly_leave_nothing(subject: &mut dyn Subject) {
    apply(subject, vec![fresh(b"aa", b"1")]).await;
    apply(subject, vec![put(b"aa", b"2")]).await;
    apply(subject, vec![delete(b"aa")]).await;
    assert_eq!(get(subject, b"aa").await, None);
    subject.disturb();
    assert!(keys(subject, &all(), 10).await.is_empty());
}

pub(super) async fn a_deleted_row_stays_deleted(subject: &mut dyn Subject) {
    apply(subject, vec![fresh(b"aa", b"1")]).await;
    subject.tidy();
    // Made anew over its own removal: deleting it again must not bring the
    // drained one back.
    apply(subject, vec![delete(b"aa")]).await;
    apply(subject, vec![fresh(b"aa", b"2")]).await;
    apply(subject, vec![delete(b"aa")]).await;
    assert_eq!(get(subject, b"aa").await, None);
    subject.kill();
    assert_eq!(get(subject, b"aa").await, None);
    // Changed and removed after the drain, then read back from a journal.
    apply(subject, vec![put(b"ab", b"1")]).await;
    subject.tidy();
    apply(subject, vec![put(b"ab", b"2")]).await;
    apply(subject, vec![delete(b"ab")]).await;
    subject.kill();
    assert_eq!(get(subject, b"ab").await, None);
    subject.disturb();
    assert!(keys(subject, &all(), 10).await.is_empty());
}

pub(super) async fn of_many_who_race_one_wins(subject: &mut dyn Subject) {
    for round in 0..5_u8 {
        let tasks: Vec<_> = (0..16_u8)
            .map(|writer| {
                let engine = subject.engine();
                let claim = Batch {
                    expects: vec![Expect::Absent(bytes(&[b'u', round]))],
                    ops: vec![fresh(&[b'u', round], &[writer]), append(*b"lo", &[writer])],
                };
                tokio::spawn(async move { engine.apply(claim).await.is_ok() })
            })
            .collect();
        let mut winners = 0;
        for task in tasks {
            winners += u32::from(task.await.unwrap());
        }
        assert_eq!(winners, 1);
        subject.disturb();
    }
    assert_eq!(keys(subject, &Span::prefix(b"lo"), 100).await.len(), 5);
}

pub(super) async fn numbers_add_up_under_load(subject: &mut dyn Subject) {
    const WRITERS: u16 = 8;
    const EACH: u16 = 50;
    let engine: Arc<dyn Engine> = subject.engine();
    let tasks: Vec<_> = (0..WRITERS)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move {
                for _ in 0..EACH {
                    let ops = vec![add(b"nn", 1), append(*b"lo", b"entry of some length")];
                    engine.apply(batch(ops)).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    drop(engine);
    for _ in 0..2 {
        assert_eq!(number(get(subject, b"nn").await), Some(i64::from(WRITERS * EACH)));
        let log = keys(subject, &Span::prefix(b"lo"), 10_000).await;
        let numbers: Vec<_> = log.iter().map(|key| u16::from_be_bytes([key[8], key[9]])).collect();
        assert_eq!(numbers, (1..=WRITERS * EACH).collect::<Vec<_>>());
        subject.disturb();
    }
}
