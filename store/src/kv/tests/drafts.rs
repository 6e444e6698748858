//! A draft, held against a store in which each write is committed at once.

use std::sync::Arc;

use proptest::prelude::*;

use super::{delete, fresh, put};
use crate::event::{Consumer, Consumers};
use crate::kv::draft::Draft;
use crate::kv::engine::{Batch, Engine, EngineError, Expect, Op, Span};
use crate::kv::memory::Memory;
use crate::kv::store::{Bell, Store};
use crate::kv::write::Write;

fn store() -> (Store, Arc<Memory>) {
    let memory = Arc::new(Memory::new());
    (Store::new(memory.clone()), memory)
}

fn key(number: u8) -> Vec<u8> {
    vec![7, 7, number]
}

fn all() -> Span {
    Span { from: vec![7, 7], to: Some(vec![7, 8]), reverse: false }
}

async fn pairs(engine: &Arc<dyn Engine>) -> Vec<(Vec<u8>, Vec<u8>)> {
    engine.scan(&all(), usize::MAX).await.unwrap().into_iter().map(super::own).collect()
}

fn expects() -> impl Strategy<Value = Expect> {
    let equals = |(k, v): (u8, u8)| Expect::Equals(key(k).into(), vec![v].into());
    prop_oneof![
        (0..8_u8).prop_map(|k| Expect::Absent(key(k).into())),
        (0..8_u8, 0..3_u8).prop_map(equals)
    ]
}

fn ops() -> impl Strategy<Value = Op> {
    let write = |(k, v): (u8, u8)| put(&key(k), &[v]);
    prop_oneof![(0..8_u8).prop_map(|k| delete(&key(k))), (0..8_u8, 0..3_u8).prop_map(write)]
}

fn batches() -> impl Strategy<Value = Vec<Batch>> {
    let expects = prop::collection::vec(expects(), 0..2);
    let batch = (expects, prop::collection::vec(ops(), 0..4));
    prop::collection::vec(batch.prop_map(|(expects, ops)| Batch { expects, ops }), 0..12)
}

proptest! {
    /// What a draft says and shows is what the store would, write by write; and
    /// what is there in the end is the same.
    #[test]
    fn a_draft_is_like_its_writes_one_after_the_other(
        before in prop::collection::vec(ops(), 0..6),
        batches in batches(),
        spans in prop::collection::vec((0..9_u8, 0..9_u8, any::<bool>(), 0..6_usize), 4),
    ) {
        let run = async {
            let ((one, _), (other, _)) = (store(), store());
            for store in [&one, &other] {
                store.engine().apply(super::batch(before.clone())).await.unwrap();
            }
            let draft = Draft::over(&other);
            // What is expected of the store is found out at the end, but no write is
            // decided on what it has not read: only such are made here.
            for mut batch in batches {
                for expect in &mut batch.expects {
                    let (Expect::Absent(key) | Expect::Equals(key, _)) = &*expect;
                    if draft.holds(key) {
                        continue;
                    }
                    let key = key.clone();
                    *expect = match one.engine().get(&key).await.unwrap() {
                        Some(value) => Expect::Equals(key, value),
                        None => Expect::Absent(key),
                    };
                }
                let at_once = one.engine().apply(batch.clone()).await;
                let drafted = draft.store().engine().apply(batch).await;
                match (at_once, drafted) {
                    (Ok(_), Ok(_)) => {}
                    (Err(EngineError::Conflict(a)), Err(EngineError::Conflict(b))) => assert_eq!(a, b),
                    (a, b) => panic!("{a:?} at once, {b:?} in the draft"),
                }
                for (from, to, reverse, limit) in &spans {
                    let span = Span { from: key(*from), to: Some(key(*to)), reverse: *reverse };
                    let seen = draft.store().engine().scan(&span, *limit).await.unwrap();
                    assert_eq!(seen, one.engine().scan(&span, *limit).await.unwrap());
                }
                for number in 0..8 {
                    let seen = draft.store().engine().get(&key(number)).await.unwrap();
                    assert_eq!(seen, one.engine().get(&key(number)).await.unwrap());
                }
            }
            assert!(draft.commit().await.unwrap());
            assert_eq!(pairs(one.engine()).await, pairs(other.engine()).await);
        };
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run);
    }
}

