//! Rows that were decoded lately, for those who only read them: a tenant, its people
//! and a popular resource are read with every booking, and are nearly always what
//! they were.
//!
//! Invariant: a row is given only to who has just read the very bytes that it was
//! decoded from. So nothing has to be forgotten when a row changes.

use std::any::Any;
use std::sync::Arc;

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::error::Damage;
use super::table::{Stored, Table};

/// About how many bytes are kept at most.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// What a row takes beside its text, roughly: its members and where they are.
const ROW_BYTES: usize = 512;
/// What it is taken to be by the table that is made for the first of them.
const USUAL_ROWS: usize = 4096;

/// A [`Stored`] row of some table.
type Row = Arc<dyn Any + Send + Sync>;

#[derive(Clone)]
struct Kept {
    bytes: Bytes,
    row: Row,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Box<[u8]>, Kept> for Weight {
    fn weight(&self, key: &Box<[u8]>, kept: &Kept) -> u64 {
        // The bytes are there twice: as they are, and in the row.
        (ROW_BYTES + key.len() + 2 * kept.bytes.len()) as u64
    }
}

/// A bounded memory of decoded rows.
pub(super) struct Decoded(Cache<Box<[u8]>, Kept, Weight>);

impl Default for Decoded {
    fn default() -> Self {
        Self(Cache::with_weighter(USUAL_ROWS, MOST_BYTES, Weight))
    }
}

impl Decoded {
    /// The row that these bytes are, which were just read under this key.
    pub(super) fn row<T: Table>(
        &self,
        full: &[u8],
        key: &T::Key,
        bytes: Bytes,
    ) -> Result<Arc<Stored<T>>, Damage> {
        if let Some(kept) = self.0.get(full)
            && same(&kept.bytes, &bytes)
            && let Ok(row) = kept.row.downcast()
        {
            return Ok(row);
        }
        let row = Arc::new(Stored::<T>::decode(key.clone(), bytes.clone())?);
        self.0.insert(full.into(), Kept { bytes, row: row.clone() });
        Ok(row)
    }
}

/// What is remembered of a read is mostly the very same place in memory.
fn same(one: &Bytes, other: &Bytes) -> bool {
    one.len() == other.len() && (one.as_ptr() == other.as_ptr() || one == other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::booking::{Calendar, Calendars};
    use crate::id::ResourceId;
    use crate::kv::memory::Memory;
    use crate::kv::{Store, Write};
    use crate::time::Timestamp;

    fn id(number: u8) -> ResourceId {
        ResourceId::new(Timestamp::from_millis(0), [number; 10])
    }

    fn row(revision: u64) -> Calendar {
        Calendar { revision, longest_ms: 0 }
    }

    /// Puts another row in the place of one, or takes it away.
    async fn change(store: &Store, id: &ResourceId, to: Option<u64>) {
        let mut write = Write::new();
        match (store.get::<Calendars>(id).await.unwrap(), to) {
            (Some(found), Some(to)) => write.update::<Calendars>(&found, &row(to)),
            (Some(found), None) => write.remove(&found),
            (None, Some(to)) => write.insert::<Calendars>(id, &row(to)),
            (None, None) => return,
        };
        store.commit(write).await.unwrap();
    }

    proptest! {
        #[test]
        fn who_only_looks_sees_what_everybody_sees(
            steps in prop::collection::vec((0..3_u8, prop::option::of(0..3_u64)), 0..30),
        ) {
            let run = async {
                let store = Store::new(Arc::new(Memory::new()));
                for (number, to) in steps {
                    change(&store, &id(number), to).await;
                    for number in 0..3 {
                        let read = store.get::<Calendars>(&id(number)).await.unwrap();
                        let seen = store.look::<Calendars>(&id(number)).await.unwrap();
                        prop_assert_eq!(
                            seen.map(|seen| (seen.key, seen.row)),
                            read.map(|read| (read.key, read.row))
                        );
                    }
                }
                Ok(())
            };
            tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run)?;
        }
    }

    #[tokio::test]
    async fn a_row_that_is_what_it_was_is_not_decoded_again() {
        let store = Store::new(Arc::new(Memory::new()));
        change(&store, &id(1), Some(1)).await;
        let look = async || store.look::<Calendars>(&id(1)).await.unwrap().unwrap();
        let (first, again) = (look().await, look().await);
        assert!(Arc::ptr_eq(&first, &again));
        change(&store, &id(1), Some(2)).await;
        assert!(!Arc::ptr_eq(&first, &look().await));
    }

    #[test]
    fn it_is_bounded() {
        let decoded = Decoded::default();
        let bytes = Bytes::from(crate::kv::encode_row::<Calendars>(&row(1)).unwrap());
        for number in 0..100_000_u32 {
            let key = id(u8::try_from(number % 256).unwrap());
            decoded.row::<Calendars>(&number.to_be_bytes(), &key, bytes.clone()).unwrap();
        }
        assert!(decoded.0.weight() <= MOST_BYTES);
        assert!(decoded.0.len() > 1000, "{} rows are kept", decoded.0.len());
    }

    #[test]
    fn what_cannot_be_decoded_is_said_each_time() {
        let decoded = Decoded::default();
        for _ in 0..2 {
            assert!(decoded.row::<Calendars>(b"key", &id(1), Bytes::from_static(&[99])).is_err());
        }
    }
}
