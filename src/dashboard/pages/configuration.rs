//! What the daemon goes by: every key, secrets masked; and what became of the last
//! change of the file.

use std::sync::Arc;

use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use crate::api::Route;
use crate::api::doors::Doors;
use crate::dashboard::Dashboard;
use crate::dashboard::frame::{Done, Frame, Outcome, look};
use crate::dashboard::html::At;
use crate::dashboard::visit::Visit;

#[derive(Debug, Deserialize)]
struct Found {
    generation: u64,
    loaded_at: Option<At>,
    error: Option<String>,
    needs_restart: Vec<String>,
    settings: Value,
}

/// A section: its name, and keys with values.
type Section = (String, Vec<(String, String)>);

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![look(dashboard, "/dashboard/configuration", show)]
}

#[derive(Template)]
#[template(path = "configuration.html")]
struct Shown {
    f: Frame,
    found: Found,
    sections: Vec<Section>,
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let found: Found = visit.get("/config").await?;
    let f = Frame::new(&visit, "configuration", visit.text.s("menu-configuration"));
    Done::page(&Shown { f, sections: sections(&found.settings), found })
}

/// The sections; keys that stand outside of one come first.
fn sections(settings: &Value) -> Vec<Section> {
    let mut top = Vec::new();
    let mut sections = Vec::new();
    for (name, value) in settings.as_object().into_iter().flatten() {
        if value.is_object() {
            let mut keys = Vec::new();
            flatten("", value, &mut keys);
            sections.push((format!("[{name}]"), keys));
        } else {
            top.push((name.clone(), shown(value)));
        }
    }
    if !top.is_empty() {
        sections.insert(0, ("config.toml".to_owned(), top));
    }
    sections
}

fn flatten(before: &str, value: &Value, to: &mut Vec<(String, String)>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = if name.contains('.') { format!("\"{name}\"") } else { name.clone() };
        let key = if before.is_empty() { name } else { format!("{before}.{name}") };
        if value.as_object().is_some_and(|members| !members.is_empty()) {
            flatten(&key, value, to);
        } else {
            to.push((key, shown(value)));
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_listed_by_section_with_their_path() {
        let settings = json!({
            "environment": "development",
            "api": { "listen": "127.0.0.1:8000", "cors": { "origins": ["*"] } },
            "jobs": { "nextcloud.create_user": { "tries": 3 } },
            "redis": { "url": null },
        });
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            sections(&settings),
            [
                ("config.toml".to_owned(), vec![pair("environment", "\"development\"")]),
                (
                    "[api]".to_owned(),
                    vec![pair("listen", "\"127.0.0.1:8000\""), pair("cors.origins", "[\"*\"]")]
                ),
                ("[jobs]".to_owned(), vec![pair("\"nextcloud.create_user\".tries", "3")]),
                ("[redis]".to_owned(), vec![pair("url", "–")]),
            ]
        );
    }
}
