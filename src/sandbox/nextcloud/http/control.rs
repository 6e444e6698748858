//! The control route, on the stand-in's own port: `/sandbox/faults` shows and
//! changes the switches, `/sandbox/state` shows what there is.

use hyper::Method;
use serde_json::{Value, json};

use super::super::faults::Faults;
use super::super::stage::Stage;
use super::JSON;
use super::envelope::{Answer, plain};
use super::request::Asked;

pub(crate) fn answer(stage: &Stage, asked: &Asked) -> Answer {
    let path: Vec<&str> = asked.path.iter().skip(1).map(String::as_str).collect();
    match path.as_slice() {
        ["faults"] if asked.method == Method::GET => show(&json!(stage.faults())),
        ["faults"] if asked.method == Method::PATCH => match patched(stage, asked) {
            Some(faults) => {
                stage.set_faults(faults);
                show(&json!(stage.faults()))
            }
            None => plain(422, JSON, r#"{"message":"no such switch, or not such a value"}"#),
        },
        ["maintenance", mode @ ("on" | "off")] if asked.method == Method::POST => {
            stage.cloud().maintenance = *mode == "on";
            show(&json!({"maintenance": *mode == "on"}))
        }
        ["state"] if asked.method == Method::GET => show(&state(stage)),
        _ => plain(404, JSON, r#"{"message":"no such control"}"#),
    }
}

fn show(value: &Value) -> Answer {
    plain(200, JSON, value.to_string())
}

fn patched(stage: &Stage, asked: &Asked) -> Option<Faults> {
    let mut all = json!(stage.faults());
    let switches = all.as_object_mut()?;
    for (name, value) in asked.body.as_ref()? {
        switches.insert(name.clone(), value.clone());
    }
    serde_json::from_value(all).ok()
}

fn state(stage: &Stage) -> Value {
    let cloud = stage.cloud();
    json!({
        "users": cloud.users.values().map(super::super::core::Account::shown).collect::<Vec<_>>(),
        "groups": cloud.groups,
        "folders": cloud.folders,
        "maintenance": cloud.maintenance,
        "mails": cloud.mails.len(),
        "asked": stage.asked(),
        "ran": stage.ran(),
    })
}
