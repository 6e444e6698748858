//! Out and in again, and the same bytes.

use tempfile::TempDir;

use super::{fill, open, put};
use crate::catalog;
use crate::kv::engine::{Batch, Engine, Op};
use crate::kv::keeping::{TransferError, check, export, import};

/// The export of a store with all golden samples and some more entries of logs.
async fn exported() -> Vec<u8> {
    let dir = TempDir::new().unwrap();
    let engine = open(dir.path());
    fill(&engine).await;
    // The front of the log goes, as retention has it; its count stays.
    let tag = <crate::event::Events as crate::kv::Log>::TAG;
    let first = super::tagged(tag, &1_u64.to_be_bytes());
    let ops = vec![Op::Delete { key: first.into() }];
    engine.apply(Batch { expects: Vec::new(), ops }).await.unwrap();
    let mut text = Vec::new();
    let snapshot = engine.snapshot().unwrap();
    export(&snapshot, &catalog::tables(), "1.2.3", &mut text, &mut |_| {}).unwrap();
    text
}

async fn imported(text: &[u8]) -> Result<Vec<u8>, TransferError> {
    let dir = TempDir::new().unwrap();
    let engine = open(dir.path());
    import(engine.as_ref(), &catalog::tables(), &mut &text[..], &mut |_| {}).await?;
    let snapshot = engine.snapshot().unwrap();
    assert_eq!(check(&snapshot, &catalog::tables()).unwrap(), Vec::new());
    let mut again = Vec::new();
    export(&snapshot, &catalog::tables(), "1.2.3", &mut again, &mut |_| {}).unwrap();
    Ok(again)
}

#[tokio::test]
async fn an_import_exports_the_same_bytes() {
    let text = exported().await;
    let again = imported(&text).await.unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(text).unwrap());
}

#[tokio::test]
async fn an_export_that_is_cut_short_or_wrong_is_refused() {
    let text = String::from_utf8(exported().await).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without_end = lines[..lines.len() - 1].join("\n");
    let one_less = [&lines[..3], &lines[4..]].concat().join("\n");
    let twice = [&lines[..4], &lines[3..lines.len() - 1]].concat();
    let end = format!("{{\"end\":true,\"records\":{}}}", twice.len() - 1);
    let twice = [&twice[..], &[end.as_str()]].concat().join("\n");
    let table = [
        (without_end, "the export ends too early"),
        (one_less, "records came before it"),
        (twice, "twice"),
        (text.replacen("\"export\":1", "\"export\":2", 1), "format 2"),
        (text.replacen("\"users\":1", "\"users\":2", 1), "whose users differ"),
        (text.replacen("{\"table\":", "{\"tables\":", 1), "line 3"),
        (String::new(), "the export ends too early"),
    ];
    for (broken, expected) in table {
        let error = imported(broken.as_bytes()).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{expected:?}: {error}");
    }
}

#[tokio::test]
async fn only_an_empty_store_is_imported_to() {
    let dir = TempDir::new().unwrap();
    let engine = open(dir.path());
    let ops = vec![put(b"xx".to_vec(), b"1".to_vec())];
    engine.apply(Batch { expects: Vec::new(), ops }).await.unwrap();
    let text = exported().await;
    let outcome = import(engine.as_ref(), &catalog::tables(), &mut &text[..], &mut |_| {}).await;
    assert!(matches!(outcome, Err(TransferError::NotEmpty)), "{outcome:?}");
}
