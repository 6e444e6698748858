//! From the tree to a [`Config`], with every wrong key and type at once.
//!
//! serde stops at the first error. So the offender is put back to its default
//! (or taken away, where it has none) and the tree is read again, until it can
//! be: each round names one problem.

use std::fmt::Write as _;

use serde_path_to_error::Segment;

use super::Config;
use super::environment::variable_of;
use super::problem::{Place, Problem};
use super::tree::{Key, Tree};

/// Nobody reads further, and the rounds must end.
const MOST_PROBLEMS: usize = 50;

/// The configuration that the tree holds, as far as it can be read, and what
/// could not be.
pub(super) fn decode(mut tree: Tree, defaults: &Tree) -> (Config, Vec<Problem>) {
    let mut problems = Vec::new();
    while problems.len() < MOST_PROBLEMS {
        let error = match serde_path_to_error::deserialize::<_, Config>(tree.value()) {
            Ok(config) => return (config, problems),
            Err(error) => error,
        };
        let key = key_of(error.path());
        problems.push(explain(&tree, &key, &error.inner().to_string(), defaults));
        let mended = match defaults.get(&key).cloned() {
            Some(value) => {
                tree.set(key, value, Place::Default);
                true
            }
            None => tree.remove(&key),
        };
        if !mended {
            break;
        }
    }
    (Config::default(), problems)
}

/// The key of a path, without the places in lists.
fn key_of(path: &serde_path_to_error::Path) -> Key {
    let name = |segment: &Segment| match segment {
        Segment::Map { key } => Some(key.clone()),
        Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown => None,
    };
    path.iter().map_while(name).collect()
}

fn explain(tree: &Tree, key: &Key, message: &str, defaults: &Tree) -> Problem {
    if message.starts_with("unknown field") {
        return unknown(tree, key, message, defaults);
    }
    if message == "invalid socket address syntax" {
        let problem = Problem::at(key.clone(), "no address and port", "e.g. 127.0.0.1:8000");
        return problem.placed(tree.place(key));
    }
    let (what, remedy) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, format!("expected {}", in_words(expected))),
        None => (message, String::new()),
    };
    Problem::at(key.clone(), what, remedy).placed(tree.place(key))
}

fn unknown(tree: &Tree, key: &Key, message: &str, defaults: &Tree) -> Problem {
    let place = tree.place_of_key(key);
    let mut remedy = String::new();
    let name = key.last().map_or("", String::as_str);
    let known = quoted(message.split_once("expected").map_or("", |(_, expected)| expected));
    if let Some(near) = nearest(name, known.iter().copied()) {
        let mut meant = key.clone();
        meant.pop();
        meant.push(near.to_owned());
        let meant = match place {
            Place::Variable(_) => variable_of(&meant),
            _ => near.to_owned(),
        };
        let _ = write!(remedy, "did you mean `{meant}`?");
    } else if let Some(section) = home(defaults, name) {
        let _ = write!(remedy, "`{name}` belongs in [{section}]");
    }
    Problem::at(key.clone(), "unknown key", remedy).placed(place)
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The candidate that a person most likely meant, if any is near enough.
pub(super) fn nearest<'a>(name: &str, from: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let close = (name.chars().count() / 3).max(1);
    from.map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= close)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The section that has a key of this name, if one has.
fn home(defaults: &Tree, name: &str) -> Option<String> {
    let root = defaults.value();
    let sections = root.as_object()?.iter();
    let mut has = sections.filter(|(_, section)| section.get(name).is_some());
    has.next().map(|(section, _)| section.clone())
}

/// What serde expects, for people who read no Rust.
fn in_words(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" => "a whole number, not negative".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" | "path string" => "text in quotes".to_owned(),
        "socket address" => "an address and port, e.g. \"127.0.0.1:8000\"".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a table".to_owned(),
        other if other.starts_with("struct ") => "a table".to_owned(),
        other => other.to_owned(),
    }
}
