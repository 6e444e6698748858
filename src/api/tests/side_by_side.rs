//! Every text that people read, in its three languages side by side, as a file to
//! be read by natives: `side_by_side.txt`.
//!
//! A text that changes fails the test until `UPDATE_TEXTS=1` has written the file
//! anew, so that nobody changes one language without seeing the others.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::messages::{messages, variables, variants};
use crate::api::Language;

/// Said alike in two languages, rightly: code, or code and variant.
const SHARED: &[&str] = &[];

/// What stands for each argument.
const SAMPLES: &[(&str, &str)] = &[
    ("after", "05/12/2025 12:00"),
    ("at", "05/12/2025 11:00"),
    ("before", "05/12/2025 11:00"),
    ("booking", "Aula"),
    ("column", "7"),
    ("count", "3"),
    ("date", "05/12/2025"),
    ("days", "30"),
    ("detail", "…"),
    ("earliest", "05/12/2025 11:00"),
    ("email", "ana@sol.example"),
    ("event", "booking.craeted"),
    ("expected", "x"),
    ("format", "x"),
    ("from", "pendente"),
    ("header", "Host"),
    ("hours", "24"),
    ("interval", "30"),
    ("key", "name"),
    ("latest", "04/01/2026 11:00"),
    ("least", "1"),
    ("limit", "200"),
    ("line", "4"),
    ("max", "500"),
    ("method", "PATCH"),
    ("min", "1"),
    ("minutes", "45"),
    ("most", "52"),
    ("now", "05/12/2025 09:00"),
    ("opening", "08:00"),
    ("options", "ACTIVE, PENDING"),
    ("part", "BYSETPOS"),
    ("peak", "1"),
    ("ports", "443, 8443"),
    ("reason", "Natal"),
    ("resource", "Sala"),
    ("seats", "20"),
    ("status", "cancelado"),
    ("step", "30"),
    ("tenant", "Academia Sol"),
    ("to", "concluido"),
    ("user", "Aluno"),
    ("what", "x"),
    ("kind", "booking_made"),
    ("error", "undefined value"),
];

/// A message as it is said once: its code, its variant, its texts.
struct Said {
    name: String,
    texts: [String; 3],
}

fn all() -> Vec<Said> {
    let mut all = Vec::new();
    for (code, text) in messages(Language::Portuguese) {
        let names = variables(&text);
        let args: Vec<(&'static str, String)> = SAMPLES
            .iter()
            .filter(|(name, _)| names.contains(*name))
            .map(|(name, sample)| (*name, (*sample).to_owned()))
            .collect();
        assert_eq!(args.len(), names.len(), "{code}: an argument without a sample");
        let selector = text.split_once(" ->").map(|(head, _)| variables(head));
        let Some(selector) = selector.and_then(|names| names.into_iter().next()) else {
            all.push(said(code.clone(), &code, &args));
            continue;
        };
        for variant in variants(&text) {
            let chosen = if variant == "one" { "1" } else { variant };
            let mut args = args.clone();
            for (name, value) in &mut args {
                let number = *name == "count" && variant == "other";
                if *name == selector && !number {
                    chosen.clone_into(value);
                }
            }
            all.push(said(format!("{code} [{variant}]"), &code, &args));
        }
    }
    all
}

fn said(name: String, code: &str, args: &[(&'static str, String)]) -> Said {
    let texts = Language::ALL.map(|language| language.find(code, args).unwrap());
    Said { name, texts }
}

#[test]
fn no_text_is_alike_in_two_languages() {
    let mut alike = Vec::new();
    let mut shared: BTreeSet<&str> = SHARED.iter().copied().collect();
    for said in all() {
        let different = BTreeSet::from_iter(&said.texts).len();
        if different < 3 && !shared.remove(said.name.as_str()) {
            alike.push(format!("{}: {:?}", said.name, said.texts));
        }
    }
    assert!(alike.is_empty(), "{alike:#?}");
    assert!(shared.is_empty(), "no longer alike: {shared:?}");
}

#[test]
fn every_text_was_read_beside_its_translations() {
    let mut page = String::new();
    for said in all() {
        let _ = writeln!(page, "{}", said.name);
        for (language, text) in Language::ALL.iter().zip(&said.texts) {
            let _ = writeln!(page, "  {:5}  {text}", language.tag());
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/tests/side_by_side.txt");
    if std::env::var_os("UPDATE_TEXTS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    let news: Vec<_> = page.lines().filter(|line| !known.lines().any(|old| old == *line)).collect();
    assert!(
        known == page,
        "the texts changed; read them side by side, then run with UPDATE_TEXTS=1: {news:#?}"
    );
}
