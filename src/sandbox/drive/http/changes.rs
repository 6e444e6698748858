//! `changes`, `files.watch`, `channels.stop`.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::core::{Caller, ChangesAsk, OF_CHANGES, Refused, WatchAsk, Watched};
use super::super::json::at;
use super::super::stage::Stage;
use super::request::Asked;
use super::{Outcome, no_such, ok, plain};

pub(super) fn route(stage: &Stage, asked: &Asked, caller: &Caller, path: &[&str]) -> Outcome {
    let drive = asked.query.get("driveId");
    if drive.is_some() && !asked.is_on("supportsAllDrives") {
        let message = "The parameter supportsAllDrives must be true.";
        return Err(Refused::new(403, "teamDrivesNotSupported", message));
    }
    match (asked.method.as_str(), path) {
        ("GET", ["changes", "startPageToken"]) => {
            let token = stage.world().start_token(caller, drive.map(String::as_str))?;
            Ok(ok(&json!({ "kind": "drive#startPageToken", "startPageToken": token })))
        }
        ("GET", ["changes"]) => {
            let usual = "kind,nextPageToken,newStartPageToken,changes(kind,changeType,type,time,removed,fileId,file(kind,id,name,mimeType))";
            let mask = asked.mask(OF_CHANGES, usual)?;
            let ask = ask(stage, asked)?;
            let page = stage.world().changes(caller, &ask)?;
            Ok(ok(&mask.cut(page)))
        }
        ("POST", ["changes", "watch"]) => {
            // The token is looked at, as it is for the list.
            let ask = ask(stage, asked)?;
            stage.world().changes(caller, &ask)?;
            watch(stage, asked, caller, Watched::Changes(drive.cloned()))
        }
        ("POST", ["files", id, "watch"]) => {
            stage.world().get(caller, id, asked.is_on("supportsAllDrives"))?;
            watch(stage, asked, caller, Watched::File((*id).to_owned()))
        }
        ("POST", ["channels", "stop"]) => {
            let body = asked.json()?;
            let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
            let now = stage.now();
            stage.world().stop(caller, text("id"), text("resourceId"), now)?;
            Ok(plain(204, "text/html", ""))
        }
        _ => Err(no_such(asked)),
    }
}

fn ask(stage: &Stage, asked: &Asked) -> Result<ChangesAsk, Refused> {
    let token = asked.query.get("pageToken").cloned().ok_or_else(|| {
        let message = "Required parameter: pageToken";
        Refused { location: Some("pageToken"), ..Refused::new(400, "required", message) }
    })?;
    let size = asked.number("pageSize", 100, 1000)?;
    Ok(ChangesAsk {
        token,
        drive: asked.query.get("driveId").cloned(),
        include_all: asked.is_on("includeItemsFromAllDrives"),
        include_removed: asked.query.get("includeRemoved").is_none_or(|value| value != "false"),
        page_size: match stage.faults().change_page {
            0 => size,
            most => size.min(most),
        },
    })
}

fn watch(stage: &Stage, asked: &Asked, caller: &Caller, watched: Watched) -> Outcome {
    let faults = stage.faults();
    if !faults.watch_error.is_empty() {
        let status = if faults.watch_error.ends_with("Unauthorized") { 401 } else { 400 };
        return Err(Refused::new(status, &faults.watch_error, "Told to refuse."));
    }
    let body = asked.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let now = stage.now();
    let expiration = match at(&body, "expiration") {
        Value::String(text) => text.parse::<i64>().ok(),
        number => number.as_i64(),
    };
    let latest = match faults.channel_seconds {
        0 => i64::MAX,
        seconds => (now + Duration::from_secs(seconds.into())).as_millis(),
    };
    let ask = WatchAsk {
        id: text("id").unwrap_or_default(),
        kind: text("type").unwrap_or_default(),
        address: text("address").unwrap_or_default(),
        token: text("token"),
        expiration: match expiration {
            None if latest == i64::MAX => None,
            given => Some(given.unwrap_or(latest).min(latest)),
        },
        loopback: true,
    };
    Ok(ok(&stage.world().watch(caller, &ask, watched, stage.url(), now)?))
}
