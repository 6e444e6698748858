//! The check finds what is wrong, and nothing where nothing is.

use tempfile::TempDir;

use super::{fill, open, put};
use crate::catalog;
use crate::event::Events;
use crate::kv::engine::{Batch, Engine, Op};
use crate::kv::keeping::check;
use crate::kv::keeping::places::tagged;
use crate::kv::{Log, Table};
use crate::user::Users;

/// What the check says after `ops` were done to a sound store.
async fn findings(ops: Vec<Op>) -> Vec<String> {
    let dir = TempDir::new().unwrap();
    let engine = open(dir.path());
    fill(&engine).await;
    engine.apply(Batch { expects: Vec::new(), ops }).await.unwrap();
    let found = check(&engine.snapshot().unwrap(), &catalog::tables()).unwrap();
    engine.close().unwrap();
    found.iter().map(ToString::to_string).collect()
}

/// The pairs of a tag in a sound store.
async fn pairs(tag: u16) -> Vec<(Vec<u8>, Vec<u8>)> {
    let dir = TempDir::new().unwrap();
    let engine = open(dir.path());
    fill(&engine).await;
    let span = crate::kv::engine::Span::prefix(&tag.to_be_bytes());
    let pairs = engine.scan(&span, 10).await.unwrap();
    pairs.into_iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

#[track_caller]
fn only(found: &[String], expected: &str) {
    assert!(found.len() == 1 && found[0].contains(expected), "{expected:?}: {found:#?}");
}

#[tokio::test]
async fn a_sound_store_has_no_findings() {
    assert_eq!(findings(Vec::new()).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_unreadable_row_is_found() {
    let (key, mut value) = pairs(Users::TAG).await.remove(0);
    value.truncate(value.len() - 1);
    let found = findings(vec![put(key, value)]).await;
    assert!(
        found.iter().any(|f| f.starts_with("users") && f.contains("cannot be read")),
        "{found:#?}"
    );
}

#[tokio::test]
async fn a_row_without_its_entry_is_found() {
    let index = &Users::INDEXES[0];
    let (key, _) = pairs(index.tag).await.remove(0);
    let found = findings(vec![Op::Delete { key: key.into() }]).await;
    only(&found, "has no entry");
}

#[tokio::test]
async fn an_entry_without_its_row_is_found() {
    let index = &Users::INDEXES[0];
    let (mut key, value) = pairs(index.tag).await.remove(0);
    *key.last_mut().unwrap() ^= 1;
    let found = findings(vec![put(key.clone(), value)]).await;
    only(&found, &format!("the entry {} belongs to no row", hex::encode(key)));
}

#[tokio::test]
async fn a_gap_in_a_log_and_a_wrong_count_are_found() {
    let log = <Events as Log>::TAG.to_be_bytes();
    let append = |_| Op::Append { log, value: Vec::new().into() };
    let found = findings((0..3).map(append).collect()).await;
    assert!(found.iter().all(|f| f.contains("is empty")), "{found:#?}");
    let entry = pairs(<Events as Log>::TAG).await.remove(0).1;
    let beyond = tagged(<Events as Log>::TAG, &1000_u64.to_be_bytes());
    let found = findings(vec![put(beyond, entry)]).await;
    assert!(found.iter().any(|f| f.contains("a gap before entry 1000")), "{found:#?}");
    assert!(found.iter().any(|f| f.contains("the last entry is 1000, and")), "{found:#?}");
}

#[tokio::test]
async fn what_belongs_to_no_table_is_found() {
    let found = findings(vec![put(vec![0xfe, 0xfe, 1], vec![1])]).await;
    only(&found, "no table holds the key fefe01");
    let found = findings(vec![put(vec![0, 0, 0xfe, 0xfe], vec![0; 8])]).await;
    only(&found, "no log has the tag fefe");
}
