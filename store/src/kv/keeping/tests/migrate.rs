//! Stores of older and newer releases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use crate::kv::engine::{Batch, Engine, EngineError, Span};
use crate::kv::keeping::{MigrateError, Migration, migrate};
use crate::kv::memory::Memory;
use crate::kv::{Damage, IndexDef, Lookup, Query, Store, Table, TableDef, Write, decode_body};

/// The first shape of a row.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Old {
    name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct New {
    name: String,
    length: u64,
}

struct OldThings;
impl Table for OldThings {
    const NAME: &'static str = "things";
    const TAG: u16 = 0x7001;
    const VERSION: u8 = 1;
    type Key = u64;
    type Row = Old;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

struct Things;
impl Table for Things {
    const NAME: &'static str = "things";
    const TAG: u16 = 0x7001;
    const VERSION: u8 = 2;
    type Key = u64;
    type Row = New;
    const INDEXES: &'static [IndexDef<Self>] = &[IndexDef::of::<ByLength>()];

    fn upgrade(version: u8, body: &[u8]) -> Result<New, Damage> {
        let Old { name } = decode_body(Self::NAME, version, body)?;
        Ok(New { length: name.len() as u64, name })
    }
}

/// An index that came with the new shape.
struct ByLength;
impl Lookup for ByLength {
    type Table = Things;
    const NAME: &'static str = "things by length";
    const TAG: u16 = 0x7002;
    const UNIQUE: bool = false;
    type Key = u64;
    fn key(_: &u64, row: &New) -> Option<u64> {
        Some(row.length)
    }
}

fn old() -> Vec<TableDef> {
    vec![TableDef::of::<OldThings>()]
}

fn new() -> Vec<TableDef> {
    vec![TableDef::of::<Things>()]
}

async fn old_store(rows: u64) -> Arc<Memory> {
    let engine = Arc::new(Memory::new());
    let done = migrate(engine.as_ref(), &old(), "1.0.0", || Ok(())).await.unwrap();
    assert_eq!(done, Migration::Noted);
    let store = Store::new(engine.clone());
    for n in 0..rows {
        let mut write = Write::new();
        write.insert::<OldThings>(&n, &Old { name: "x".repeat(usize::try_from(n % 7).unwrap()) });
        store.commit(write).await.unwrap();
    }
    engine
}

#[tokio::test]
async fn older_rows_are_rewritten_after_a_backup() {
    let engine = old_store(450).await;
    let backups = AtomicU32::new(0);
    let backup = || {
        backups.fetch_add(1, Ordering::SeqCst);
        Ok(())
    };
    let done = migrate(engine.as_ref(), &new(), "2.0.0", backup).await.unwrap();
    assert_eq!((done, backups.load(Ordering::SeqCst)), (Migration::Rewrote(450), 1));
    let raw = engine.scan(&Span::prefix(&[0x70, 0x01]), 1000).await.unwrap();
    assert!(raw.len() == 450 && raw.iter().all(|(_, value)| value[0] == 2));
    let page = Store::new(engine.clone())
        .page_by::<ByLength>(&Query::all().from_key(&3).to_key(&4))
        .await
        .unwrap();
    assert!(page.rows.len() == 64 && page.rows.iter().all(|stored| stored.row.name == "xxx"));
    let again = migrate(engine.as_ref(), &new(), "2.0.0", || panic!("a backup")).await.unwrap();
    assert_eq!(again, Migration::Current);
}

#[tokio::test]
async fn a_failed_backup_changes_nothing() {
    let engine = old_store(3).await;
    let all = Span { from: Vec::new(), to: None, reverse: false };
    let before = engine.scan(&all, 100).await.unwrap();
    let outcome = migrate(engine.as_ref(), &new(), "2.0.0", || Err("no room".into())).await;
    assert!(matches!(outcome, Err(MigrateError::Backup(_))), "{outcome:?}");
    assert_eq!(engine.scan(&all, 100).await.unwrap(), before);
}

#[tokio::test]
async fn a_migration_that_was_cut_short_goes_on() {
    let engine = old_store(10).await;
    let before = engine.scan(&Span::prefix(&[0x70, 0x01]), 100).await.unwrap();
    migrate(engine.as_ref(), &new(), "2.0.0", || Ok(())).await.unwrap();
    // As if it had been killed after some rows: the rest and the note are old.
    let back =
        before.into_iter().skip(4).map(|(key, value)| super::put(key.to_vec(), value.to_vec()));
    engine.apply(Batch { expects: Vec::new(), ops: back.collect() }).await.unwrap();
    let note = engine.get(&[0, 1]).await.unwrap().unwrap();
    let note = String::from_utf8(note.to_vec()).unwrap().replace("\"things\":2", "\"things\":1");
    let ops = vec![super::put(vec![0, 1], note.into_bytes())];
    engine.apply(Batch { expects: Vec::new(), ops }).await.unwrap();
    let done = migrate(engine.as_ref(), &new(), "2.0.0", || Ok(())).await.unwrap();
    assert_eq!(done, Migration::Rewrote(6));
}

#[tokio::test]
async fn a_newer_store_is_refused_by_name() {
    let engine = old_store(3).await;
    migrate(engine.as_ref(), &new(), "2.0.0", || Ok(())).await.unwrap();
    let outcome = migrate(engine.as_ref(), &old(), "1.0.0", || Ok(())).await;
    let Err(MigrateError::Engine(EngineError::Newer { found, ours })) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!((found.as_str(), ours.as_str()), ("2.0.0", "1.0.0"));
}
