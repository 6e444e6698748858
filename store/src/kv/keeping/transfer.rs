//! Everything as text: one record a line, for people and for other programs.
//!
//! ```text
//! {"export":1,"release":"0.1.0","tables":{"users":1,…}}
//! {"table":"users","key":…,"row":…}
//! {"log":"events","last":17}
//! {"end":true,"records":2}
//! ```
//! Indexes are left out: they follow from the rows. Of the same store the same
//! bytes are written every time, so two exports can be compared.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Pairs;
use super::migrate::{put, versions};
use super::places::{Place, Places, counter, number, tagged};
use crate::kv::engine::{Batch, Engine, EngineError, Expect, Span};
use crate::kv::error::{Damage, Unfit};
use crate::kv::table::{Shape, TableDef};

/// The version of the format.
const FORMAT: u32 = 1;
/// Bytes of records that are written together.
const BATCH_BYTES: usize = 256 * 1024;
/// Bytes of the longest line; a row is far below it.
const LINE_BYTES: u64 = 4 * 1024 * 1024;
/// Records between two calls of whoever watches the progress.
const STRIDE: u64 = 1000;

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Lines between the first and the last.
    pub records: u64,
}

/// What was imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Lines between the first and the last.
    pub records: u64,
}

/// Why not everything was carried over.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The text could not be written.
    #[error("writing the export failed")]
    Write(#[source] io::Error),
    /// The text could not be read.
    #[error("reading the export failed at line {line}")]
    Read {
        /// Counted from 1.
        line: u64,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("line {line}: {detail}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        detail: String,
    },
    /// The export was written by a release with other rows.
    #[error("the export was written by release {release}, whose {table} differ: import it there")]
    Release {
        /// The release that wrote it.
        release: String,
        /// A table of another version.
        table: String,
    },
    /// The store holds something already.
    #[error("the store is not empty")]
    NotEmpty,
    /// A pair cannot be read.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// A record does not fit its table.
    #[error("line {line}")]
    Unfit {
        /// Counted from 1.
        line: u64,
        /// Why not.
        #[source]
        source: Unfit,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    export: u32,
    release: String,
    tables: BTreeMap<String, u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Line {
    Record { table: String, key: Value, row: Value },
    Counter { log: String, last: u64 },
    End { end: bool, records: u64 },
}

/// Writes everything. `progress` is told how many records are written.
pub fn export(
    pairs: &dyn Pairs,
    tables: &[TableDef],
    release: &str,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
) -> Result<Exported, TransferError> {
    let places = Places::of(tables);
    let head = Head { export: FORMAT, release: release.to_owned(), tables: versions(tables) };
    write_line(out, &head)?;
    let (mut records, mut failure) = (0, None);
    let walked = pairs.walk(&mut |key, value| {
        match line_of(&places, key, value).and_then(|line| match line {
            Some(line) => write_line(out, &line).map(|()| true),
            None => Ok(false),
        }) {
            Ok(written) => records += u64::from(written),
            Err(error) => {
                failure = Some(error);
                return Err(EngineError::Closed);
            }
        }
        if records % STRIDE == 0 {
            progress(records);
        }
        Ok(())
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    walked?;
    write_line(out, &Line::End { end: true, records })?;
    out.flush().map_err(TransferError::Write)?;
    progress(records);
    Ok(Exported { records })
}

fn line_of(places: &Places<'_>, key: &[u8], value: &[u8]) -> Result<Option<Line>, TransferError> {
    Ok(match places.find(key) {
        Place::Row(table, rest) => {
            let (key, row) = (table.to_json)(rest, value)?;
            Some(Line::Record { table: table.name.to_owned(), key, row })
        }
        Place::Counter(tag) => {
            let last = number(value).and_then(|last| u64::try_from(last).ok());
            let (Some(log), Some(last)) = (places.log(tag), last) else {
                return Err(Damage::Key { key: hex::encode(key) }.into());
            };
            Some(Line::Counter { log: log.name.to_owned(), last })
        }
        Place::Entry(_) | Place::Versions => None,
        Place::Unknown => return Err(Damage::Key { key: hex::encode(key) }.into()),
    })
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> Result<(), TransferError> {
    serde_json::to_writer(&mut *out, line).map_err(|error| TransferError::Write(error.into()))?;
    out.write_all(b"\n").map_err(TransferError::Write)
}

/// Reads everything into an empty store. If it fails half of it may be there:
/// the store is then to be thrown away.
pub async fn import(
    engine: &dyn Engine,
    tables: &[TableDef],
    input: &mut dyn BufRead,
    progress: &mut dyn FnMut(u64),
) -> Result<Imported, TransferError> {
    let all = Span { from: Vec::new(), to: None, reverse: false };
    let held = engine.scan(&all, 2).await?;
    if held.iter().any(|(key, _)| key != super::places::VERSIONS) {
        return Err(TransferError::NotEmpty);
    }
    let mut lines = Lines { input, line: 0 };
    let first: Head = lines.next()?;
    fits(&first, tables, lines.line)?;
    let (mut records, mut waiting) = (0, Staged::default());
    loop {
        match lines.next()? {
            Line::End { end: true, records: expected } if expected == records => break,
            Line::End { .. } => {
                return Err(lines.wrong(format!("{records} records came before it")));
            }
            line => waiting.stage(tables, line, lines.line)?,
        }
        records += 1;
        if records % STRIDE == 0 {
            progress(records);
        }
        if waiting.batch.weight() >= BATCH_BYTES {
            std::mem::take(&mut waiting).write(engine, lines.line).await?;
        }
    }
    waiting.write(engine, lines.line).await?;
    progress(records);
    Ok(Imported { records })
}

/// Only rows of these very versions can be read as text.
fn fits(head: &Head, tables: &[TableDef], line: u64) -> Result<(), TransferError> {
    if head.export != FORMAT {
        return Err(TransferError::Line { line, detail: format!("format {}", head.export) });
    }
    let ours = versions(tables);
    match head.tables.iter().find(|(name, version)| ours.get(*name) != Some(version)) {
        None => Ok(()),
        Some((table, _)) => {
            let (release, table) = (head.release.clone(), table.clone());
            Err(TransferError::Release { release, table })
        }
    }
}

/// Records that are written together.
#[derive(Default)]
struct Staged {
    batch: Batch,
    /// Expectations do not see the batch they come with.
    keys: BTreeSet<Vec<u8>>,
}

impl Staged {
    fn stage(&mut self, tables: &[TableDef], line: Line, at: u64) -> Result<(), TransferError> {
        let named = |name: &str| tables.iter().find(|table| table.name == name);
        let unknown =
            |name: &str| TransferError::Line { line: at, detail: format!("no table {name}") };
        match line {
            Line::Record { table, key, row } => {
                let table = named(&table).ok_or_else(|| unknown(&table))?;
                let unfit = |source| TransferError::Unfit { line: at, source };
                let (key, value) = (table.from_json)(key, row).map_err(unfit)?;
                for (entry, owner) in (table.entries)(&key, &value)? {
                    self.put(entry, owner, at)?;
                }
                self.put(tagged(table.tag, &key), value, at)
            }
            Line::Counter { log, last } => {
                let table = named(&log).filter(|table| table.shape == Shape::Log);
                let table = table.ok_or_else(|| unknown(&log))?;
                let last = i64::try_from(last).unwrap_or(i64::MAX);
                self.put(counter(table.tag), last.to_le_bytes().to_vec(), at)
            }
            Line::End { .. } => Ok(()),
        }
    }

    fn put(&mut self, key: Vec<u8>, value: Vec<u8>, line: u64) -> Result<(), TransferError> {
        if !self.keys.insert(key.clone()) {
            return Err(twice(line));
        }
        self.batch.expects.push(Expect::Absent(key.clone().into()));
        self.batch.ops.push(put(key, value));
        Ok(())
    }

    async fn write(self, engine: &dyn Engine, line: u64) -> Result<(), TransferError> {
        match engine.apply(self.batch).await {
            Err(EngineError::Conflict(_)) => Err(twice(line)),
            other => other.map(drop).map_err(TransferError::Engine),
        }
    }
}

fn twice(line: u64) -> TransferError {
    TransferError::Line { line, detail: "a record here or shortly before is there twice".into() }
}

struct Lines<'a> {
    input: &'a mut dyn BufRead,
    line: u64,
}

impl Lines<'_> {
    fn next<L: for<'de> Deserialize<'de>>(&mut self) -> Result<L, TransferError> {
        self.line += 1;
        let mut text = String::new();
        let mut bounded = io::Read::take(&mut *self.input, LINE_BYTES);
        let read = bounded.read_line(&mut text);
        read.map_err(|source| TransferError::Read { line: self.line, source })?;
        if text.is_empty() {
            return Err(self.wrong("the export ends too early".to_owned()));
        }
        serde_json::from_str(&text).map_err(|error| self.wrong(error.to_string()))
    }

    fn wrong(&self, detail: String) -> TransferError {
        TransferError::Line { line: self.line, detail }
    }
}
