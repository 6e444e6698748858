//! `zelador check-config`: what `serve` would say, without starting.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Common, Exit, Failure, print};
use crate::config::{Loaded, Place, Problem, Refused, Sources, load};

/// Checks; 0 or 78.
pub(super) fn run(common: &Common, file: Option<PathBuf>) -> Result<Exit, Failure> {
    let mut sources = common.sources();
    sources.file = file.or(sources.file);
    let checked = load(&sources);
    if common.json {
        print(&in_json(&checked).to_string())?;
        return Ok(if checked.is_ok() { Exit::Done } else { Exit::Config });
    }
    print(&in_words(&sources, &checked?)).map(|()| Exit::Done)
}

fn in_words(sources: &Sources, loaded: &Loaded) -> String {
    let what = match &sources.file {
        Some(file) => file.display().to_string(),
        None => "no file, the defaults".to_owned(),
    };
    let environment = if loaded.config.is_production() { "production" } else { "development" };
    let mut lines = vec![format!("the configuration is good ({what}; {environment})")];
    lines.extend(loaded.notices.iter().map(|notice| format!("notice: {notice}")));
    lines.join("\n")
}

fn in_json(checked: &Result<Loaded, Refused>) -> Value {
    match checked {
        Ok(loaded) => json!({"ok": true, "notices": loaded.notices, "problems": []}),
        Err(refused) => {
            let problems: Vec<_> = refused.problems.iter().map(problem).collect();
            json!({"ok": false, "notices": [], "problems": problems})
        }
    }
}

fn problem(problem: &Problem) -> Value {
    let mut shown = json!({
        "key": problem.key,
        "message": problem.message,
        "remedy": problem.remedy,
        "given_in": problem.place.to_string(),
    });
    if let (Place::File { path, line, column }, Some(members)) =
        (&problem.place, shown.as_object_mut())
    {
        members.insert("file".to_owned(), json!(path.as_ref()));
        members.insert("line".to_owned(), json!(line));
        members.insert("column".to_owned(), json!(column));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Value {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        in_json(&load(&Sources { file: Some(file), ..Sources::default() }))
    }

    #[test]
    fn problems_for_programs() {
        let shown = checked("[api]\nlistn = 1\n");
        assert_eq!(shown["ok"], json!(false));
        let problem = &shown["problems"][0];
        assert_eq!((&problem["line"], &problem["column"]), (&json!(2), &json!(1)));
        assert_eq!(problem["key"], json!(["api", "listn"]));
        assert_eq!(problem["remedy"], json!("did you mean `listen`?"));
        assert_eq!(checked("")["ok"], json!(true));
    }
}
