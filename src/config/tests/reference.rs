//! The handbook's list of settings is made from the shipped `config.toml`, which
//! holds what the structs say.

use std::fmt::Write as _;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Key, RawString, Table};

const HEAD: &str = "# Settings

Every key of `config.toml`, with its default. [Configure](configure.md) says how to change one. \
Each can also be set by an environment variable, `ZELADOR__SECTION__KEY`. Keys marked [restart] wait for the next start.

<!-- Made from config.toml: change the comments there, then run the tests with UPDATE_TEXTS=1. -->
";

/// The paragraph of comments that ends before a key or a section, as one line.
fn comment(before: Option<&RawString>) -> String {
    let text = before.and_then(RawString::as_str).unwrap_or_default();
    let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
    let lines = last.lines().map(|line| line.trim_start_matches('#').trim());
    lines.collect::<Vec<_>>().join(" ").trim().replace('|', "\\|")
}

fn said(key: &Key) -> String {
    comment(key.leaf_decor().prefix())
}

fn section(page: &mut String, path: &str, table: &Table) {
    let values: Vec<_> = table.iter().filter(|(_, item)| item.is_value()).collect();
    if !values.is_empty() {
        let title = if path.is_empty() { "At the top".to_owned() } else { format!("`[{path}]`") };
        writeln!(page, "\n## {title}\n").unwrap();
        let about = if path.is_empty() { String::new() } else { comment(table.decor().prefix()) };
        if !about.is_empty() {
            writeln!(page, "{about}\n").unwrap();
        }
        writeln!(page, "| key | default | |\n|---|---|---|").unwrap();
    }
    for (name, item) in values {
        let value = item.to_string().trim().replace('|', "\\|");
        let about = table.key(name).map(said).unwrap_or_default();
        writeln!(page, "| `{name}` | `{value}` | {about} |").unwrap();
    }
    for (name, item) in table {
        if let Item::Table(inner) = item {
            let key = table.key(name).map(|key| key.display_repr().into_owned());
            let name = key.unwrap_or_else(|| name.to_owned());
            let path = if path.is_empty() { name } else { format!("{path}.{name}") };
            section(page, &path, inner);
        }
    }
}

#[test]
fn every_setting_is_in_the_handbook() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = std::fs::read_to_string(root.join("config.toml")).unwrap();
    let shipped: DocumentMut = shipped.parse().unwrap();
    let mut made = HEAD.to_owned();
    section(&mut made, "", shipped.as_table());
    let page = root.join("docs/handbook/settings.md");
    if std::env::var_os("UPDATE_TEXTS").is_some() {
        std::fs::write(&page, &made).unwrap();
    }
    let written = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(written == made, "config.toml changed: run with UPDATE_TEXTS=1");
}
