//! `files`, `about`, `drives`.

use std::collections::BTreeMap;

use hyper::Method;
use serde_json::{Value, json};

use super::super::core::{Caller, Content, ListAsk, Mask, NewFile, Patch, Refused};
use super::super::core::{OF_ABOUT, OF_DRIVE, OF_DRIVES, OF_FILE, OF_FILES};
use super::super::json::{at, put};
use super::super::stage::Stage;
use super::request::Asked;
use super::{Answer, Outcome, no_such, ok, plain};

/// What is shown of a file to who does not say.
pub(super) const USUAL: &str = "kind,id,name,mimeType,resourceKey";

pub(super) fn route(stage: &Stage, asked: &Asked, caller: &Caller, path: &[&str]) -> Outcome {
    let all = asked.is_on("supportsAllDrives");
    match (asked.method.as_str(), path) {
        ("GET", ["generateIds"]) => generate(stage, asked),
        ("GET", []) => list(stage, asked, caller),
        ("POST", []) => {
            let new = new_file(&asked.json()?, None)?;
            create(stage, asked, caller, new)
        }
        ("POST", [id, "copy"]) => copy(stage, asked, caller, id),
        ("GET", [id, "export"]) => export(stage, asked, caller, id),
        ("GET", [id]) if asked.query.get("alt").is_some_and(|alt| alt == "media") => {
            let (_, content) = stage.world().content(caller, id, all)?;
            Ok(plain(200, "application/octet-stream", content.bytes))
        }
        ("GET", [id]) => {
            let mask = asked.mask(OF_FILE, USUAL)?;
            Ok(ok(&mask.cut(stage.world().get(caller, id, all)?)))
        }
        ("PATCH", [id]) => {
            let patch = patch(asked, &asked.json()?, None)?;
            update(stage, asked, caller, id, patch)
        }
        ("DELETE", [id]) => {
            stage.world().delete(caller, id, all, stage.now())?;
            Ok(plain(204, "text/html", ""))
        }
        _ => Err(no_such(asked)),
    }
}

pub(super) fn create(stage: &Stage, asked: &Asked, caller: &Caller, new: NewFile) -> Outcome {
    let mask = asked.mask(OF_FILE, USUAL)?;
    let all = asked.is_on("supportsAllDrives");
    let (fresh, now) = (stage.fresh_id(), stage.now());
    let mut world = stage.world();
    let id = world.create(caller, new, all, fresh, now)?;
    Ok(ok(&mask.cut(world.get(caller, &id, true)?)))
}

pub(super) fn update(
    stage: &Stage,
    asked: &Asked,
    caller: &Caller,
    id: &str,
    patch: Patch,
) -> Outcome {
    let mask = asked.mask(OF_FILE, USUAL)?;
    let all = asked.is_on("supportsAllDrives");
    let now = stage.now();
    let mut world = stage.world();
    world.update(caller, id, patch, all, now)?;
    Ok(ok(&mask.cut(world.get(caller, id, true)?)))
}

fn generate(stage: &Stage, asked: &Asked) -> Outcome {
    let count = asked.number("count", 10, 1000)?;
    let ids: Vec<_> = (0..count).map(|_| stage.fresh_id()).collect();
    stage.world().issued.extend(ids.iter().cloned());
    Ok(ok(&json!({ "kind": "drive#generatedIds", "space": "drive", "ids": ids })))
}

fn list(stage: &Stage, asked: &Asked, caller: &Caller) -> Outcome {
    let usual = "kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType,resourceKey)";
    let mask = asked.mask(OF_FILES, usual)?;
    let drive = asked.query.get("driveId").cloned();
    let of_drive = asked.query.get("corpora").is_some_and(|corpora| corpora == "drive");
    if of_drive != drive.is_some() {
        let message =
            "The driveId parameter must be specified if and only if corpora is set to drive.";
        return Err(Refused {
            location: Some("driveId"),
            ..Refused::new(400, "invalidParameter", message)
        });
    }
    let include_all = asked.is_on("includeItemsFromAllDrives");
    let all_drives = asked.is_on("supportsAllDrives");
    if (include_all || of_drive) && !(all_drives && include_all) {
        let message =
            "The parameters supportsAllDrives and includeItemsFromAllDrives must both be true.";
        return Err(Refused::new(403, "teamDrivesNotSupported", message));
    }
    let faults = stage.faults();
    let ask = ListAsk {
        q: asked.query.get("q").cloned(),
        drive,
        all_drives,
        include_all,
        page_size: asked.number("pageSize", 100, 1000)?,
        page_token: asked.query.get("pageToken").cloned(),
        lag: faults.list_lag,
    };
    let found = stage.world().list(caller, &ask)?;
    let mut page = json!({
        "kind": "drive#fileList", "incompleteSearch": faults.incomplete, "files": found.files,
    });
    if let Some(next) = found.next {
        put(&mut page, "nextPageToken", next);
    }
    Ok(ok(&mask.cut(page)))
}

