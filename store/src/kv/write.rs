//! One unit of work: rows, index entries, events and jobs that land together.

use bytes::Bytes;

use super::codec;
use super::engine::{Batch, Expect, Op};
use super::error::{Clash, Unfit};
use super::key::{Key, tagged};
use super::room::Room;
use super::store::Bell;
use super::table::{Log, Stored, Table, Tally, full_key};

/// What is to be committed together or not at all.
///
/// Staging checks nothing but sizes; [`Store::commit`](super::Store::commit)
/// answers for the whole. Every change of a row that was read expects that row
/// unchanged, so two writers cannot overwrite each other. A row may be changed
/// once in a write.
#[derive(Debug, Clone, Default)]
#[must_use = "a write does nothing until it is committed"]
pub struct Write {
    pub(super) batch: Batch,
    /// What each expectation says, in the same order.
    pub(super) claims: Vec<Clash>,
    pub(super) bells: Vec<Bell>,
    /// The first staging error; it fails the commit.
    pub(super) fault: Option<Unfit>,
    room: Room,
}

impl Write {
    /// An empty write.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is staged; what could not be staged is something, too.
    pub fn is_empty(&self) -> bool {
        self.batch.ops.is_empty() && self.batch.expects.is_empty() && self.fault.is_none()
    }

    /// Stages a row that must not exist yet.
    pub fn insert<T: Table>(&mut self, key: &T::Key, row: &T::Row) -> &mut Self {
        let full = self.room.put(&full_key::<T>(key));
        self.expect_bytes(Expect::Absent(full.clone()), Clash::Exists(T::NAME));
        for index in T::INDEXES {
            if let Some(entry) = index.entry(key, row) {
                self.claim_entry(&entry, index.unique.then(|| key.to_bytes()), index.name);
            }
        }
        self.put_row::<T>(full, row, true)
    }

    /// Stages a new content for a row, which must still be as it was read.
    pub fn update<T: Table>(&mut self, old: &Stored<T>, row: &T::Row) -> &mut Self {
        let full = self.expect_unchanged(old);
        for index in T::INDEXES {
            let before = index.entry(&old.key, &old.row);
            let after = index.entry(&old.key, row);
            if before == after {
                continue;
            }
            if let Some(entry) = before {
                self.delete(&entry);
            }
            if let Some(entry) = after {
                self.claim_entry(&entry, index.unique.then(|| old.key.to_bytes()), index.name);
            }
        }
        self.put_row::<T>(full, row, false)
    }

    /// Stages the removal of a row, which must still be as it was read.
    pub fn remove<T: Table>(&mut self, old: &Stored<T>) -> &mut Self {
        let full = self.expect_unchanged(old);
        for index in T::INDEXES {
            if let Some(entry) = index.entry(&old.key, &old.row) {
                self.delete(&entry);
            }
        }
        self.batch.ops.push(Op::Delete { key: full });
        self
    }

    /// Believes that a row is still as it was read.
    pub fn expect<T: Table>(&mut self, seen: &Stored<T>) -> &mut Self {
        self.expect_unchanged(seen);
        self
    }

    /// Believes that there is no row under a key.
    pub fn expect_absent<T: Table>(&mut self, key: &T::Key) -> &mut Self {
        let full = self.room.put(&full_key::<T>(key));
        self.expect_bytes(Expect::Absent(full), Clash::Exists(T::NAME));
        self
    }

    /// Appends to a log; the entry gets its number when it is committed.
    pub fn append_to<L: Log>(&mut self, entry: &L::Entry) -> &mut Self {
        match codec::encode(L::NAME, L::VERSION, entry) {
            Ok(value) => {
                let (log, value) = (L::TAG.to_be_bytes(), self.room.put(&value));
                self.batch.ops.push(Op::Append { log, value });
            }
            Err(error) => self.fail(error),
        }
        self
    }

    /// Adds to a tally.
    pub fn add<T: Tally>(&mut self, key: &T::Key, delta: i64) -> &mut Self {
        if delta != 0 {
            let full = self.room.put(&tagged(T::TAG, key));
            self.batch.ops.push(Op::Add { key: full, delta });
        }
        self
    }

    /// Believes that a tally stands at 0: what is counted is not there.
    pub fn expect_zero<T: Tally>(&mut self, key: &T::Key) -> &mut Self {
        let full = self.room.put(&tagged(T::TAG, key));
        self.expect_bytes(Expect::Absent(full), Clash::Changed(T::NAME));
        self
    }

    /// Rings once the write is committed, for those who wait for such news.
    pub fn ring(&mut self, bell: Bell) -> &mut Self {
        if !self.bells.contains(&bell) {
            self.bells.push(bell);
        }
        self
    }

    /// Everything of `other` as well.
    pub fn join(&mut self, other: Self) -> &mut Self {
        self.batch.expects.extend(other.batch.expects);
        self.batch.ops.extend(other.batch.ops);
        self.claims.extend(other.claims);
        for bell in other.bells {
            self.ring(bell);
        }
        if let Some(error) = other.fault {
            self.fail(error);
        }
        self
    }

    fn put_row<T: Table>(&mut self, key: Bytes, row: &T::Row, fresh: bool) -> &mut Self {
        match codec::encode_row::<T>(row) {
            Ok(value) => {
                let value = self.room.put(&value);
                self.batch.ops.push(Op::Put { key, value, fresh });
            }
            Err(error) => self.fail(error),
        }
        self
    }

    fn claim_entry(&mut self, entry: &[u8], owner: Option<Vec<u8>>, index: &'static str) {
        let key = self.room.put(entry);
        if owner.is_some() {
            self.expect_bytes(Expect::Absent(key.clone()), Clash::Taken(index));
        }
        let value = self.room.put(&owner.unwrap_or_default());
        self.batch.ops.push(Op::Put { key, value, fresh: true });
    }

    fn delete(&mut self, entry: &[u8]) {
        let key = self.room.put(entry);
        self.batch.ops.push(Op::Delete { key });
    }

    /// The key of a row that must still be as it was read.
    fn expect_unchanged<T: Table>(&mut self, seen: &Stored<T>) -> Bytes {
        let full = self.room.put(&full_key::<T>(&seen.key));
        let expect = Expect::Equals(full.clone(), seen.raw.clone());
        self.expect_bytes(expect, Clash::Changed(T::NAME));
        full
    }

    fn expect_bytes(&mut self, expect: Expect, claim: Clash) {
        self.batch.expects.push(expect);
        self.claims.push(claim);
    }

    fn fail(&mut self, error: Unfit) {
        self.fault.get_or_insert(error);
    }
}
