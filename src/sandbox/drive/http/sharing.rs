//! `permissions`. Of two changes at once the last alone counts: each writes back
//! what it has read.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::super::core::{Caller, NewPermission, OF_PERMISSION, OF_PERMISSIONS, Refused};
use super::super::json::{at, put};
use super::super::stage::Stage;
use super::request::Asked;
use super::{Outcome, no_such, ok, plain};

const USUAL: &str = "kind,id,type,role";

pub(super) async fn route(
    stage: &Stage,
    asked: &Asked,
    caller: &Caller,
    id: &str,
    path: &[&str],
) -> Outcome {
    let all = asked.is_on("supportsAllDrives");
    match (asked.method.as_str(), path) {
        ("GET", []) => {
            let mask = asked.mask(OF_PERMISSIONS, "kind,permissions(kind,id,type,role)")?;
            let size = asked.number("pageSize", 100, 100)?;
            let found = stage.world().permissions(caller, id, all)?;
            page(asked, &found, size).map(|page| ok(&mask.cut(page)))
        }
        ("POST", []) => grant(stage, asked, caller, id).await,
        ("PATCH", [permission]) => change(stage, asked, caller, (id, permission)).await,
        ("DELETE", [permission]) => {
            stage.world().revocable(caller, id, permission, all)?;
            let mut own = stage.world().own_permissions(id);
            sleep(Duration::from_millis(stage.faults().permission_ms)).await;
            own.retain(|one| one.id != *permission);
            let now = stage.now();
            stage.world().set_permissions(id, own, caller, now);
            Ok(plain(204, "text/html", ""))
        }
        _ => Err(no_such(asked)),
    }
}

fn page(asked: &Asked, found: &[Value], size: usize) -> Result<Value, Refused> {
    let from = match asked.query.get("pageToken") {
        None => 0,
        Some(token) => {
            token.parse::<usize>().map_err(|_| Refused::invalid("pageToken", "Invalid Value"))?
        }
    };
    let shown: Vec<_> = found.iter().skip(from).take(size).cloned().collect();
    let mut page = json!({ "kind": "drive#permissionList", "permissions": shown });
    if from + size < found.len() {
        put(&mut page, "nextPageToken", (from + size).to_string());
    }
    Ok(page)
}

async fn grant(stage: &Stage, asked: &Asked, caller: &Caller, id: &str) -> Outcome {
    let mask = asked.mask(OF_PERMISSION, USUAL)?;
    let body = asked.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let address = if text("type") == "domain" { text("domain") } else { text("emailAddress") };
    let new = NewPermission {
        role: text("role"),
        kind: text("type"),
        email: Some(address).filter(|address| !address.is_empty()),
        // People are told unless somebody says no.
        notify: asked.query.get("sendNotificationEmail").is_none_or(|value| value != "false"),
    };
    let all = asked.is_on("supportsAllDrives");
    let (permission, shown) = stage.world().grant(caller, id, &new, all)?;
    let mut own = stage.world().own_permissions(id);
    sleep(Duration::from_millis(stage.faults().permission_ms)).await;
    own.retain(|one| one.id != permission.id);
    own.push(permission);
    let now = stage.now();
    stage.world().set_permissions(id, own, caller, now);
    Ok(ok(&mask.cut(shown)))
}

async fn change(stage: &Stage, asked: &Asked, caller: &Caller, of: (&str, &str)) -> Outcome {
    let (id, permission) = of;
    let mask = asked.mask(OF_PERMISSION, USUAL)?;
    let all = asked.is_on("supportsAllDrives");
    stage.world().revocable(caller, id, permission, all)?;
    let mut own = stage.world().own_permissions(id);
    let found = own.iter_mut().find(|one| one.id == permission);
    let found = found.ok_or_else(|| Refused::not_found(permission))?;
    let role = at(&asked.json()?, "role").as_str().unwrap_or_default().to_owned();
    let kind = "user".to_owned();
    let new = NewPermission { role, kind, email: found.email.clone(), notify: true };
    let (next, shown) = stage.world().grant(caller, id, &new, all)?;
    found.role = next.role;
    sleep(Duration::from_millis(stage.faults().permission_ms)).await;
    let now = stage.now();
    stage.world().set_permissions(id, own, caller, now);
    Ok(ok(&mask.cut(shown)))
}
