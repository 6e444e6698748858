//! Whose a key is, by the two bytes it begins with.

use std::collections::BTreeMap;

use crate::kv::table::{Shape, TableDef};

/// The store's own notes: before all tables.
const COUNTERS: u16 = 0x0000;
/// The key of the note of the rows' versions.
pub(super) const VERSIONS: &[u8] = &[0x00, 0x01];

/// What a key belongs to.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// A pair of a table: its key without the tag.
    Row(&'a TableDef, &'a [u8]),
    /// An entry of an index.
    Entry(&'static str),
    /// The last number of the log with this tag.
    Counter(u16),
    /// The note of the rows' versions.
    Versions,
    /// Nothing that this release knows.
    Unknown,
}

/// All tags of a catalog.
pub(super) struct Places<'t> {
    tables: BTreeMap<u16, &'t TableDef>,
    indexes: BTreeMap<u16, &'static str>,
}

impl<'t> Places<'t> {
    pub(super) fn of(tables: &'t [TableDef]) -> Self {
        let indexes = tables.iter().flat_map(|table| (table.indexes)());
        Self {
            indexes: indexes.map(|(name, tag, _)| (tag, name)).collect(),
            tables: tables.iter().map(|table| (table.tag, table)).collect(),
        }
    }

    pub(super) fn find<'a>(&'a self, key: &'a [u8]) -> Place<'a> {
        let Some((tag, rest)) = split(key) else { return Place::Unknown };
        match (tag, split(rest)) {
            (COUNTERS, Some((log, []))) => Place::Counter(log),
            _ if key == VERSIONS => Place::Versions,
            _ => match (self.tables.get(&tag), self.indexes.get(&tag)) {
                (Some(table), _) => Place::Row(table, rest),
                (None, Some(index)) => Place::Entry(index),
                (None, None) => Place::Unknown,
            },
        }
    }

    /// The log with this tag.
    pub(super) fn log(&self, tag: u16) -> Option<&'t TableDef> {
        self.tables.get(&tag).filter(|table| table.shape == Shape::Log).copied()
    }
}

/// The tag, and what follows it.
pub(super) fn split(key: &[u8]) -> Option<(u16, &[u8])> {
    let (tag, rest) = key.split_first_chunk()?;
    Some((u16::from_be_bytes(*tag), rest))
}

/// A key with its tag.
pub(super) fn tagged(tag: u16, key: &[u8]) -> Vec<u8> {
    [&tag.to_be_bytes()[..], key].concat()
}

/// Where the last number of a log is kept.
pub(super) fn counter(tag: u16) -> Vec<u8> {
    tagged(COUNTERS, &tag.to_be_bytes())
}

/// The number that a counter or a tally holds.
pub(super) fn number(value: &[u8]) -> Option<i64> {
    value.try_into().ok().map(i64::from_le_bytes)
}
