//! What is shipped for Prometheus and Grafana names nothing that is not there.

use std::collections::BTreeSet;

use super::{none, read, sources};

const SHIPPED: [&str; 2] = ["ops/prometheus/alerts.yml", "ops/grafana/zelador.json"];

/// The metrics that a text names, without what histograms add to theirs.
fn named(text: &str) -> BTreeSet<String> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.match_indices("zelador_").map(|(at, _)| {
        let rest = &text[at..];
        &rest[..rest.find(|c| !inside(c)).unwrap_or(rest.len())]
    });
    words
        .map(|word| {
            let endings = ["_bucket", "_count", "_sum"];
            endings.iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word).to_owned()
        })
        .collect()
}

/// Each is written by the daemon; `demo.rs` looks at `/metrics` of one that works.
#[test]
fn every_metric_that_is_shipped_is_measured() {
    let code: String =
        sources().into_iter().filter(|s| !s.path.contains("tests")).map(|s| s.text).collect();
    let mut wrong = Vec::new();
    for file in SHIPPED {
        let names = named(&read(file));
        assert!(names.len() > 5, "{file} names hardly any: {names:?}");
        let unknown = names.iter().filter(|name| !code.contains(&format!("\"{name}\"")));
        wrong.extend(unknown.map(|name| format!("{file}: nothing measures {name}")));
    }
    none(&wrong);
}

/// An alarm that the handbook does not explain wakes somebody for nothing.
#[test]
fn every_alarm_is_in_the_handbook_and_is_tried() {
    let (page, trials) = (read("docs/handbook/alarms.md"), read("ops/prometheus/alerts.test.yml"));
    let rules = read("ops/prometheus/alerts.yml");
    let alarms: Vec<_> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alarms.len() > 5);
    let told = |alarm: &str| page.contains(&format!("`{alarm}`"));
    let tried = |alarm: &str| trials.contains(&format!("alertname: {alarm}\n"));
    let wrong = alarms.into_iter().filter(|alarm| !told(alarm) || !tried(alarm));
    none(&wrong.map(str::to_owned).collect::<Vec<_>>());
}
