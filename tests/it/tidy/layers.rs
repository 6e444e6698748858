//! Who may know what: `store ← actors ← src`, and rules know nothing but facts.

use std::path::Path;

use super::{files, has_word, none, read, root, sources};

/// The five concerns. They meet through events, and in `daemon.rs`.
const CONCERNS: [&str; 5] = ["booking", "users", "nextcloud", "wispro", "drive"];

/// What rules decide without.
const NOT_IN_RULES: [&str; 18] = [
    "async",
    "await",
    "tokio",
    "actix",
    "futures",
    "tracing",
    "metrics",
    "info",
    "warn",
    "Shell",
    "Store",
    "Clock",
    "Dice",
    "SystemTime",
    "Instant",
    "now()",
    "commit",
    "rand",
];

fn is_rules(path: &str) -> bool {
    let path = Path::new(path);
    path.file_name().is_some_and(|name| name == "rules.rs")
        || path
            .parent()
            .is_some_and(|folder| folder.components().any(|part| part.as_os_str() == "rules"))
}

#[test]
fn rules_are_pure() {
    let rules: Vec<_> = sources().into_iter().filter(|source| is_rules(&source.path)).collect();
    assert!(!rules.is_empty());
    let mut wrong = Vec::new();
    for source in rules.iter().filter(|source| !source.path.contains("/tests/")) {
        for (number, line) in source.code() {
            let used = NOT_IN_RULES.iter().filter(|word| has_word(line, word));
            wrong.extend(used.map(|word| format!("{}:{number}: {word}", source.path)));
        }
    }
    none(&wrong);
}

/// The crates that a manifest asks for, in tests too.
fn dependencies(manifest: &str) -> Vec<String> {
    let manifest: toml::Table = read(manifest).parse().unwrap();
    let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
    let tables = sections.iter().filter_map(|name| manifest.get(*name)?.as_table());
    tables.flat_map(|table| table.keys().cloned()).collect()
}

#[test]
fn each_layer_knows_only_what_is_below_it() {
    let foreign: [(&str, &[&str]); 3] = [
        (
            "store/Cargo.toml",
            &["actix", "warp", "clap", "toml", "anyhow", "reqwest", "hyper", "zelador-actors"],
        ),
        ("actors/Cargo.toml", &["sled", "warp", "clap", "toml", "anyhow", "hyper", "bincode"]),
        ("Cargo.toml", &["sled", "bincode", "croner"]),
    ];
    for (manifest, foreign) in foreign {
        let asked = dependencies(manifest);
        for name in foreign {
            assert!(!asked.iter().any(|asked| asked == name), "{manifest} must not ask for {name}");
        }
    }
}

#[test]
fn no_concern_knows_another() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(inside) = source.path.strip_prefix("actors/src/") else { continue };
        // Tests wire concerns together as the daemon does.
        if inside.contains("/tests/") {
            continue;
        }
        let Some(own) = CONCERNS.iter().find(|concern| inside.starts_with(*concern)) else {
            continue;
        };
        for (number, line) in source.code() {
            let others = CONCERNS.iter().filter(|other| *other != own);
            for other in others.filter(|other| line.contains(&format!("crate::{other}"))) {
                wrong.push(format!("{}:{number}: {own} knows {other}", source.path));
            }
        }
    }
    none(&wrong);
}

/// What a concern has under `actors/src`; a part that grew is a folder.
const PARTS: [&str; 8] =
    ["mod", "settings", "messages", "rules", "actor", "queries", "jobs", "tests"];

fn has_part(folder: &str, part: &str) -> bool {
    let place = root().join(folder).join(part);
    place.with_extension("rs").is_file() || place.join("mod.rs").is_file()
}

#[test]
fn a_concern_has_its_five_places_and_its_parts() {
    let config: toml::Table = read("config.toml").parse().unwrap();
    let mut wrong = Vec::new();
    for concern in CONCERNS {
        if !root().join("actors/src").join(concern).is_dir() {
            continue;
        }
        let folder = format!("actors/src/{concern}");
        let missing = PARTS.iter().filter(|part| !has_part(&folder, part));
        wrong.extend(missing.map(|part| format!("{folder} has no {part}")));
        // Rows are in the singular where they are a noun of their own.
        let row = concern.strip_suffix('s').unwrap_or(concern);
        if !has_part("store/src", concern) && !has_part("store/src", row) {
            wrong.push(format!("store/src has no {concern}"));
        }
        for place in ["src/api", "tests/it"].iter().filter(|place| !has_part(place, concern)) {
            wrong.push(format!("{place} has no {concern}"));
        }
        if config.get(concern).is_none() {
            wrong.push(format!("config.toml has no [{concern}]"));
        }
    }
    none(&wrong);
}

#[test]
fn there_is_one_integration_crate() {
    let mains = files(&root().join("tests"), "main.rs");
    assert_eq!(mains.len(), 1, "{mains:?}");
    let loose = std::fs::read_dir(root().join("tests")).unwrap().map(Result::unwrap);
    assert!(loose.map(|entry| entry.path()).all(|path| path.is_dir()), "tests/it is the one");
}
