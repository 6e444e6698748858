//! The control route, on the stand-in's own port: `/sandbox/faults` shows and changes
//! the switches, `/sandbox/drop` lets somebody drop a file, `/sandbox/kill-channels`
//! and `/sandbox/end-tokens` do what they say, `/sandbox/state` shows what there is.

use hyper::Method;
use serde_json::{Value, json};

use super::super::core::{Caller, Content, NewFile};
use super::super::faults::Faults;
use super::super::stage::Stage;
use super::request::Asked;
use super::{Answer, ok, plain};

const JSON: &str = "application/json";

pub(super) fn answer(stage: &Stage, asked: &Asked) -> Answer {
    let what = asked.path.get(1).map(String::as_str).unwrap_or_default();
    match (&asked.method, what) {
        (&Method::GET, "faults") => ok(&json!(stage.faults())),
        (&Method::PATCH, "faults") => match patched(stage, asked) {
            Some(faults) => {
                stage.set_faults(faults);
                ok(&json!(stage.faults()))
            }
            None => plain(422, JSON, r#"{"message":"no such switch, or not such a value"}"#),
        },
        (&Method::POST, "drop") => dropped(stage, asked),
        (&Method::POST, "kill-channels") => {
            stage.world().kill_channels();
            ok(&json!({}))
        }
        (&Method::POST, "end-tokens") => {
            stage.end_tokens();
            ok(&json!({}))
        }
        (&Method::GET, "state") => ok(&state(stage)),
        _ => plain(404, JSON, r#"{"message":"no such control"}"#),
    }
}

fn patched(stage: &Stage, asked: &Asked) -> Option<Faults> {
    let mut all = json!(stage.faults());
    let switches = all.as_object_mut()?;
    for (name, value) in asked.json().ok()?.as_object()? {
        switches.insert(name.clone(), value.clone());
    }
    serde_json::from_value(all).ok()
}

/// `{"email", "folder", "name", "text"}`
fn dropped(stage: &Stage, asked: &Asked) -> Answer {
    let Ok(body) = asked.json() else { return plain(400, JSON, "{}") };
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let content = Content::new(text("text").into_bytes().into(), stage.fresh_id());
    let new = NewFile {
        name: text("name"),
        mime: Some("text/plain".to_owned()),
        parents: vec![text("folder")],
        content: Some(content),
        ..NewFile::default()
    };
    let (caller, id, now) = (Caller::person(&text("email")), stage.fresh_id(), stage.now());
    let made = stage.world().create(&caller, new, true, id, now);
    stage.told();
    match made {
        Ok(id) => ok(&json!({ "id": id })),
        Err(refused) => plain(refused.status, JSON, refused.body(false).to_string()),
    }
}

fn state(stage: &Stage) -> Value {
    let (now, caller) = (stage.now(), Stage::service_caller());
    let world = stage.world();
    let mut files: Vec<_> = world.files.values().filter(|file| file.parent.is_some()).collect();
    files.sort_by_key(|file| file.serial);
    json!({
        "files": files.into_iter().map(|file| world.shown(&caller, file)).collect::<Vec<_>>(),
        "channels": world.live_channels(now),
        "secrets": world.secrets(now),
        "asked": stage.asked(),
        "pushed": stage.pushed(),
    })
}
