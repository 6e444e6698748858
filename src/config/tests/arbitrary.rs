//! Whatever stands in a file or a variable, it is read or refused.

use proptest::prelude::*;

use super::super::Config;
use super::super::environment::variable_of;
use super::Bench;

/// Text that is mostly made of what a configuration is made of.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "[api]",
        "[queues.",
        "[[jobs]]",
        "default]",
        "\n",
        " = ",
        "listen",
        "concurrency",
        "\"",
        "{ file = ",
        "}",
        "1e999",
        "-1",
        "99999999999999999999",
        "[",
        "]",
        "#",
        "'''",
        "é",
        "\u{0}",
        "1979-05-27",
        "auth",
        ".",
        "secret_key",
        "true",
        "nan",
        ",",
        "\\",
        "0x7f",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat()),
        any::<String>(),
    ]
}

fn keys(value: &serde_json::Value, at: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match value.as_object() {
        Some(table) => {
            for (name, inner) in table {
                at.push(name.clone());
                keys(inner, at, found);
                at.pop();
            }
        }
        None => found.push(at.clone()),
    }
}

proptest! {
    #[test]
    fn a_file_is_read_or_refused(text in text()) {
        if let Err(refused) = Bench::new(&text).load() {
            prop_assert!(!refused.problems.is_empty());
        }
    }

    #[test]
    fn an_unknown_variable_is_refused_by_name(name in "[A-Z_]{0,12}", value in text()) {
        let name = format!("ZELADOR__{name}");
        let refused = Bench::new("").with([(name.as_str(), value.as_str())]).load().unwrap_err();
        prop_assert!(refused.to_string().contains(&name), "{refused}");
    }
}

#[test]
fn every_key_has_its_variable() {
    let mut found = Vec::new();
    keys(&serde_json::to_value(Config::default()).unwrap(), &mut Vec::new(), &mut found);
    for key in found {
        let name = variable_of(&key);
        // Text that most keys refuse, with the key's name; the others hold it.
        match Bench::new("").with([(name.as_str(), "[[]]")]).load() {
            Err(refused) => assert!(refused.problems.iter().any(|p| p.key == key), "{refused}"),
            Ok(loaded) => {
                let config = serde_json::to_value(loaded.config).unwrap();
                let held = key.iter().fold(&config, |value, part| &value[part]);
                // A list of texts holds it as its one text.
                let text = held
                    .get(0)
                    .unwrap_or(held)
                    .as_str()
                    .unwrap_or_else(|| panic!("{name}: {held}"));
                assert!(text == "***" || text.ends_with("[[]]"), "{name}: {text}");
            }
        }
    }
}