#[tokio::test]
async fn a_draft_over_what_has_changed_is_not_committed() {
    let (store, _) = store();
    store.engine().apply(super::batch(vec![put(&key(1), b"old")])).await.unwrap();
    let draft = Draft::over(&store);
    let expects = vec![Expect::Equals(key(1).into(), b"old".as_slice().into())];
    let ops = vec![fresh(&key(2), b"two")];
    draft.store().engine().apply(Batch { expects, ops }).await.unwrap();
    draft.store().engine().apply(super::batch(vec![put(&key(3), b"three")])).await.unwrap();
    store.engine().apply(super::batch(vec![put(&key(1), b"new")])).await.unwrap();
    assert!(!draft.commit().await.unwrap());
    assert_eq!(pairs(store.engine()).await, [(key(1), b"new".to_vec())]);
}

#[tokio::test]
async fn two_writes_that_read_the_same_row_differently_are_not_committed() {
    let (store, _) = store();
    let draft = Draft::over(&store);
    let expecting = |expect| Batch { expects: vec![expect], ops: vec![put(&key(9), b"")] };
    let absent = expecting(Expect::Absent(key(1).into()));
    draft.store().engine().apply(absent).await.unwrap();
    store.engine().apply(super::batch(vec![put(&key(1), b"new")])).await.unwrap();
    let there = expecting(Expect::Equals(key(1).into(), b"new".as_slice().into()));
    assert!(draft.store().engine().apply(there).await.is_err());
    assert!(!draft.commit().await.unwrap());
    assert_eq!(pairs(store.engine()).await, [(key(1), b"new".to_vec())]);
}

#[tokio::test]
async fn who_asks_for_what_a_draft_cannot_know_spoils_it() {
    let append = || Op::Append { log: [9, 9], value: b"said".as_slice().into() };
    let add = || Op::Add { key: key(5).into(), delta: 1 };
    let log = Span { from: vec![9, 9, 0], to: Some(vec![9, 9, 1]), reverse: false };
    for asked in [all(), log] {
        let (store, _) = store();
        let draft = Draft::over(&store);
        draft.store().engine().apply(super::batch(vec![append(), add()])).await.unwrap();
        assert!(draft.store().engine().scan(&asked, 1).await.is_err());
        assert!(!draft.commit().await.unwrap());
        assert!(pairs(store.engine()).await.is_empty());
    }
    let (store, _) = store();
    let draft = Draft::over(&store);
    draft.store().engine().apply(super::batch(vec![append(), add(), append()])).await.unwrap();
    assert!(draft.commit().await.unwrap(), "nobody asked");
    let receipt = store.engine().apply(super::batch(vec![append()])).await.unwrap();
    assert_eq!(receipt.first_entry, Some(3));
    assert_eq!(pairs(store.engine()).await, [(key(5), 1_i64.to_le_bytes().to_vec())]);
}

#[tokio::test]
async fn bells_ring_once_it_is_committed() {
    let (store, memory) = store();
    let (jobs, events) = (store.listen(Bell::Jobs), store.listen(Bell::Events));
    let ringing = || {
        let mut write = Write::new();
        write.insert::<Consumers>(&"somebody".to_owned(), &Consumer::default()).ring(Bell::Events);
        write
    };
    let draft = Draft::over(&store);
    draft.store().commit(ringing()).await.unwrap();
    assert_eq!(*events.borrow(), 0, "nothing is there yet");
    memory.refuse(Some(|| EngineError::Full));
    assert!(draft.commit().await.is_err());
    assert_eq!(*events.borrow(), 0, "nothing came of it");
    memory.refuse(None);
    let draft = Draft::over(&store);
    draft.store().commit(ringing()).await.unwrap();
    assert!(draft.commit().await.unwrap());
    assert_eq!((*jobs.borrow(), *events.borrow()), (0, 1));
}
