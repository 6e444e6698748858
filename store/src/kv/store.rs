//! The store as everyone above sees it: typed reads, one way to write.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use super::decoded::Decoded;
use super::engine::{Engine, EngineError, Health, Pair, Receipt};
use super::error::{Damage, Error};
use super::key::{Key, tagged};
use super::query::{Cursor, Page, Query};
use super::table::{Lookup, Stored, Table, Tally, full_key};
use super::write::Write;

/// News that someone may be waiting for; a [`Write`] rings when it is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bell {
    /// A job was enqueued, or may run again.
    Jobs,
    /// An event was appended.
    Events,
    /// A schedule was changed.
    Schedules,
}

#[derive(Default)]
struct Bells {
    jobs: watch::Sender<u64>,
    events: watch::Sender<u64>,
    schedules: watch::Sender<u64>,
}

impl Bells {
    const ALL: [Bell; 3] = [Bell::Jobs, Bell::Events, Bell::Schedules];

    fn of(&self, bell: Bell) -> &watch::Sender<u64> {
        match bell {
            Bell::Jobs => &self.jobs,
            Bell::Events => &self.events,
            Bell::Schedules => &self.schedules,
        }
    }

    fn ring(&self, bell: Bell) {
        self.of(bell).send_modify(|rung| *rung = rung.wrapping_add(1));
    }
}

/// A handle on the store; clones are the same store.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    bells: Arc<Bells>,
    decoded: Arc<Decoded>,
}

impl Store {
    /// A store on an engine.
    pub fn new(engine: Arc<dyn Engine>) -> Self {
        Self { engine, bells: Arc::default(), decoded: Arc::default() }
    }

    /// The same rows by way of another engine; it has bells of its own.
    pub(super) fn through(&self, engine: Arc<dyn Engine>) -> Self {
        Self { engine, bells: Arc::default(), decoded: self.decoded.clone() }
    }

    /// The engine beneath, for backup and checks.
    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// How the engine is doing.
    pub fn health(&self) -> Health {
        self.engine.health()
    }

    /// Changes each time a write that rang `bell` was committed.
    pub fn listen(&self, bell: Bell) -> watch::Receiver<u64> {
        self.bells.of(bell).subscribe()
    }

    /// Rings every bell that was ever rung at another store.
    pub(super) fn ring_as(&self, other: &Self) {
        for bell in Bells::ALL {
            if *other.bells.of(bell).borrow() > 0 {
                self.bells.ring(bell);
            }
        }
    }

    /// The row under a key.
    pub async fn get<T: Table>(&self, key: &T::Key) -> Result<Option<Stored<T>>, Error> {
        let raw = self.engine.get(&full_key::<T>(key)).await.map_err(Error::Engine)?;
        Ok(raw.map(|raw| Stored::decode(key.clone(), raw)).transpose()?)
    }

    /// The same for who only reads it: rows that are read again and again are decoded
    /// once, as long as they are what they were.
    pub async fn look<T: Table>(&self, key: &T::Key) -> Result<Option<Arc<Stored<T>>>, Error> {
        let full = full_key::<T>(key);
        let raw = self.engine.get(&full).await.map_err(Error::Engine)?;
        Ok(raw.map(|raw| self.decoded.row(&full, key, raw)).transpose()?)
    }

    /// The one row under a key of a unique lookup.
    pub async fn find<L: Lookup>(
        &self,
        found_by: &L::Key,
    ) -> Result<Option<Stored<L::Table>>, Error> {
        let entry = tagged(L::TAG, found_by);
        let Some(owner) = self.engine.get(&entry).await.map_err(Error::Engine)? else {
            return Ok(None);
        };
        let key = <L::Table as Table>::Key::from_bytes(&owner)?;
        let found = self.get::<L::Table>(&key).await?;
        // The row may have changed since its entry was read.
        Ok(found.filter(|s| L::key(&s.key, &s.row).as_ref() == Some(found_by)))
    }

    /// A page of rows by key.
    pub async fn page<T: Table>(&self, query: &Query<T::Key>) -> Result<Page<Stored<T>>, Error> {
        let row = |key: &[u8], raw| Stored::decode(T::Key::from_bytes(key)?, raw);
        self.page_of(T::TAG, query, row).await
    }

