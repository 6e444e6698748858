//! Every file.

use super::{has_word, none, read, sources};

/// The longest that a file may be.
const MOST_LINES: usize = 400;

#[test]
fn no_file_is_too_long() {
    let long = sources().into_iter().filter_map(|source| {
        let lines = source.text.lines().count();
        (lines > MOST_LINES).then(|| format!("{}: {lines} lines", source.path))
    });
    none(&long.collect::<Vec<_>>());
}

/// What it is for: a header, which a file that is included has as a comment on
/// what it holds. Fuzz targets are a line each.
#[test]
fn every_file_says_what_it_is_for() {
    let speaks =
        |text: &str| ["//! ", "/// "].iter().any(|start| text.trim_start().starts_with(start));
    let mute = sources().into_iter().filter(|source| !speaks(&source.text));
    let mute = mute.map(|source| source.path).filter(|path| !path.starts_with("fuzz/"));
    none(&mute.collect::<Vec<_>>());
}

/// Clippy measures functions, on every target, and nobody is excused.
#[test]
fn no_function_is_too_long() {
    let clippy: toml::Table = read("clippy.toml").parse().unwrap();
    assert_eq!(clippy["too-many-lines-threshold"].as_integer(), Some(60));
    let lint = concat!("too_many", "_lines");
    let cargo: toml::Table = read("Cargo.toml").parse().unwrap();
    let lints = &cargo["workspace"]["lints"]["clippy"];
    assert_eq!(lints["pedantic"]["level"].as_str(), Some("warn"), "it measures functions");
    assert!(lints.get(lint).is_none());
    assert!(
        read(".ci/run").contains("cargo clippy --workspace --all-targets --locked -- -D warnings")
    );
    let excused = sources().into_iter().filter(|source| source.text.contains(lint));
    none(&excused.map(|source| source.path).collect::<Vec<_>>());
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let cargo: toml::Table = read("Cargo.toml").parse().unwrap();
    let members = cargo["workspace"]["members"].as_array().unwrap();
    let manifests = members.iter().map(|name| format!("{}/Cargo.toml", name.as_str().unwrap()));
    for manifest in manifests.chain(["Cargo.toml".to_owned()]) {
        let manifest: toml::Table = read(&manifest).parse().unwrap();
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{manifest}");
    }
    assert_eq!(cargo["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}

#[test]
fn nothing_is_left_over() {
    let left = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
        concat!("dbg", "!"),
        concat!("todo", "!"),
        concat!("unimplemented", "!"),
    ];
    let mut wrong = Vec::new();
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            if let Some(word) = left.iter().find(|word| line.contains(*word)) {
                wrong.push(format!("{}:{}: {word}", source.path, number + 1));
            }
        }
    }
    none(&wrong);
}

/// An exception that is no longer one is found by the compiler, and says why it
/// is one.
#[test]
fn exceptions_are_expected_and_have_a_reason() {
    let (allow, expect) = (concat!("[allow", "("), concat!("[expect", "("));
    let mut wrong = Vec::new();
    for source in sources() {
        for (at, _) in source.text.match_indices(allow) {
            wrong.push(format!("{}: {}", source.path, &source.text[at..].lines().next().unwrap()));
        }
        for (at, _) in source.text.match_indices(expect) {
            let attribute = source.text[at..].split(")]").next().unwrap();
            if !has_word(attribute, "reason") {
                wrong.push(format!("{}: no reason: {attribute}", source.path));
            }
        }
    }
    none(&wrong);
}
