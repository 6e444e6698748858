//! Every code has a message in every language, with the same arguments.

use std::collections::{BTreeMap, BTreeSet};

use super::lab::lab;
use crate::api::Language;
use crate::api::openapi::refusals;

/// Texts that two languages share, rightly.
const SHARED: [&str; 0] = [];

/// The messages of a file: code to text, as written.
pub(super) fn messages(language: Language) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let mut code = None;
    for line in language.source().lines() {
        if let Some((name, text)) = line.split_once(" = ")
            && !line.starts_with([' ', '#'])
        {
            assert!(all.insert(name.to_owned(), text.to_owned()).is_none(), "{name} twice");
            code = Some(name.to_owned());
        } else if let (Some(code), true) = (&code, line.starts_with([' ', '}'])) {
            let text = all.get_mut(code).unwrap();
            text.push('\n');
            text.push_str(line);
        }
    }
    all
}

pub(super) fn variables(text: &str) -> BTreeSet<String> {
    let after = text.split('$').skip(1);
    after
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
        .collect()
}

pub(super) fn variants(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter_map(|line| line.split_once('[')?.1.split_once(']'))
        .map(|(v, _)| v)
        .collect()
}

#[test]
fn the_files_agree() {
    let [portuguese, spanish, english] = Language::ALL.map(messages);
    for other in [&spanish, &english] {
        let (ours, theirs): (Vec<_>, Vec<_>) =
            (portuguese.keys().collect(), other.keys().collect());
        assert_eq!(ours, theirs);
    }
    for (code, text) in &portuguese {
        for other in [&spanish[code], &english[code]] {
            assert_eq!(variables(text), variables(other), "{code}");
            assert_eq!(variants(text), variants(other), "{code}");
        }
        let texts = BTreeSet::from([text, &spanish[code], &english[code]]);
        assert!(texts.len() == 3 || SHARED.contains(&code.as_str()), "{code}: two alike");
    }
}

#[test]
fn every_message_can_be_said() {
    for language in Language::ALL {
        for (code, text) in messages(language) {
            let names = variables(&text);
            let known = [
                "what", "count", "method", "limit", "header", "line", "column", "key", "expected",
                "step", "options", "format", "min", "max", "resource", "booking", "user", "detail",
                "hours", "status", "from", "to", "now", "minutes", "earliest", "days", "latest",
                "interval", "opening", "before", "after", "date", "reason", "seats", "peak", "at",
                "least", "most", "part", "kind", "error", "event", "ports", "tenant", "email",
            ];
            let args: Vec<(&'static str, String)> = known
                .into_iter()
                .filter(|n| names.contains(*n))
                .map(|n| (n, "7".to_owned()))
                .collect();
            assert_eq!(args.len(), names.len(), "{code}: an argument nobody gives");
            let said = language.find(&code, &args).unwrap();
            assert!(!said.is_empty() && !said.contains(['{', '}']), "{code}: {said}");
        }
    }
}

#[tokio::test]
async fn every_refusal_of_every_route_has_a_message_and_a_title() {
    let lab = lab().await;
    for route in &lab.api.0.table.routes {
        for (status, codes) in refusals(route) {
            let title = format!("title-{status}");
            for code in codes.into_iter().chain([title.as_str()]) {
                for language in Language::ALL {
                    let known = messages(language).contains_key(code);
                    assert!(known, "{code} in {}", language.tag());
                }
            }
        }
    }
}

/// Codes that the edge itself makes; a new one must be added to the files first.
#[test]
fn every_code_in_the_source_has_a_message() {
    let known = messages(Language::English);
    let mut found = 0;
    for source in [
        include_str!("../dispatch.rs"),
        include_str!("../host.rs"),
        include_str!("../head.rs"),
        include_str!("../receive.rs"),
        include_str!("../body.rs"),
        include_str!("../limits.rs"),
        include_str!("../idempotency.rs"),
        include_str!("../problem.rs"),
        include_str!("../table.rs"),
    ] {
        for rest in source.split("StatusCode::").skip(1) {
            let rest = rest.split(')').next().unwrap_or_default();
            let Some((_, code)) = rest.split_once('"') else { continue };
            let code = code.split('"').next().unwrap();
            assert!(known.contains_key(code), "{code}");
            found += 1;
        }
    }
    assert!(found >= 15, "{found}");
    for code in include_str!("../flaws.rs").split("Flaw::new(").skip(1) {
        let code = code.split(", \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        assert!(known.contains_key(&format!("field-{code}")), "{code}");
    }
}
