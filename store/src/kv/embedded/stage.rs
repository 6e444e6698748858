//! From batches to changes of keys: expectations are checked, numbers given,
//! sums made. Pure: what stands in the store is asked of a [`View`].

use std::hash::BuildHasher as _;

use bytes::Bytes;
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::kv::engine::{Batch, EngineError, Expect, Op, Receipt};

/// What stands in the store before the group.
pub(super) trait View {
    /// What `look` makes of the value under a key.
    fn look<R>(&self, key: &[u8], look: impl FnOnce(Option<&[u8]>) -> R) -> Result<R, EngineError>;
}

/// A change of a key, not yet durable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Staged {
    pub(super) key: Bytes,
    pub(super) value: Option<Bytes>,
    /// Nothing stands under the key: see [`Op::Put`].
    pub(super) fresh: bool,
}

/// The changes of the batches of one group.
pub(super) struct Group<V> {
    view: V,
    changes: Changes,
}

/// The changes of a group.
#[derive(Default)]
pub(super) struct Changes {
    all: Vec<Staged>,
    /// Where the last change of each key is.
    latest: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Changes {
    /// What must be written: the last change of each key.
    pub(super) fn journalled(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        let mut last: Vec<_> = self.latest.iter().copied().collect();
        last.sort_unstable();
        let changes = last.into_iter().filter_map(|at| self.all.get(at));
        changes.map(|change| (&*change.key, change.value.as_deref()))
    }

    /// All of them, in order.
    pub(super) fn into_all(self) -> Vec<Staged> {
        self.all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The last change of a key.
    fn of(&self, key: &[u8]) -> Option<&Staged> {
        let at = self.latest.find(self.hasher.hash_one(key), |at| is_of(&self.all, *at, key))?;
        self.all.get(*at)
    }

    fn push(&mut self, change: Staged) {
        let Self { all, latest, hasher } = self;
        let hash = hasher.hash_one(&*change.key);
        let of = |at: &usize| is_of(all, *at, &change.key);
        let again = |at: &usize| all.get(*at).map_or(0, |change| hasher.hash_one(&*change.key));
        match latest.entry(hash, of, again) {
            Entry::Occupied(mut place) => *place.get_mut() = all.len(),
            Entry::Vacant(place) => drop(place.insert(all.len())),
        }
        all.push(change);
    }

    /// Forgets all but the first ones.
    fn take_back(&mut self, length: usize) {
        let mut kept = std::mem::take(&mut self.all);
        kept.truncate(length);
        self.latest.clear();
        for change in kept {
            self.push(change);
        }
    }
}

fn is_of(changes: &[Staged], at: usize, key: &[u8]) -> bool {
    changes.get(at).is_some_and(|change| change.key == key)
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
        Self { view, changes: Changes::default() }
    }

    /// Adds a batch, or leaves no trace of it.
    pub(super) fn add(&mut self, batch: Batch) -> Result<Receipt, EngineError> {
        for (at, expect) in batch.expects.iter().enumerate() {
            if !self.holds(expect)? {
                return Err(EngineError::Conflict(at));
            }
        }
        let before = self.changes.all.len();
        let mut receipt = Receipt::default();
        for op in batch.ops {
            match self.perform(op) {
                Ok(entry) => receipt.first_entry = receipt.first_entry.or(entry),
                Err(error) => {
                    self.changes.take_back(before);
                    return Err(error);
                }
            }
        }
        Ok(receipt)
    }

    /// Lets go of the view.
    pub(super) fn finish(self) -> Changes {
        self.changes
    }

    fn holds(&self, expect: &Expect) -> Result<bool, EngineError> {
        match expect {
            Expect::Absent(key) => self.look(key, |value| value.is_none()),
            Expect::Equals(key, expected) => self.look(key, |value| value == Some(&**expected)),
        }
    }

    fn look<R>(&self, key: &[u8], look: impl FnOnce(Option<&[u8]>) -> R) -> Result<R, EngineError> {
        match self.changes.of(key) {
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
                self.push(key, (sum != 0).then(|| sum.to_le_bytes().to_vec().into()), false);
            }
            Op::Append { log, value } => {
                let counter = log_counter(log);
                let next = self.look(&counter, number)?.saturating_add(1);
                self.push(counter.into(), Some(next.to_le_bytes().to_vec().into()), false);
                let entry = next.unsigned_abs();
                let mut key = log.to_vec();
                key.extend_from_slice(&entry.to_be_bytes());
                self.push(key.into(), Some(value), true);
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    fn push(&mut self, key: Bytes, value: Option<Bytes>, fresh: bool) {
        self.changes.push(Staged { key, value, fresh });
    }
}
