//! Several writes decided one upon the other and committed as one.
//!
//! ```text
//!   draft ──write──▶ draft with it ──write──▶ … ──commit──▶ all of them, or none
//! ```
//! Whoever decides on a draft reads what the writes before would leave, though none
//! of it is on disk. So nothing that was decided may be told to anybody before
//! [`Draft::commit`] has said that it is.
//!
//! Invariants:
//! - A write joins the draft only if all it expects of what the draft changed is so;
//!   what it expects of the rest is expected of the store when the draft is committed.
//! - What a draft cannot know (a sum, the number of an entry) it does not show: who
//!   asks for it spoils the draft, which is then not committed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

use super::engine::{Batch, Engine, EngineError, Expect, Health, Op, Pair, Receipt, Span};
use super::error::Error;
use super::store::Store;

/// Writes that are not on disk.
pub struct Draft {
    below: Store,
    above: Store,
    pages: Arc<Pages>,
}

impl Draft {
    /// An empty draft over a store.
    pub fn over(below: &Store) -> Self {
        let pages = Arc::new(Pages { below: below.engine().clone(), state: Mutex::default() });
        Self { below: below.clone(), above: below.through(pages.clone()), pages }
    }

    /// What is written here goes into the draft, and what is read is read through
    /// it. For one author, who does one thing at a time.
    pub fn store(&self) -> &Store {
        &self.above
    }

    /// About how many bytes it takes in a journal.
    pub fn weight(&self) -> usize {
        self.pages.state.lock().weight
    }

    #[cfg(test)]
    pub(super) fn holds(&self, key: &[u8]) -> bool {
        self.pages.state.lock().changed.contains_key(key)
    }

    /// Commits all of it, durably; `false`: none of it was, for something that was
    /// read has changed since, or the draft is spoiled.
    pub async fn commit(self) -> Result<bool, Error> {
        let State { batch, spoiled, .. } = std::mem::take(&mut *self.pages.state.lock());
        if spoiled {
            return Ok(false);
        }
        if batch.ops.is_empty() {
            return Ok(true);
        }
        match self.below.engine().apply(batch).await {
            Ok(_) => {
                self.below.ring_as(&self.above);
                Ok(true)
            }
            Err(EngineError::Conflict(_)) => Ok(false),
            Err(error) => Err(Error::Engine(error)),
        }
    }
}

/// The engine of a draft.
struct Pages {
    below: Arc<dyn Engine>,
    state: Mutex<State>,
}

/// What a draft has made of a key.
#[derive(Clone)]
enum Held {
    Put(Bytes),
    Deleted,
}

impl Held {
    fn value(&self) -> Option<&Bytes> {
        match self {
            Self::Put(value) => Some(value),
            Self::Deleted => None,
        }
    }
}

#[derive(Default)]
struct State {
    /// What was put or deleted.
    changed: BTreeMap<Bytes, Held>,
    /// Where sums stand that were added to, and the tags of logs that were appended
    /// to: what stands there is not known.
    unknown: BTreeSet<Bytes>,
    /// What is expected of the store below, by key.
    expected: BTreeMap<Bytes, usize>,
    batch: Batch,
    weight: usize,
    spoiled: bool,
}

impl State {
    /// What the draft holds for a key; `None`: what the store holds.
    fn get(&mut self, key: &[u8]) -> Result<Option<Held>, EngineError> {
        let log = key.get(..2).unwrap_or_default();
        if self.unknown.contains(key) || self.unknown.contains(log) {
            return Err(self.spoil());
        }
        Ok(self.changed.get(key).cloned())
    }

    /// What the draft holds within a span.
    fn within(&mut self, span: &Span) -> Result<BTreeMap<Bytes, Held>, EngineError> {
        let to = span.to.as_deref();
        if to.is_some_and(|to| *to <= *span.from) {
            return Ok(BTreeMap::new());
        }
        let range = (Bound::Included(&*span.from), to.map_or(Bound::Unbounded, Bound::Excluded));
        let log = span.from.get(..2).unwrap_or_default();
        if self.unknown.contains(log) || self.unknown.range::<[u8], _>(range).next().is_some() {
            return Err(self.spoil());
        }
        let held = self.changed.range::<[u8], _>(range);
        Ok(held.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn spoil(&mut self) -> EngineError {
        self.spoiled = true;
        EngineError::Overloaded
    }

    fn join(&mut self, batch: Batch) -> Result<Receipt, EngineError> {
        if self.spoiled {
            return Err(EngineError::Overloaded);
        }
        let mut open = Vec::new();
        for (at, expect) in batch.expects.into_iter().enumerate() {
            let (key, value) = match &expect {
                Expect::Absent(key) => (key, None),
                Expect::Equals(key, value) => (key, Some(value)),
            };
            match self.get(key)? {
                Some(held) if held.value() == value => {}
                Some(_) => return Err(EngineError::Conflict(at)),
                None => open.push(expect),
            }
        }
        for expect in open {
            self.expect(expect)?;
        }
        for op in batch.ops {
            self.perform(op);
        }
        Ok(Receipt::default())
    }

    /// Expects something of the store below. What an earlier write read and a later
    /// one reads otherwise has changed meanwhile.
    fn expect(&mut self, expect: Expect) -> Result<(), EngineError> {
        let (Expect::Absent(key) | Expect::Equals(key, _)) = &expect;
        match self.expected.get(key).and_then(|at| self.batch.expects.get(*at)) {
            Some(earlier) if *earlier == expect => return Ok(()),
            Some(_) => return Err(self.spoil()),
            None => {}
        }
        self.expected.insert(key.clone(), self.batch.expects.len());
        self.batch.expects.push(expect);
        Ok(())
    }

    fn perform(&mut self, op: Op) {
        match &op {
            Op::Put { key, value, .. } => {
                self.changed.insert(key.clone(), Held::Put(value.clone()));
            }
            Op::Delete { key } => {
                self.changed.insert(key.clone(), Held::Deleted);
            }
            Op::Add { key, .. } => {
                self.unknown.insert(key.clone());
            }
            Op::Append { log, .. } => {
                self.unknown.insert(Bytes::copy_from_slice(log));
            }
        }
        self.weight += op.weight();
        self.batch.ops.push(op);
    }
}

#[async_trait]
impl Engine for Pages {
    async fn get(&self, key: &[u8]) -> Result<Option<Bytes>, EngineError> {
        let held = self.state.lock().get(key)?;
        match held {
            Some(held) => Ok(held.value().cloned()),
            None => self.below.get(key).await,
        }
    }

    async fn scan(&self, span: &Span, limit: usize) -> Result<Vec<Pair>, EngineError> {
        let held = self.state.lock().within(span)?;
        if held.is_empty() {
            return self.below.scan(span, limit).await;
        }
        // Each key that the draft holds may hide one.
        let below = self.below.scan(span, limit.saturating_add(held.len())).await?;
        let shown = below.into_iter().filter(|(key, _)| !held.contains_key(key));
        let mut pairs: Vec<_> = shown.collect();
        pairs.extend(held.iter().filter_map(|(k, v)| Some((k.clone(), v.value()?.clone()))));
        pairs.sort_unstable_by(|(a, _), (b, _)| if span.reverse { b.cmp(a) } else { a.cmp(b) });
        pairs.truncate(limit);
        Ok(pairs)
    }

    async fn apply(&self, batch: Batch) -> Result<Receipt, EngineError> {
        self.state.lock().join(batch)
    }

    fn health(&self) -> Health {
        self.below.health()
    }
}
