//! The log of changes.

use serde_json::{Value, json};

use super::super::{PERSON, SHARED_DRIVE};
use super::{ALL, Rig};

pub(super) const NAMES: [&str; 5] = [
    "startPageToken",
    "nextPageToken until newStartPageToken",
    "removed has no file",
    "token streams are separate per drive",
    "a token that was never handed out is 400",
];

fn list(token: &str, more: &str) -> String {
    let fields =
        "nextPageToken,newStartPageToken,changes(fileId,removed,file(name,parents,trashed))";
    format!("changes?{ALL}&driveId={SHARED_DRIVE}&pageToken={token}&fields={fields}{more}")
}

async fn start(rig: &Rig) -> String {
    let path = format!("changes/startPageToken?{ALL}&driveId={SHARED_DRIVE}");
    let token = rig.get(&path).await.ok();
    token["startPageToken"].as_str().unwrap().to_owned()
}

/// Rows: `startPageToken`; `nextPageToken until newStartPageToken`; `removed has no
/// file`; `a token that was never handed out is 400`.
#[tokio::test]
async fn changes_come_in_pages() {
    let rig = Rig::new().await;
    rig.sandbox.member(super::super::SERVICE_ACCOUNT, Some("organizer"));
    rig.folder("before", SHARED_DRIVE).await;
    let token = start(&rig).await;
    assert_eq!(rig.get(&list(&token, "")).await.ok()["changes"], json!([]));
    let id = rig.sandbox.drop_file(PERSON, SHARED_DRIVE, "a.pdf", "x").unwrap();
    rig.patch(&format!("files/{id}?{ALL}"), json!({"name": "b.pdf"})).await.ok();
    rig.send(reqwest::Method::DELETE, &format!("files/{id}?{ALL}"), Value::Null).await;
    let first = rig.get(&list(&token, "&pageSize=2")).await.ok();
    assert_eq!(first["changes"].as_array().unwrap().len(), 2);
    let next = first["nextPageToken"].as_str().unwrap();
    let last = rig.get(&list(next, "&pageSize=2")).await.ok();
    assert_eq!(last["changes"][0], json!({"fileId": id, "removed": true}));
    let end = last["newStartPageToken"].as_str().unwrap();
    assert_eq!(start(&rig).await, end);
    let quiet = rig.get(&list(&token, "&includeRemoved=false")).await.ok();
    assert_eq!(quiet["changes"], json!([]));
    for wrong in ["x", "0", "99"] {
        rig.get(&list(wrong, "")).await.refused(400, "invalid");
    }
    rig.get(&format!("changes?{ALL}")).await.refused(400, "required");
}

/// Rows: `token streams are separate per drive`.
#[tokio::test]
async fn a_drives_log_has_nothing_of_others() {
    let rig = Rig::new().await;
    let token = start(&rig).await;
    rig.post("files", json!({"name": "mine", "mimeType": super::FOLDER})).await.ok();
    assert_eq!(rig.get(&list(&token, "")).await.ok()["changes"], json!([]));
    let own = rig.get(&format!("changes?pageToken={token}")).await.ok();
    assert_eq!(own["changes"].as_array().unwrap().len(), 1);
    let blind = format!("changes?pageToken={token}&driveId={SHARED_DRIVE}");
    rig.get(&blind).await.refused(403, "teamDrivesNotSupported");
}

#[tokio::test]
async fn a_move_in_and_out_and_the_trash_are_changes() {
    let rig = Rig::new().await;
    let folder = rig.folder("novos", SHARED_DRIVE).await;
    let id = rig.folder("x", SHARED_DRIVE).await;
    let token = start(&rig).await;
    let path = format!("files/{id}?{ALL}&addParents={folder}&removeParents={SHARED_DRIVE}");
    rig.patch(&path, json!({})).await.ok();
    rig.patch(&format!("files/{id}?{ALL}"), json!({"trashed": true})).await.ok();
    let seen = rig.get(&list(&token, "")).await.ok();
    // What is shown is how it is now.
    let last = &seen["changes"][1]["file"];
    assert_eq!((&last["parents"], &last["trashed"]), (&json!([folder]), &json!(true)));
}
