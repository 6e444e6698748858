//! Declarations: what stands in the store, and how it is found.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec;
use super::error::{Damage, Unfit};
use super::key::{Key, Part, tagged};

/// Rows of one noun.
pub trait Table: Sized + 'static {
    /// The noun, for people. Never reused for something else.
    const NAME: &'static str;
    /// The two bytes that begin every key. Never reused.
    const TAG: u16;
    /// The shape of the rows written by this release.
    const VERSION: u8;
    /// How a row is addressed.
    type Key: Key;
    /// What stands there.
    type Row: Serialize + DeserializeOwned + Clone + std::fmt::Debug + Send + Sync + 'static;
    /// Every way to find rows other than by key; kept by [`Write`](super::Write).
    const INDEXES: &'static [IndexDef<Self>];

    /// Reads a row of an older version.
    fn upgrade(version: u8, _body: &[u8]) -> Result<Self::Row, Damage> {
        Err(Damage::Row {
            table: Self::NAME,
            version,
            detail: "no release wrote this version".into(),
        })
    }
}

/// A declared index: rows of a table by another key.
pub trait Lookup: Sized + 'static {
    /// The table it finds rows of.
    type Table: Table;
    /// Its name, for people.
    const NAME: &'static str;
    /// The two bytes that begin its entries. Never reused.
    const TAG: u16;
    /// Whether two rows may share a key.
    const UNIQUE: bool;
    /// What rows are found by.
    type Key: Part;

    /// The entry of a row; `None` for rows that the index leaves out.
    fn key(
        key: &<Self::Table as Table>::Key,
        row: &<Self::Table as Table>::Row,
    ) -> Option<Self::Key>;
}

/// Facts appended in order, numbered from 1 without gaps.
pub trait Log: 'static {
    /// The noun, for people.
    const NAME: &'static str;
    /// The two bytes that begin its keys. Never reused.
    const TAG: u16;
    /// The shape of the entries written by this release.
    const VERSION: u8;
    /// One fact.
    type Entry: Serialize + DeserializeOwned + Clone + std::fmt::Debug + Send + Sync + 'static;
}

/// A log is read like a table whose keys are its numbers.
///
/// Only [`Write::append`](super::Write) adds to it; retention removes from its front.
impl<L: Log> Table for L {
    const NAME: &'static str = L::NAME;
    const TAG: u16 = L::TAG;
    const VERSION: u8 = L::VERSION;
    type Key = u64;
    type Row = L::Entry;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// Numbers that many writers add to without conflicts, such as counts by state.
pub trait Tally: 'static {
    /// The noun, for people.
    const NAME: &'static str;
    /// The two bytes that begin its keys. Never reused.
    const TAG: u16;
    /// What is counted.
    type Key: Key;
}

/// A row as it was read, with what it takes to change it safely.
#[derive(Debug)]
pub struct Stored<T: Table> {
    /// Its address.
    pub key: T::Key,
    /// Its content.
    pub row: T::Row,
    pub(super) raw: Bytes,
}

impl<T: Table> Clone for Stored<T> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), row: self.row.clone(), raw: self.raw.clone() }
    }
}

/// Equal bytes are equal rows.
impl<T: Table> PartialEq for Stored<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.raw == other.raw
    }
}

impl<T: Table> Stored<T> {
    /// What will stand there once a write that puts `row` in its place is
    /// committed.
    pub fn rewritten(&self, row: T::Row) -> Result<Self, Unfit> {
        let raw = codec::encode_row::<T>(&row)?;
        Ok(Self { key: self.key.clone(), row, raw: raw.into() })
    }

    pub(super) fn decode(key: T::Key, raw: Bytes) -> Result<Self, Damage> {
        let row = codec::decode_row::<T>(&raw)?;
        Ok(Self { key, row, raw })
    }
}

/// A [`Lookup`] without its type, so that a table can list all of its own.
pub struct IndexDef<T: Table> {
    /// Its name, for people.
    pub name: &'static str,
    /// The two bytes that begin its entries.
    pub tag: u16,
    /// Whether two rows may share a key.
    pub unique: bool,
    entry: fn(&T::Key, &T::Row) -> Option<Vec<u8>>,
}

impl<T: Table> IndexDef<T> {
    /// The definition of a lookup.
    pub const fn of<L: Lookup<Table = T>>() -> Self {
        Self { name: L::NAME, tag: L::TAG, unique: L::UNIQUE, entry: entry_of::<L> }
    }

    /// The whole key of a row's entry, if it has one.
    pub(super) fn entry(&self, key: &T::Key, row: &T::Row) -> Option<Vec<u8>> {
        (self.entry)(key, row)
    }
}

