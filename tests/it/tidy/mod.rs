//! How the repository is kept, as far as a machine can tell. What the compiler,
//! clippy and `cargo deny` hold is not held here again; that they are told to is.

mod docs;
mod handbook;
mod layers;
mod ops;
mod sources;

use std::path::{Path, PathBuf};

/// A source file of ours.
struct Source {
    /// Its path from the root of the repository.
    path: String,
    text: String,
}

impl Source {
    /// Its lines that are code, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files under a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every Rust file that we wrote.
fn sources() -> Vec<Source> {
    let folders = ["src", "store", "actors", "tests", "benches", "fuzz"];
    let of = |folder: &&str| files(&root().join(folder), ".rs");
    let all: Vec<_> = folders.iter().flat_map(of).filter(|path| !is_built(path)).collect();
    assert!(all.len() > 100, "the repository was not found");
    let relative = |path: &Path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    all.iter()
        .map(|path| Source { path: relative(path), text: std::fs::read_to_string(path).unwrap() })
        .collect()
}

/// What a build leaves behind in a folder of its own.
fn is_built(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "target")
}

/// Fails with everything that is wrong at once.
#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Whether a line holds a word, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(inside);
        let after = line[at + word.len()..].chars().next().is_some_and(inside);
        !before && !after
    })
}

#[test]
fn words_are_told_from_parts_of_words() {
    assert!(has_word("let store = Store::new();", "Store"));
    assert!(!has_word("use zelador_store::StoreError;", "Store"));
    assert!(has_word("async", "async"));
}
