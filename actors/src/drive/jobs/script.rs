//! A program of the operator's makes the folders; what it says of them is noted.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};
use zelador_store::drive::{Folder, FolderPart, ShareState};

use super::create::Making;
use super::program::{self, Said};
use crate::drive::settings::NOVOS;
use crate::engine::jobs::Failure;

/// Bytes of an id or a path that a program may name.
const MOST: usize = 4096;

/// Has the program make them.
pub(super) async fn make(making: &mut Making) -> Result<(), Failure> {
    program::end_earlier(making.row.row.program.as_ref()).await;
    let settings = making.settings.clone();
    let name = making.user.name.clone();
    let email = making.user.email.clone().unwrap_or_default();
    let values = BTreeMap::from([
        ("user.id", making.id.to_string()),
        ("user.email", email.clone()),
        ("user.name", name.clone()),
        ("job.id", making.cx.id.to_string()),
    ]);
    let (running, leftover) = program::start(&settings.script, &making.cx, &values)?;
    // On disk before it is told anything: should the daemon be killed now, the next try
    // ends it first.
    making.note(|folder| folder.program = Some(leftover)).await?;
    let limit = Duration::from_secs(settings.job_seconds.into());
    let input = json!({
        "v": 1, "job_id": making.cx.id, "attempt": making.cx.job.tries,
        "action": "create_user_folders",
        "user": { "id": making.id, "email": making.user.email, "name": name },
        "folders": settings.folders,
        "deadline": (making.cx.shell.now() + limit).to_string(), "dry_run": false,
    });
    let said = running.finish(&making.cx, &input, limit).await?;
    let folders = settings.folders.clone();
    making
        .note(|folder| {
            folder.program = None;
            take_over(folder, &folders, &said);
        })
        .await
}

/// Notes what a program says that it made. What it does not say is not known.
fn take_over(folder: &mut Folder, names: &[String], said: &Said) {
    let (result, parts) = said;
    let mut all = vec![part("", text(result, "root_id"), text(result, "path"))];
    let ids = result.get("folders").and_then(Value::as_object);
    for name in names {
        let id = ids.and_then(|ids| text(ids, name));
        let told = parts.iter().rev().find(|part| {
            part.get("type").and_then(Value::as_str) == Some("folder")
                && part.get("key").and_then(Value::as_str) == Some(name)
        });
        let of = |member: &str| told.and_then(|told| text(told, member));
        all.push(part(name, id.or_else(|| of("drive_id")), of("path")));
    }
    let novos = all.iter().find(|part| part.name == NOVOS).and_then(|part| part.path.clone());
    let above = novos.as_deref().and_then(|path| Path::new(path).parent());
    if let (Some(top), Some(above)) = (all.first_mut(), above) {
        top.path = Some(above.display().to_string());
    }
    folder.parts = all;
    folder.link = text(result, "web_view_link").or_else(|| {
        let id = folder.parts.first()?.drive_id.as_deref()?;
        Some(format!("https://drive.google.com/drive/folders/{id}"))
    });
    folder.share = match text(result, "shared_with") {
        Some(email) => {
            let id = text(result, "permission_id").unwrap_or_default();
            ShareState::Granted { email, id }
        }
        None => ShareState::None,
    };
}

fn part(name: &str, drive_id: Option<String>, path: Option<String>) -> FolderPart {
    let made = drive_id.is_some() || path.is_some();
    FolderPart { name: name.to_owned(), path, drive_id, made }
}

/// A text that a program says, if it is one and no more than an id or a path is.
fn text(said: &Map<String, Value>, name: &str) -> Option<String> {
    let text = said.get(name)?.as_str()?;
    let fits = !text.is_empty() && text.len() <= MOST && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use zelador_store::Timestamp;
    use zelador_store::drive::FolderState;
    use zelador_store::id::TenantId;

    use super::*;

    fn folder() -> Folder {
        let at = Timestamp::EPOCH;
        Folder {
            tenant: TenantId::new(at, [0; 10]),
            state: FolderState::Creating,
            provider: "script".into(),
            job: None,
            parts: vec![],
            share: ShareState::None,
            link: None,
            error: None,
            program: None,
            sandbox: false,
            created_at: at,
            updated_at: at,
            ready_at: None,
        }
    }

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(members) = value else { panic!("no object") };
        members
    }

    #[test]
    fn what_a_program_says_is_taken_over() {
        let mut row = folder();
        let result = object(json!({
            "ok": true, "root_id": "1Root", "folders": {"novos": "1Novos"}, "shared_with": "ana@x",
        }));
        let parts = vec![
            object(
                json!({"type": "folder", "key": "novos", "path": "/srv/tec/42/novos", "drive_id": "other"}),
            ),
            object(json!({"type": "folder", "key": "erros", "drive_id": "1Erros"})),
            object(json!({"type": "other", "key": "processados", "drive_id": "no"})),
        ];
        let names = ["novos", "processados", "erros"].map(str::to_owned);
        take_over(&mut row, &names, &(result, parts));
        assert_eq!(row.part("").unwrap().path.as_deref(), Some("/srv/tec/42"));
        assert_eq!(row.part("").unwrap().drive_id.as_deref(), Some("1Root"));
        assert_eq!(row.part("novos").unwrap().drive_id.as_deref(), Some("1Novos"));
        assert_eq!(row.part("erros").unwrap().drive_id.as_deref(), Some("1Erros"));
        assert!(!row.part("processados").unwrap().made);
        assert_eq!(row.link.as_deref(), Some("https://drive.google.com/drive/folders/1Root"));
        assert!(matches!(row.share, ShareState::Granted { email, .. } if email == "ana@x"));
    }

    #[test]
    fn rubbish_is_not_taken_over() {
        let mut row = folder();
        let result = object(json!({"root_id": 7, "folders": ["x"], "shared_with": "a\u{0}b"}));
        take_over(&mut row, &["novos".to_owned()], &(result, vec![]));
        assert_eq!((row.link, row.share), (None, ShareState::None));
        assert!(row.parts.iter().all(|part| !part.made));
    }
}