fn copy(stage: &Stage, asked: &Asked, caller: &Caller, id: &str) -> Outcome {
    let about = asked.json()?;
    let all = asked.is_on("supportsAllDrives");
    let (seen, content) = {
        let world = stage.world();
        (world.get(caller, id, all)?, world.content(caller, id, all))
    };
    let (mime, content) = content.map_err(|_| {
        Refused::new(403, "cannotCopyFile", "This file cannot be copied by the user.")
    })?;
    let mut new = new_file(&about, Some(Content { revision: stage.fresh_id(), ..content }))?;
    new.mime = Some(mime);
    if new.name.is_empty() {
        new.name = format!("Copy of {}", at(&seen, "name").as_str().unwrap_or_default());
    }
    if new.parents.is_empty() {
        new.parents = strings(at(&seen, "parents"));
    }
    create(stage, asked, caller, new)
}

/// Only Google's own sorts are exported; what comes is made up.
fn export(stage: &Stage, asked: &Asked, caller: &Caller, id: &str) -> Outcome {
    let seen = stage.world().get(caller, id, true)?;
    let mime = at(&seen, "mimeType").as_str().unwrap_or_default();
    if !mime.starts_with("application/vnd.google-apps.") || mime.ends_with(".folder") {
        let message = "Export only supports Docs Editors files.";
        return Err(Refused::new(403, "fileNotExportable", message));
    }
    if asked.query.get("mimeType").is_none_or(String::is_empty) {
        let message = "Required parameter: mimeType";
        return Err(Refused {
            location: Some("mimeType"),
            ..Refused::new(400, "required", message)
        });
    }
    Ok(plain(200, "application/octet-stream", format!("exported {}", at(&seen, "name"))))
}

/// A file as a body describes it.
pub(super) fn new_file(about: &Value, content: Option<Content>) -> Result<NewFile, Refused> {
    let text = |name: &str| about.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(NewFile {
        id: text("id"),
        name: text("name").unwrap_or_default(),
        mime: text("mimeType"),
        parents: strings(at(about, "parents")),
        app_properties: marks(at(about, "appProperties"))?
            .into_iter()
            .filter_map(|(k, v)| Some((k, v?)))
            .collect(),
        properties: marks(at(about, "properties"))?
            .into_iter()
            .filter_map(|(k, v)| Some((k, v?)))
            .collect(),
        content,
    })
}

/// A change as a body and the query describe it.
pub(super) fn patch(
    asked: &Asked,
    about: &Value,
    content: Option<Content>,
) -> Result<Patch, Refused> {
    if about.get("parents").is_some() {
        let message = "The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead.";
        return Err(Refused::new(403, "fieldNotWritable", message));
    }
    let text = |name: &str| about.get(name).and_then(Value::as_str).map(str::to_owned);
    let ids = |name: &str| {
        let text = asked.query.get(name).map(String::as_str).unwrap_or_default();
        text.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
    };
    Ok(Patch {
        name: text("name"),
        mime: text("mimeType"),
        trashed: about.get("trashed").and_then(Value::as_bool),
        add: ids("addParents"),
        remove: ids("removeParents"),
        app_properties: marks(at(about, "appProperties"))?,
        properties: marks(at(about, "properties"))?,
        content,
    })
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn marks(value: &Value) -> Result<BTreeMap<String, Option<String>>, Refused> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(key, value)| match value {
            Value::Null => Ok((key.clone(), None)),
            Value::String(text) => Ok((key.clone(), Some(text.clone()))),
            _ => Err(Refused::new(400, "invalid", "Properties are texts")),
        })
        .collect()
}

/// Who the caller is; `fields` must be given.
pub(super) fn about(asked: &Asked, caller: &Caller) -> Outcome {
    if !asked.query.contains_key("fields") {
        let message = "The 'fields' parameter is required for this method.";
        return Err(Refused { location: Some("fields"), ..Refused::new(400, "required", message) });
    }
    let mask = asked.mask(OF_ABOUT, "*")?;
    let mut quota = json!({ "usage": "0", "usageInDrive": "0", "usageInDriveTrash": "0" });
    put(&mut quota, "limit", if caller.service { "0" } else { "16106127360" });
    let user = json!({
        "kind": "drive#user", "displayName": caller.email, "me": true, "emailAddress": caller.email,
    });
    Ok(ok(&mask.cut(json!({ "kind": "drive#about", "user": user, "storageQuota": quota }))))
}

pub(super) fn drives(stage: &Stage, asked: &Asked, caller: &Caller, path: &[&str]) -> Outcome {
    if asked.method != Method::GET {
        return Err(no_such(asked));
    }
    let world = stage.world();
    let shown = |mask: Mask, value: Value| -> Answer { ok(&mask.cut(value)) };
    match path {
        [] => {
            let mask = asked.mask(OF_DRIVES, "kind,nextPageToken,drives(kind,id,name)")?;
            let ids = world.drives.keys();
            let drives: Vec<_> = ids.filter_map(|id| world.drive_seen(caller, id).ok()).collect();
            Ok(shown(mask, json!({ "kind": "drive#driveList", "drives": drives })))
        }
        [id] => {
            let mask = asked.mask(OF_DRIVE, "kind,id,name")?;
            Ok(shown(mask, world.drive_seen(caller, id)?))
        }
        _ => Err(no_such(asked)),
    }
}
