//! What holds for all texts and templates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;

use super::text::{Text, sources};
use crate::api::Language;

/// The messages of a language by their code: the names of their values.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for source in sources(language) {
        let flaws = FluentResource::try_new((*source).to_owned()).err().map(|(_, flaws)| flaws);
        assert!(flaws.is_none(), "{}: {flaws:?}", language.tag());
        let mut code = None;
        for line in source.lines() {
            if let Some((name, _)) =
                line.split_once(" = ").filter(|_| !line.starts_with([' ', '#']))
            {
                assert!(found.insert(name.to_owned(), BTreeSet::new()).is_none(), "{name} twice");
                code = Some(name.to_owned());
            }
            let Some(code) = &code else { continue };
            let names = line.split("{ $").skip(1).filter_map(|rest| rest.split([' ', '}']).next());
            found.entry(code.clone()).or_default().extend(names.map(str::to_owned));
        }
    }
    found
}

#[test]
fn the_three_languages_say_the_same() {
    let [portuguese, spanish, english] = Language::ALL.map(messages);
    assert!(english.len() > 100);
    assert_eq!(portuguese, english);
    assert_eq!(spanish, english);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Every file of ours with one of these endings, with its text; but this one.
fn written(endings: &[&str]) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dashboard");
    let paths = files(&folder).into_iter().map(|path| path.to_str().unwrap().to_owned());
    let meant = paths.filter(|path| {
        endings.iter().any(|ending| path.ends_with(ending)) && !path.ends_with("dashboard/tests.rs")
    });
    meant.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn whatever_is_said_has_a_text() {
    let known = messages(Language::English);
    let mut missing = BTreeSet::new();
    for (path, text) in written(&[".html", ".rs"]) {
        for call in ["t.s(\"", "t.n(\"", "t.v(\"", "text.s(\"", "text.n(\"", "text.v(\""] {
            let asked = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
            missing.extend(
                asked
                    .filter(|code| !known.contains_key(*code))
                    .map(|code| format!("{path}: {code}")),
            );
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn nothing_is_inline_and_nothing_is_let_through() {
    for (path, text) in written(&[".html"]) {
        for wrong in [
            "style=",
            "<style",
            "onclick",
            "onchange",
            "javascript:",
            "|safe",
            "http://",
            "https://",
        ] {
            assert!(!text.contains(wrong), "{path} has {wrong}");
        }
        for script in text.split("<script").skip(1) {
            assert!(script.starts_with(" src=") && script.contains("defer></script>"), "{path}");
        }
        // A form that changes something carries what only our pages hold.
        for form in text.split("<form").skip(1).filter(|form| form.contains("method=\"post\"")) {
            let form = form.split("</form>").next().unwrap();
            let own = form.contains("name=\"form\"") || form.contains("m::hidden(f)");
            assert!(own, "{path}: {form}");
        }
    }
}

#[test]
fn a_word_without_a_text_is_shown_as_it_is() {
    let text = Text(Language::Spanish);
    assert_eq!(text.word("state", "timed_out"), "tiempo agotado");
    assert_eq!(text.word("state", "something.new"), "something.new");
    assert_eq!(text.n("restarts", 1), "1 reinicio");
    assert_eq!(text.n("restarts", 5), "5 reinicios");
}
