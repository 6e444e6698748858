//! The types that filters know are those that are documented.

use std::collections::BTreeSet;

use crate::engine::webhooks::rules::filter::KINDS;

const DOCUMENTED: &str = include_str!("../../../../../../docs/events.md");

#[test]
fn filters_know_every_documented_type_of_a_tenants() {
    let documented: BTreeSet<String> = DOCUMENTED
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(kind, _)| kind.to_owned())
        .filter(|kind| kind.contains('.'))
        // No tenant is told of the daemon's own.
        .filter(|kind| !kind.starts_with("consumer."))
        .collect();
    let known: BTreeSet<String> = KINDS
        .iter()
        .flat_map(|(noun, verbs)| verbs.iter().map(move |verb| format!("{noun}.{verb}")))
        .collect();
    assert_eq!(known, documented);
}
