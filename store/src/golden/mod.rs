//! Frozen samples of every row version ever released.
//!
//! One file for each version of each table, `NAME.vN.json`, kept for ever: the
//! keys and rows as JSON beside the very bytes that a release wrote. A release
//! must read all of them, and must still write those of its own versions byte
//! for byte.
//!
//! To freeze a new version, write its file with `key` and `row` alone and run
//! the tests with `FREEZE_GOLDEN=1`, which adds the bytes. Bytes that are there
//! are never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog;
use crate::kv::TableDef;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    key: Value,
    row: Value,
    /// Hexadecimal, without the table's tag.
    #[serde(default)]
    key_bytes: String,
    /// Hexadecimal.
    #[serde(default)]
    value_bytes: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Retired {
    names: Vec<String>,
    tags: Vec<u16>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/golden")
}

fn file_of(name: &str, version: u8) -> PathBuf {
    folder().join(format!("{}.v{version}.json", name.replace(' ', "-")))
}

fn read(path: &Path) -> Vec<Sample> {
    let text = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("no golden sample {}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn from_hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text}");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn freeze(def: &TableDef, path: &Path, samples: &mut [Sample]) {
    let mut changed = false;
    for sample in samples.iter_mut().filter(|sample| sample.value_bytes.is_empty()) {
        let (key, value) = (def.from_json)(sample.key.clone(), sample.row.clone()).unwrap();
        (sample.key, sample.row) = (def.to_json)(&key, &value).unwrap();
        sample.key_bytes = to_hex(&key);
        sample.value_bytes = to_hex(&value);
        changed = true;
    }
    if changed {
        let text = serde_json::to_string_pretty(samples).unwrap();
        // Other tests read the file meanwhile.
        let new = path.with_extension("new");
        std::fs::write(&new, text + "\n").unwrap();
        std::fs::rename(&new, path).unwrap();
    }
}

#[test]
fn every_version_ever_written_is_still_read() {
    for def in catalog::tables() {
        for version in 0..=def.version {
            let path = file_of(def.name, version);
            if version < def.version && !path.exists() && version == 0 {
                continue;
            }
            let mut samples = read(&path);
            if std::env::var_os("FREEZE_GOLDEN").is_some() && version == def.version {
                freeze(&def, &path, &mut samples);
            }
            assert!(!samples.is_empty(), "{} holds no sample", path.display());
            for sample in &samples {
                check(&def, version, &path, sample);
            }
        }
    }
}

fn check(def: &TableDef, version: u8, path: &Path, sample: &Sample) {
    let shown = path.display();
    let (key, value) = (from_hex(&sample.key_bytes), from_hex(&sample.value_bytes));
    let read = (def.to_json)(&key, &value).unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert_eq!(read.0, sample.key, "{shown}: the key reads otherwise");
    if version != def.version {
        return;
    }
    assert_eq!(read.1, sample.row, "{shown}: the row reads otherwise");
    let written = (def.from_json)(sample.key.clone(), sample.row.clone()).unwrap();
    assert_eq!(to_hex(&written.0), sample.key_bytes, "{shown}: the key is written otherwise");
    assert_eq!(
        to_hex(&written.1),
        sample.value_bytes,
        "{shown}: the row is written otherwise; a new shape needs a new version"
    );
    if def.version > 0 {
        assert_eq!(value.first(), Some(&version), "{shown}: the version byte");
    }
}

/// A row whose bytes were written by a newer release, or are cut short, is
/// refused and never misread.
#[test]
fn what_is_not_whole_is_refused() {
    for def in catalog::tables().into_iter().filter(|def| def.version > 0) {
        for sample in read(&file_of(def.name, def.version)) {
            let (key, mut value) = (from_hex(&sample.key_bytes), from_hex(&sample.value_bytes));
            assert!((def.to_json)(&key, &value[..value.len() - 1]).is_err(), "{} cut", def.name);
            value.push(0);
            assert!((def.to_json)(&key, &value).is_err(), "{} with a tail", def.name);
            value[0] = def.version + 1;
            assert!((def.to_json)(&key, &value).is_err(), "{} of a newer release", def.name);
        }
    }
}

#[test]
fn names_and_tags_are_never_used_twice() {
    let text = std::fs::read_to_string(folder().join("retired.json")).unwrap();
    let retired: Retired = serde_json::from_str(&text).unwrap();
    let mut tags: BTreeMap<u16, String> =
        retired.tags.iter().map(|tag| (*tag, "a retired table".to_owned())).collect();
    let mut names: BTreeSet<String> = retired.names.into_iter().collect();
    // Tag 0 holds the engine's own counters.
    tags.insert(0, "the engine".into());
    let mut claim = |name: &str, tag: u16| {
        assert!(names.insert(name.to_owned()), "the name {name} is or was taken");
        let other = tags.insert(tag, name.to_owned());
        assert_eq!(other, None, "{name} has the tag of another: {tag:#06x}");
    };
    for def in catalog::tables() {
        claim(def.name, def.tag);
        for (name, tag, _) in (def.indexes)() {
            claim(name, tag);
        }
    }
}

/// A sample without a table means that a table was dropped without a word.
#[test]
fn every_sample_belongs_to_a_table() {
    let text = std::fs::read_to_string(folder().join("retired.json")).unwrap();
    let retired: Retired = serde_json::from_str(&text).unwrap();
    let mut known: BTreeSet<String> = retired.names.into_iter().collect();
    known.extend(catalog::tables().iter().map(|def| def.name.to_owned()));
    for entry in std::fs::read_dir(folder()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some((name, _)) = file.split_once(".v") {
            assert!(known.contains(&name.replace('-', " ")), "{file} belongs to no table");
        }
    }
}
