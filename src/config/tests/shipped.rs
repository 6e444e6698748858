//! The `config.toml` of the repository says what the structs say.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use zelador_actors::engine::settings::ScheduleSettings;

use super::super::{Config, Sources, load};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config.toml")
}

#[test]
fn it_holds_exactly_the_defaults() {
    let loaded = load(&Sources { file: Some(path()), ..Sources::default() }).unwrap();
    let bare =
        load(&Sources { working_dir: path().parent().unwrap().into(), ..Sources::default() });
    assert_eq!(loaded.config, bare.unwrap().config);
    assert_eq!(loaded.notices, Vec::<String>::new());
}

#[test]
fn the_packaged_one_starts_in_production() {
    let file = path().with_file_name("systemd").join("debian/config.toml");
    let loaded = load(&Sources { file: Some(file), ..Sources::default() }).unwrap();
    assert!(loaded.config.is_production());
    assert_eq!(loaded.config.store.data_dir, PathBuf::from("/var/lib/zelador"));
    assert_eq!(loaded.notices, Vec::<String>::new());
}

#[test]
fn it_holds_every_key() {
    let text = std::fs::read_to_string(path()).unwrap();
    let shipped: toml::Table = toml::from_str(&text).unwrap();
    let shipped = keys(&serde_json::to_value(shipped).unwrap());
    assert_eq!(shipped, keys(&serde_json::to_value(Config::default()).unwrap()));
}

#[test]
fn it_shows_every_key_of_a_schedule() {
    let text = std::fs::read_to_string(path()).unwrap();
    let shipped: toml::Table = toml::from_str(&text).unwrap();
    let schedule = &shipped["schedules"].as_table().unwrap()["wispro-sync"];
    let shown: BTreeSet<_> = schedule.as_table().unwrap().keys().cloned().collect();
    let all = serde_json::to_value(ScheduleSettings::default()).unwrap();
    assert_eq!(shown, all.as_object().unwrap().keys().cloned().collect());
}

#[test]
fn every_key_has_a_comment_above_it_or_above_its_section() {
    let text = std::fs::read_to_string(path()).unwrap();
    for paragraph in text.split("\n\n").filter(|paragraph| paragraph.contains(" = ")) {
        assert!(
            paragraph.contains('#')
                || paragraph.starts_with("[queues.")
                || paragraph.starts_with("[jobs."),
            "{paragraph}"
        );
    }
}

fn keys(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect("", value, &mut found);
    found
}

fn collect(at: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(table) => {
            table.iter().for_each(|(name, inner)| collect(&format!("{at}/{name}"), inner, found));
        }
        // An empty table of the defaults has no key to show.
        _ => drop(found.insert(at.to_owned())),
    }
}
