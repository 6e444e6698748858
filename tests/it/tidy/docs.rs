//! What is promised is written down, and the other way round.

use std::collections::BTreeSet;

use zelador_actors::engine::events::kinds::KINDS;

use super::{files, none, root, sources};
use crate::harness::Home;

/// A path whose parameters have no names: pages call them what they like.
fn nameless(path: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        text.push(c);
    }
    text
}

#[tokio::test]
async fn every_route_is_in_the_handbook() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let openapi = daemon.client().get("/openapi.json").await.is(200);
    let pages = files(&root().join("docs"), ".md").into_iter().chain([root().join("README.md")]);
    let written: String = pages.map(|page| std::fs::read_to_string(page).unwrap()).collect();
    let written = nameless(&written);
    let routes = openapi["paths"].as_object().unwrap();
    assert!(routes.len() > 3);
    let missing: BTreeSet<_> =
        routes.keys().filter(|path| !written.contains(&nameless(path))).cloned().collect();
    none(&missing.into_iter().collect::<Vec<_>>());
}

#[test]
fn every_type_of_event_is_documented_and_the_other_way_round() {
    let page = std::fs::read_to_string(root().join("docs/events.md")).unwrap();
    let now = page.split("## Types that exist now").nth(1).unwrap().split("\n## ").next().unwrap();
    let names = now.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let written: BTreeSet<_> = names.filter(|name| name.contains('.')).collect();
    let known: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(written, known);
}

/// The tests that a line of a header's table names in its last column.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let cell = line.trim_end_matches([' ', '|']).rsplit('|').next().unwrap_or_default();
    let quoted = cell.split('`').skip(1).step_by(2);
    let last = quoted.map(|name| name.rsplit("::").next().unwrap_or(name));
    last.filter(|name| *name != "*" && !name.contains(' '))
}

/// The tables that say which trap has which test.
#[test]
fn every_test_that_a_table_names_exists() {
    let all = sources();
    let mut seen = 0;
    let mut missing = Vec::new();
    for table in all.iter().filter(|source| source.text.contains("| test |\n")) {
        let rows = table.text.lines().filter(|line| line.starts_with("//! |"));
        for name in rows.skip(2).flat_map(named) {
            let head = format!("fn {name}(");
            seen += 1;
            if !all.iter().any(|source| source.text.contains(&head)) {
                missing.push(format!("{}: {name}", table.path));
            }
        }
    }
    none(&missing);
    assert!(seen > 60, "{seen}");
}
