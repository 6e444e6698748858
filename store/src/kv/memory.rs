//! An engine in memory: for tests, and proof that the seam is one.
//!
//! It is as durable as the process. A test can make it refuse writes.

use std::collections::BTreeMap;
use std::ops::Bound;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::RwLock;

use super::engine::{Batch, Engine, EngineError, Expect, Health, Op, Pair, Receipt, Span};

/// Where the last number of a log is kept: before all tables.
fn log_counter(log: [u8; 2]) -> Vec<u8> {
    vec![0, 0, log[0], log[1]]
}

#[derive(Default)]
struct State {
    pairs: BTreeMap<Bytes, Bytes>,
    refusing: Option<fn() -> EngineError>,
}

/// Pairs in a map behind a lock.
#[derive(Default)]
pub struct Memory(RwLock<State>);

impl Memory {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every write fails like this; `None`: writes are taken again.
    pub fn refuse(&self, with: Option<fn() -> EngineError>) {
        self.0.write().refusing = with;
    }
}

fn number(pairs: &BTreeMap<Bytes, Bytes>, key: &[u8]) -> i64 {
    pairs.get(key).and_then(|value| (**value).try_into().ok()).map_or(0, i64::from_le_bytes)
}

fn holds(pairs: &BTreeMap<Bytes, Bytes>, expect: &Expect) -> bool {
    match expect {
        Expect::Absent(key) => !pairs.contains_key(key),
        Expect::Equals(key, value) => pairs.get(key) == Some(value),
    }
}

fn perform(pairs: &mut BTreeMap<Bytes, Bytes>, op: Op) -> Option<u64> {
    match op {
        Op::Put { key, value, .. } => {
            pairs.insert(key, value);
        }
        Op::Delete { key } => {
            pairs.remove(&key);
        }
        Op::Add { key, delta } => {
            let sum = number(pairs, &key).saturating_add(delta);
            if sum == 0 {
                pairs.remove(&key);
            } else {
                pairs.insert(key, sum.to_le_bytes().to_vec().into());
            }
        }
        Op::Append { log, value } => {
            let next = number(pairs, &log_counter(log)).saturating_add(1);
            pairs.insert(log_counter(log).into(), next.to_le_bytes().to_vec().into());
            let entry = next.unsigned_abs();
            let mut key = log.to_vec();
            key.extend_from_slice(&entry.to_be_bytes());
            pairs.insert(key.into(), value);
            return Some(entry);
        }
    }
    None
}

#[async_trait]
impl Engine for Memory {
    async fn get(&self, key: &[u8]) -> Result<Option<Bytes>, EngineError> {
        Ok(self.0.read().pairs.get(key).cloned())
    }

    async fn scan(&self, span: &Span, limit: usize) -> Result<Vec<Pair>, EngineError> {
        let to = span.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        if matches!(to, Bound::Excluded(to) if *to <= *span.from) {
            return Ok(Vec::new());
        }
        let state = self.0.read();
        let range = state.pairs.range::<[u8], _>((Bound::Included(&*span.from), to));
        let own = |(k, v): (&Bytes, &Bytes)| (k.clone(), v.clone());
        Ok(if span.reverse {
            range.rev().take(limit).map(own).collect()
        } else {
            range.take(limit).map(own).collect()
        })
    }

    async fn apply(&self, batch: Batch) -> Result<Receipt, EngineError> {
        let mut state = self.0.write();
        if let Some(refusing) = state.refusing {
            return Err(refusing());
        }
        if let Some(at) = batch.expects.iter().position(|e| !holds(&state.pairs, e)) {
            return Err(EngineError::Conflict(at));
        }
        let mut receipt = Receipt::default();
        for op in batch.ops {
            let entry = perform(&mut state.pairs, op);
            receipt.first_entry = receipt.first_entry.or(entry);
        }
        Ok(receipt)
    }

    fn health(&self) -> Health {
        Health::default()
    }
}

/// A frozen look, for checks.
impl super::keeping::Pairs for Memory {
    fn walk(
        &self,
        each: &mut dyn FnMut(&[u8], &[u8]) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let pairs = self.0.read().pairs.clone();
        pairs.iter().try_for_each(|(key, value)| each(key, value))
    }

    fn look(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.read().pairs.get(key).map(|value| value.to_vec()))
    }
}
