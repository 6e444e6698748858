//! Is the store of this release; if it is of an older one, its rows are
//! rewritten.
//!
//! ```text
//!  no note ──────────────→ note this release's versions
//!  the same versions ────→ nothing
//!  a newer version ──────→ refused, with the release's name
//!  an older version ─────→ back up, rewrite rows, note
//! ```
//! Every row says its own version, so a migration that was cut short goes on
//! where it was; until it ends the note names the old versions.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::places::{VERSIONS, split, tagged};
use crate::kv::engine::{Batch, Engine, EngineError, Expect, Op, Span};
use crate::kv::error::{Damage, Unfit};
use crate::kv::table::{Shape, TableDef};

/// Rows that are rewritten together.
const PAGE: usize = 200;

/// What was found and done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migration {
    /// The store was new, or had no note yet.
    Noted,
    /// It is of this release.
    Current,
    /// It was of an older one: so many rows were rewritten.
    Rewrote(u64),
}

/// Why a store could not be brought to this release.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A row cannot be read.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// A row does not fit its table's new version.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The note of the versions cannot be read.
    #[error("the note of the tables' versions cannot be read")]
    Note(#[source] serde_json::Error),
    /// The backup before it failed; nothing was changed.
    #[error("the backup before the migration failed")]
    Backup(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The engine failed, or the store is of a newer release.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    release: String,
    tables: BTreeMap<String, u8>,
}

/// The versions of the rows that this release writes, by table.
pub fn versions(tables: &[TableDef]) -> BTreeMap<String, u8> {
    tables.iter().map(|table| (table.name.to_owned(), table.version)).collect()
}

/// Brings a store to this release; the first thing done with an open store.
/// `backup` is called before the first change, if there is one to make.
pub async fn migrate(
    engine: &dyn Engine,
    tables: &[TableDef],
    release: &str,
    backup: impl FnOnce() -> Result<(), Box<dyn std::error::Error + Send + Sync>>,
) -> Result<Migration, MigrateError> {
    let ours = Note { release: release.to_owned(), tables: versions(tables) };
    let noted = engine.get(VERSIONS).await?;
    let Some(noted) = noted else {
        note(engine, None, &ours).await?;
        return Ok(Migration::Noted);
    };
    let theirs: Note = serde_json::from_slice(&noted).map_err(MigrateError::Note)?;
    let newer =
        |(name, version): (&String, &u8)| ours.tables.get(name).is_some_and(|v| v < version);
    if theirs.tables.iter().any(newer) {
        let (found, ours) = (theirs.release, release.to_owned());
        return Err(EngineError::Newer { found, ours }.into());
    }
    let older = |table: &&TableDef| {
        theirs.tables.get(table.name).is_some_and(|version| *version < table.version)
    };
    let behind: Vec<&TableDef> = tables.iter().filter(older).collect();
    if behind.is_empty() {
        if theirs.tables != ours.tables {
            note(engine, Some(noted), &ours).await?;
        }
        return Ok(Migration::Current);
    }
    backup().map_err(MigrateError::Backup)?;
    let mut rewritten = 0;
    for table in behind {
        tracing::info!(table = table.name, version = table.version, "rewriting older rows");
        rewritten += rewrite(engine, table).await?;
    }
    note(engine, Some(noted), &ours).await?;
    Ok(Migration::Rewrote(rewritten))
}

async fn note(engine: &dyn Engine, before: Option<Bytes>, ours: &Note) -> Result<(), MigrateError> {
    let value = serde_json::to_vec(ours).map_err(MigrateError::Note)?;
    let expect = match before {
        Some(value) => Expect::Equals(Bytes::from_static(VERSIONS), value),
        None => Expect::Absent(Bytes::from_static(VERSIONS)),
    };
    let ops = vec![put(VERSIONS.to_vec(), value)];
    engine.apply(Batch { expects: vec![expect], ops }).await?;
    Ok(())
}

/// Rewrites the rows of a table that are of older versions, a page at a time.
async fn rewrite(engine: &dyn Engine, table: &TableDef) -> Result<u64, MigrateError> {
    if table.shape == Shape::Tally {
        return Ok(0);
    }
    let (mut span, mut rewritten) = (Span::prefix(&table.tag.to_be_bytes()), 0);
    loop {
        let page = engine.scan(&span, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(rewritten) };
        // The least key after it.
        span.from = [&**last, &[0]].concat();
        let mut batch = Batch::default();
        for (key, value) in page {
            if value.first() != Some(&table.version) {
                upgrade(&mut batch, table, key, value)?;
                rewritten += 1;
            }
        }
        if !batch.ops.is_empty() {
            engine.apply(batch).await?;
        }
    }
}

/// Stages a row at this release's version, with the entries it has now.
fn upgrade(
    batch: &mut Batch,
    table: &TableDef,
    key: Bytes,
    value: Bytes,
) -> Result<(), MigrateError> {
    let rest = split(&key).map(|(_, rest)| rest).unwrap_or_default();
    let (json_key, json_row) = (table.to_json)(rest, &value)?;
    let (rest, row) = (table.from_json)(json_key, json_row)?;
    for (entry, owner) in (table.entries)(&rest, &row)? {
        batch.ops.push(put(entry, owner));
    }
    batch.ops.push(put(tagged(table.tag, &rest), row));
    batch.expects.push(Expect::Equals(key, value));
    Ok(())
}

pub(super) fn put(key: Vec<u8>, value: Vec<u8>) -> Op {
    Op::Put { key: key.into(), value: value.into(), fresh: false }
}