    /// A page of a lookup's entries: what each is found by, and its row's key.
    /// Not for unique lookups.
    pub async fn entries<L: Lookup>(
        &self,
        query: &Query<L::Key>,
    ) -> Result<Page<(L::Key, <L::Table as Table>::Key)>, Error> {
        self.page_of(L::TAG, query, |key, _| <(L::Key, _)>::from_bytes(key)).await
    }

    /// A page of a unique lookup: what each row is found by, and its key.
    pub async fn owners<L: Lookup>(
        &self,
        query: &Query<L::Key>,
    ) -> Result<Page<(L::Key, <L::Table as Table>::Key)>, Error> {
        let owner =
            |key: &[u8], owner: Bytes| Ok((L::Key::from_bytes(key)?, Key::from_bytes(&owner)?));
        self.page_of(L::TAG, query, owner).await
    }

    /// A page of rows in the order of a lookup. A row that moved while the page
    /// was read is left out. Not for unique lookups.
    pub async fn page_by<L: Lookup>(
        &self,
        query: &Query<L::Key>,
    ) -> Result<Page<Stored<L::Table>>, Error> {
        let entries = self.entries::<L>(query).await?;
        let mut rows = Vec::with_capacity(entries.rows.len());
        for (found_by, key) in entries.rows {
            if let Some(stored) = self.get::<L::Table>(&key).await?
                && L::key(&stored.key, &stored.row).as_ref() == Some(&found_by)
            {
                rows.push(stored);
            }
        }
        Ok(Page { rows, next: entries.next })
    }

    /// A number of a tally; 0 if nothing was ever counted.
    pub async fn count<T: Tally>(&self, key: &T::Key) -> Result<i64, Error> {
        let full = tagged(T::TAG, key);
        match self.engine.get(&full).await.map_err(Error::Engine)? {
            Some(value) => Ok(number(T::NAME, &value)?),
            None => Ok(0),
        }
    }

    /// A page of a tally.
    pub async fn counts<T: Tally>(
        &self,
        query: &Query<T::Key>,
    ) -> Result<Page<(T::Key, i64)>, Error> {
        let count =
            |key: &[u8], value: Bytes| Ok((T::Key::from_bytes(key)?, number(T::NAME, &value)?));
        self.page_of(T::TAG, query, count).await
    }

    /// Commits a write: all of it, durably, or nothing.
    pub async fn commit(&self, write: Write) -> Result<Receipt, Error> {
        let Write { batch, claims, bells, fault, .. } = write;
        if let Some(error) = fault {
            return Err(error.into());
        }
        let receipt = match self.engine.apply(batch).await {
            Ok(receipt) => receipt,
            Err(EngineError::Conflict(at)) => {
                return Err(match claims.get(at) {
                    Some(claim) => Error::Conflict(*claim),
                    None => Error::Engine(EngineError::Conflict(at)),
                });
            }
            Err(error) => return Err(Error::Engine(error)),
        };
        for bell in bells {
            self.bells.ring(bell);
        }
        Ok(receipt)
    }

    /// A page of whatever stands under a tag; `read` is given keys without it.
    async fn page_of<K: Key, R>(
        &self,
        tag: u16,
        query: &Query<K>,
        read: impl Fn(&[u8], Bytes) -> Result<R, Damage>,
    ) -> Result<Page<R>, Error> {
        let span = query.span(tag);
        let pairs = self.engine.scan(&span, query.page_size()).await.map_err(Error::Engine)?;
        let next = next_cursor(&pairs, query.page_size());
        let rows = pairs.into_iter().map(|(key, value)| read(untagged(&key), value));
        Ok(Page { rows: rows.collect::<Result<_, _>>()?, next })
    }
}

/// A full page may have a successor.
fn next_cursor(pairs: &[Pair], limit: usize) -> Option<Cursor> {
    let (last, _) = pairs.last().filter(|_| pairs.len() == limit)?;
    Some(Cursor(untagged(last).to_vec()))
}

fn untagged(key: &[u8]) -> &[u8] {
    key.get(2..).unwrap_or_default()
}

/// The number of a tally.
pub(super) fn number(table: &'static str, value: &[u8]) -> Result<i64, Damage> {
    value.try_into().map(i64::from_le_bytes).map_err(|_| Damage::Row {
        table,
        version: 0,
        detail: "a number takes eight bytes".into(),
    })
}
