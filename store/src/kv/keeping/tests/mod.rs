//! Whole stores, with the golden sample of every table in them.

mod copies;
mod migrate;
mod sound;
mod transfer;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;

use super::places::tagged;
use crate::Timestamp;
use crate::catalog;
use crate::kv::embedded::{Embedded, Options};
use crate::kv::engine::{Batch, Engine, EngineError, Expect, Op};
use crate::kv::table::Shape;

/// When the tests' clock begins; it goes on by a second a group.
const BEGIN: i64 = 1_700_000_000;

fn options(dir: &Path) -> Options {
    let clock = AtomicI64::new(BEGIN);
    let now = move || Timestamp::from_seconds(clock.fetch_add(1, Ordering::Relaxed));
    let ballast_bytes = 0;
    Options { ballast_bytes, ..Options::new(dir, "boot", Arc::new(now)) }
}

fn open(dir: &Path) -> Arc<Embedded> {
    Embedded::open(options(dir)).unwrap().0
}

fn put(key: Vec<u8>, value: Vec<u8>) -> Op {
    Op::Put { key: key.into(), value: value.into(), fresh: false }
}

/// Puts the golden samples of all tables into a store, with their index entries.
async fn fill(engine: &Embedded) {
    for table in catalog::tables() {
        let name = format!("{}.v{}.json", table.name.replace(' ', "-"), table.version);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/golden").join(name);
        let samples: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for sample in samples {
            let (key, value) =
                (table.from_json)(sample["key"].clone(), sample["row"].clone()).unwrap();
            let ops = if table.shape == Shape::Log {
                vec![Op::Append { log: table.tag.to_be_bytes(), value: value.into() }]
            } else {
                let entries = (table.entries)(&key, &value).unwrap();
                let entries = entries.into_iter().map(|(key, value)| put(key, value));
                entries.chain([put(tagged(table.tag, &key), value)]).collect()
            };
            // Two samples may claim the same place in a unique index.
            let absent = |op: &Op| match op {
                Op::Put { key, .. } => Some(Expect::Absent(key.clone())),
                _ => None,
            };
            let expects = ops.iter().filter_map(absent).collect();
            match engine.apply(Batch { expects, ops }).await {
                Ok(_) | Err(EngineError::Conflict(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}
