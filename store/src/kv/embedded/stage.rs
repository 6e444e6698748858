//! From batches to changes of keys: expectations are checked, numbers given,
//! sums made. Pure: what stands in the store is asked of a [`View`].

use std::collections::HashMap;

use crate::kv::engine::{Batch, EngineError, Expect, Op, Receipt};

/// What stands in the store before the group.
pub(super) trait View {
    /// What `look` makes of the value under a key.
    fn look<R>(&self, key: &[u8], look: impl FnOnce(Option<&[u8]>) -> R) -> Result<R, EngineError>;
}

/// A change of a key, not yet durable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Staged {
    pub(super) key: Vec<u8>,
    pub(super) value: Option<Vec<u8>>,
    /// Nothing stands under the key: see [`Op::Put`].
    pub(super) fresh: bool,
}

/// The changes of the batches of one group.
pub(super) struct Group<V> {
    view: V,
    changes: Vec<Staged>,
    /// Where the last change of a key is.
    latest: HashMap<Vec<u8>, usize>,
}

/// The changes of a group.
pub(super) struct Changes {
    changes: Vec<Staged>,
    latest: HashMap<Vec<u8>, usize>,
}

impl Changes {
    /// What must be written: the last change of each key.
    pub(super) fn journalled(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.changes.iter().enumerate().filter_map(|(at, change)| {
            let last = self.latest.get(&change.key) == Some(&at);
            last.then_some((change.key.as_slice(), change.value.as_deref()))
        })
    }

    /// All of them, in order.
    pub(super) fn into_all(self) -> Vec<Staged> {
        self.changes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Where the last number of a log is kept: before all tables.
pub(super) fn log_counter(log: [u8; 2]) -> Vec<u8> {
    let [high, low] = log;
    vec![0, 0, high, low]
}

fn number(value: Option<&[u8]>) -> i64 {
    value.and_then(|value| value.try_into().ok()).map_or(0, i64::from_le_bytes)
}

impl<V: View> Group<V> {
    pub(super) fn new(view: V) -> Self {
        Self { view, changes: Vec::new(), latest: HashMap::new() }
    }

    /// Adds a batch, or leaves no trace of it.
    pub(super) fn add(&mut self, batch: Batch) -> Result<Receipt, EngineError> {
        for (at, expect) in batch.expects.iter().enumerate() {
            if !self.holds(expect)? {
                return Err(EngineError::Conflict(at));
            }
        }
        let before = self.changes.len();
        let mut receipt = Receipt::default();
        for op in batch.ops {
            match self.perform(op) {
                Ok(entry) => receipt.first_entry = receipt.first_entry.or(entry),
                Err(error) => {
                    self.take_back(before);
                    return Err(error);
                }
            }
        }
        Ok(receipt)
    }

    /// Lets go of the view.
    pub(super) fn finish(self) -> Changes {
        Changes { changes: self.changes, latest: self.latest }
    }

    fn holds(&self, expect: &Expect) -> Result<bool, EngineError> {
        match expect {
            Expect::Absent(key) => self.look(key, |value| value.is_none()),
            Expect::Equals(key, expected) => {
                self.look(key, |value| value == Some(expected.as_slice()))
            }
        }
    }

    fn look<R>(&self, key: &[u8], look: impl FnOnce(Option<&[u8]>) -> R) -> Result<R, EngineError> {
        match self.latest.get(key).and_then(|at| self.changes.get(*at)) {
            Some(change) => Ok(look(change.value.as_deref())),
            None => self.view.look(key, look),
        }
    }

    fn perform(&mut self, op: Op) -> Result<Option<u64>, EngineError> {
        match op {
            Op::Put { key, value, fresh } => self.push(key, Some(value), fresh),
            Op::Delete { key } => self.push(key, None, false),
            Op::Add { key, delta } => {
                let sum = self.look(&key, number)?.saturating_add(delta);
                self.push(key, (sum != 0).then(|| sum.to_le_bytes().to_vec()), false);
            }
            Op::Append { log, value } => {
                let counter = log_counter(log);
                let next = self.look(&counter, number)?.saturating_add(1);
                self.push(counter, Some(next.to_le_bytes().to_vec()), false);
                let entry = next.unsigned_abs();
                let mut key = log.to_vec();
                key.extend_from_slice(&entry.to_be_bytes());
                self.push(key, Some(value), true);
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    fn push(&mut self, key: Vec<u8>, value: Option<Vec<u8>>, fresh: bool) {
        self.latest.insert(key.clone(), self.changes.len());
        self.changes.push(Staged { key, value, fresh });
    }

    fn take_back(&mut self, length: usize) {
        self.changes.truncate(length);
        let kept = self.changes.iter().enumerate();
        self.latest = kept.map(|(at, change)| (change.key.clone(), at)).collect();
    }
}
