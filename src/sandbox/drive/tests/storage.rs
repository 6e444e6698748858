//! Whose the files are, and what a service account cannot have.

use serde_json::{Value, json};

use super::super::{PERSON, SERVICE_ACCOUNT, SHARED_DRIVE};
use super::{ALL, FOLDER, Rig};

pub(super) const NAMES: [&str; 7] = [
    "storageQuotaExceeded for a bare service account",
    "folders of a bare service account",
    "a shared drive's files belong to nobody",
    "in My Drive only the owner may trash",
    "about needs fields",
    "drives.get shows restrictions",
    "a shared drive is hidden without supportsAllDrives",
];

/// Rows: `storageQuotaExceeded for a bare service account`; `folders of a bare service
/// account`; `a shared drive's files belong to nobody`.
#[tokio::test]
async fn a_service_account_stores_nothing_of_its_own() {
    let rig = Rig::new().await;
    let made = rig.post("files", json!({"name": "a.txt", "mimeType": "text/plain"})).await;
    made.refused(403, "storageQuotaExceeded");
    rig.post("files", json!({"name": "a", "mimeType": FOLDER})).await.ok();
    let fields = format!("files?{ALL}&fields=id,driveId,owners");
    let body = json!({"name": "a.txt", "mimeType": "text/plain", "parents": [SHARED_DRIVE]});
    let made = rig.post(&fields, body).await.ok();
    assert_eq!((&made["driveId"], &made["owners"]), (&json!(SHARED_DRIVE), &Value::Null));
    let about = rig.get("about?fields=storageQuota").await.ok();
    assert_eq!(about["storageQuota"]["limit"], "0");
}

/// Rows: `in My Drive only the owner may trash`.
#[tokio::test]
async fn an_upload_stays_its_uploaders() {
    let rig = Rig::new().await;
    let folder = rig.post("files", json!({"name": "novos", "mimeType": FOLDER})).await.ok();
    let other = rig.post("files", json!({"name": "feitos", "mimeType": FOLDER})).await.ok();
    let (folder, other) = (folder["id"].as_str().unwrap(), other["id"].as_str().unwrap());
    let share = json!({"role": "writer", "type": "user", "emailAddress": PERSON});
    rig.post(&format!("files/{folder}/permissions"), share).await.ok();
    let id = rig.sandbox.drop_file(PERSON, folder, "a.pdf", "x").unwrap();
    let seen = rig.get(&format!("files/{id}?fields=ownedByMe,owners,capabilities")).await.ok();
    assert_eq!(seen["owners"][0]["emailAddress"], PERSON);
    // Owning the folder is owning what is in it, as far as rights go.
    assert_eq!(seen["ownedByMe"], false);
    let mine = rig.person(PERSON);
    let seen = rig.get_as(&mine, &format!("files/{folder}?fields=capabilities(canTrash)")).await;
    assert_eq!(seen.ok()["capabilities"]["canTrash"], false);
    let path = format!("files/{id}?addParents={other}&removeParents={folder}");
    rig.patch(&path, json!({})).await.ok();
    assert_eq!(rig.sandbox.folder(other), [("a.pdf".to_owned(), id)]);
}

/// Rows: `about needs fields`; `drives.get shows restrictions`.
#[tokio::test]
async fn what_is_looked_at_before() {
    let rig = Rig::new().await;
    rig.get("about").await.refused(400, "required");
    let about = rig.get("about?fields=user,storageQuota").await.ok();
    assert_eq!(about["user"]["emailAddress"], SERVICE_ACCOUNT);
    rig.sandbox.restrict(true, false, true);
    let path = format!("drives/{SHARED_DRIVE}?fields=name,restrictions,capabilities(canShare)");
    let drive = rig.get(&path).await.ok();
    assert_eq!(drive["restrictions"]["domainUsersOnly"], true);
    assert_eq!(drive["restrictions"]["driveMembersOnly"], false);
    assert_eq!(drive["restrictions"]["sharingFoldersRequiresOrganizerPermission"], true);
    rig.sandbox.member(SERVICE_ACCOUNT, None);
    rig.get(&path).await.refused(404, "notFound");
    let drives = rig.get("drives").await.ok();
    assert_eq!(drives["drives"], json!([]));
}

/// Rows: `a shared drive is hidden without supportsAllDrives`.
#[tokio::test]
async fn who_does_not_know_shared_drives_does_not_see_them() {
    let rig = Rig::new().await;
    let id = rig.folder("ana", SHARED_DRIVE).await;
    rig.get(&format!("files/{id}")).await.refused(404, "notFound");
    rig.get(&format!("files/{id}?supportsAllDrives=true")).await.ok();
    assert_eq!(rig.get("files").await.ok()["files"], json!([]));
    let half = format!("files?corpora=drive&driveId={SHARED_DRIVE}&supportsAllDrives=true");
    rig.get(&half).await.refused(403, "teamDrivesNotSupported");
    rig.get("files?corpora=drive").await.refused(400, "invalidParameter");
}