fn entry_of<L: Lookup>(
    key: &<L::Table as Table>::Key,
    row: &<L::Table as Table>::Row,
) -> Option<Vec<u8>> {
    let found_by = L::key(key, row)?;
    let mut bytes = tagged(L::TAG, &found_by);
    if !L::UNIQUE {
        key.encode(&mut bytes);
    }
    Some(bytes)
}

/// The key of a row with its table's tag.
pub(super) fn full_key<T: Table>(key: &T::Key) -> Vec<u8> {
    tagged(T::TAG, key)
}

/// What kind of thing a [`TableDef`] describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Rows under keys.
    Rows,
    /// Numbered facts.
    Log,
    /// Numbers.
    Tally,
}

/// One entry of an index: its key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// A table without its types: what backup, export and checks work with.
#[derive(Clone, Copy)]
pub struct TableDef {
    /// The noun.
    pub name: &'static str,
    /// The two bytes that begin every key.
    pub tag: u16,
    /// The version of the rows written by this release; 0 for tallies.
    pub version: u8,
    /// Rows, log or tally.
    pub shape: Shape,
    /// The indexes: name, tag, unique.
    pub indexes: fn() -> Vec<(&'static str, u16, bool)>,
    /// A stored pair (key without tag, value) as JSON key and JSON row.
    pub to_json: fn(&[u8], &[u8]) -> Result<(serde_json::Value, serde_json::Value), Damage>,
    /// The way back: key without tag, and value at this release's version.
    pub from_json: fn(serde_json::Value, serde_json::Value) -> Result<(Vec<u8>, Vec<u8>), Unfit>,
    /// The index entries that belong to a stored pair.
    pub entries: fn(&[u8], &[u8]) -> Result<Vec<Entry>, Damage>,
}

impl TableDef {
    /// The definition of a table.
    pub fn of<T: Table>() -> Self {
        Self::with_shape::<T>(Shape::Rows)
    }

    /// The definition of a log.
    pub fn of_log<L: Log>() -> Self {
        Self::with_shape::<L>(Shape::Log)
    }

    /// The definition of a tally.
    pub fn of_tally<T: Tally>() -> Self {
        Self {
            name: T::NAME,
            tag: T::TAG,
            version: 0,
            shape: Shape::Tally,
            indexes: Vec::new,
            to_json: |key, value| {
                let key = T::Key::from_bytes(key)?;
                Ok((json(T::NAME, &key)?, super::store::number(T::NAME, value)?.into()))
            },
            from_json: |key, value| {
                let key: T::Key = from_json(T::NAME, key)?;
                let value: i64 = from_json(T::NAME, value)?;
                Ok((key.to_bytes(), value.to_le_bytes().to_vec()))
            },
            entries: |_, _| Ok(Vec::new()),
        }
    }

    fn with_shape<T: Table>(shape: Shape) -> Self {
        Self {
            name: T::NAME,
            tag: T::TAG,
            version: T::VERSION,
            shape,
            indexes: || T::INDEXES.iter().map(|i| (i.name, i.tag, i.unique)).collect(),
            to_json: |key, value| {
                let key = T::Key::from_bytes(key)?;
                let row = codec::decode_row::<T>(value)?;
                Ok((json(T::NAME, &key)?, json(T::NAME, &row)?))
            },
            from_json: |key, row| {
                let key: T::Key = from_json(T::NAME, key)?;
                let row: T::Row = from_json(T::NAME, row)?;
                Ok((key.to_bytes(), codec::encode_row::<T>(&row)?))
            },
            entries: |key_bytes, value| {
                let key = T::Key::from_bytes(key_bytes)?;
                let row = codec::decode_row::<T>(value)?;
                Ok(T::INDEXES
                    .iter()
                    .filter_map(|index| {
                        let entry = index.entry(&key, &row)?;
                        Some((entry, if index.unique { key_bytes.to_vec() } else { Vec::new() }))
                    })
                    .collect())
            },
        }
    }
}

fn json<V: Serialize>(table: &'static str, value: &V) -> Result<serde_json::Value, Damage> {
    serde_json::to_value(value).map_err(|error| Damage::Row {
        table,
        version: 0,
        detail: error.to_string(),
    })
}

fn from_json<V: DeserializeOwned>(
    table: &'static str,
    value: serde_json::Value,
) -> Result<V, Unfit> {
    serde_json::from_value(value)
        .map_err(|error| Unfit::Encode { table, detail: error.to_string() })
}
