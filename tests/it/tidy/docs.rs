//! What is promised is written down, and the other way round.

use std::collections::BTreeSet;

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
