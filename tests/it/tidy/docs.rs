//! What is promised is written down, and the other way round.

use std::collections::BTreeSet;

use zelador_actors::engine::events::kinds::KINDS;

use super::{files, none, root};
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
