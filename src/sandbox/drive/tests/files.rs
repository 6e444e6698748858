//! Files: ids, places, queries, masks.

use serde_json::{Value, json};

use super::super::SHARED_DRIVE;
use super::{ALL, FOLDER, Rig};

pub(super) const NAMES: [&str; 13] = [
    "generateIds count default 10, max 1000",
    "a repeat with the same id is 409",
    "own ids not for Google's own sorts",
    "exactly one parent",
    "names are not unique",
    "a move needs addParents and removeParents",
    "trashed are found unless trashed=false",
    "q escapes backslash and quote",
    "q appProperties has",
    "q that is not understood is 400",
    "fields default and unknown",
    "size and version are strings",
    "index lag and incompleteSearch",
];

/// Rows: `generateIds count default 10, max 1000`; `a repeat with the same id is 409`;
/// `own ids not for Google's own sorts`.
#[tokio::test]
async fn an_id_that_was_handed_out_makes_a_file_once() {
    let rig = Rig::new().await;
    let ids = rig.get("files/generateIds?space=drive&type=files").await.ok();
    assert_eq!(ids["ids"].as_array().unwrap().len(), 10);
    rig.get("files/generateIds?count=1001").await.refused(400, "invalidParameter");
    let id = ids["ids"][0].as_str().unwrap();
    let body = json!({"id": id, "name": "novos", "mimeType": FOLDER, "parents": [SHARED_DRIVE]});
    let path = format!("files?{ALL}&fields=id,parents,driveId");
    assert_eq!(rig.post(&path, body.clone()).await.ok()["id"], id);
    assert_eq!(rig.post(&path, body).await.status, 409);
    assert_eq!(rig.sandbox.count(), 1);
    let made_up = json!({"id": "mine", "name": "x", "parents": [SHARED_DRIVE]});
    rig.post(&path, made_up).await.refused(400, "invalid");
    let native = json!({
        "id": ids["ids"][1], "name": "x", "parents": [SHARED_DRIVE],
        "mimeType": "application/vnd.google-apps.document",
    });
    rig.post(&path, native).await.refused(400, "invalid");
}

/// Rows: `exactly one parent`; `names are not unique`; `a move needs addParents and
/// removeParents`.
#[tokio::test]
async fn a_file_is_in_one_place() {
    let rig = Rig::new().await;
    let (one, other) = (rig.folder("a", SHARED_DRIVE).await, rig.folder("a", SHARED_DRIVE).await);
    assert_ne!(one, other);
    let two = json!({"name": "x", "parents": [one, other]});
    rig.post(&format!("files?{ALL}"), two).await.refused(400, "cannotAddParent");
    let file = rig.folder("x", &one).await;
    let add = format!("files/{file}?{ALL}&addParents={other}");
    rig.patch(&add, json!({})).await.refused(403, "teamDrivesParentLimit");
    let direct = rig.patch(&format!("files/{file}?{ALL}"), json!({"parents": [other]})).await;
    direct.refused(403, "fieldNotWritable");
    rig.patch(&format!("{add}&removeParents={one}"), json!({})).await.ok();
    assert_eq!(rig.sandbox.folder(&other), [("x".to_owned(), file)]);
    assert!(rig.sandbox.folder(&one).is_empty());
}

/// Rows: `trashed are found unless trashed=false`.
#[tokio::test]
async fn the_trash_is_searched_too() {
    let rig = Rig::new().await;
    let top = rig.folder("top", SHARED_DRIVE).await;
    rig.folder("inner", &top).await;
    rig.patch(&format!("files/{top}?{ALL}"), json!({"trashed": true})).await.ok();
    assert_eq!(rig.find("name != ''").await, ["top", "inner"]);
    assert!(rig.find("trashed = false").await.is_empty());
    assert_eq!(rig.find("trashed=true and not name = 'top'").await, ["inner"]);
    let seen = rig.sandbox.file(&rig.sandbox.folder(&top)[0].1).unwrap();
    assert_eq!((&seen["trashed"], &seen["explicitlyTrashed"]), (&json!(true), &json!(false)));
}

/// Rows: `q escapes backslash and quote`; `q appProperties has`; `q that is not
/// understood is 400`.
#[tokio::test]
async fn questions_are_read_to_their_end_or_refused() {
    let rig = Rig::new().await;
    let name = r"it's a \ day";
    let id = rig.folder(name, SHARED_DRIVE).await;
    assert_eq!(rig.find(r"name = 'it\'s a \\ day'").await, [name]);
    let mark = json!({"appProperties": {"zelador_key": "user:42:novos"}});
    rig.patch(&format!("files/{id}?{ALL}"), mark).await.ok();
    let q = "appProperties has { key='zelador_key' and value='user:42:novos' } and trashed = false";
    assert_eq!(rig.find(q).await, [name]);
    assert!(
        rig.find("properties has { key='zelador_key' and value='user:42:novos' }").await.is_empty()
    );
    let parent = format!("'{SHARED_DRIVE}' in parents and mimeType = '{FOLDER}'");
    assert_eq!(rig.find(&parent).await, [name]);
    assert_eq!(
        rig.find("createdTime >= '2026-11-22T12:00:00Z' and name contains 'DAY'").await,
        [name]
    );
    assert_eq!(rig.find("(name = 'x' or name contains 'it') and trashed != true").await, [name]);
    for wrong in [
        "",
        "name",
        "name =",
        "name = x",
        "name = 'a' and",
        "(name = 'a'",
        "name = 'a')",
        "name = 'a",
        "nme = 'a'",
        "name > 'a'",
        "trashed = maybe",
        "'x' in folders",
        r"name = 'a\b'",
        "name ~ 'a'",
        "appProperties has { key='a' }",
        "modifiedTime > 'yesterday'",
        "name = 'a' name = 'b'",
    ] {
        rig.search(wrong).await.refused(400, "invalid");
    }
}

/// Rows: `fields default and unknown`; `size and version are strings`.
#[tokio::test]
async fn only_what_is_asked_for_is_shown() {
    let rig = Rig::new().await;
    let id = rig.sandbox.drop_file(super::super::PERSON, SHARED_DRIVE, "a.txt", "hello").unwrap();
    let seen = rig.get(&format!("files/{id}?{ALL}")).await.ok();
    let names: Vec<_> = seen.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["kind", "id", "name", "mimeType"]);
    let fields = "size,md5Checksum,sha256Checksum,version,capabilities/canTrash";
    let seen = rig.get(&format!("files/{id}?{ALL}&fields={fields}")).await.ok();
    assert_eq!(seen["size"], "5");
    assert_eq!(seen["md5Checksum"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(
        (&seen["version"], seen["capabilities"].as_object().unwrap().len()),
        (&json!("1"), 1)
    );
    for wrong in ["sise", "id,", "id(", "files(id)", "", "id)"] {
        let got = rig.get(&format!("files/{id}?{ALL}&fields={wrong}")).await;
        got.refused(400, "invalidParameter");
    }
    let folder = rig.folder("f", SHARED_DRIVE).await;
    let seen = rig.get(&format!("files/{folder}?{ALL}&fields=*")).await.ok();
    assert_eq!((&seen["size"], &seen["md5Checksum"]), (&Value::Null, &Value::Null));
    let page = rig.get(&format!("files?{ALL}&fields=files(id,name),nextPageToken")).await.ok();
    assert_eq!(page["files"][0].as_object().unwrap().len(), 2);
}

/// Rows: `index lag and incompleteSearch`.
#[tokio::test]
async fn what_is_new_may_not_be_found_yet() {
    let rig = Rig::new().await;
    let _old = rig.folder("old", SHARED_DRIVE).await;
    let new = rig.folder("new", SHARED_DRIVE).await;
    rig.sandbox.set(|faults| (faults.list_lag, faults.incomplete) = (1, true));
    assert_eq!(rig.find("trashed = false").await, ["old"]);
    rig.get(&format!("files/{new}?{ALL}")).await.ok();
    assert_eq!(rig.search("trashed = false").await.ok()["incompleteSearch"], true);
}

#[tokio::test]
async fn lists_have_pages() {
    let rig = Rig::new().await;
    for name in ["a", "b", "c"] {
        rig.folder(name, SHARED_DRIVE).await;
    }
    let first = rig.get(&format!("files?{ALL}&pageSize=2")).await.ok();
    let next = first["nextPageToken"].as_str().unwrap();
    let second = rig.get(&format!("files?{ALL}&pageSize=2&pageToken={next}")).await.ok();
    assert_eq!(second["files"][0]["name"], "c");
    assert_eq!(second["nextPageToken"], Value::Null);
    rig.get(&format!("files?{ALL}&pageToken=x")).await.refused(400, "invalid");
}

#[tokio::test]
async fn a_copy_is_a_file_and_a_deleted_folder_takes_what_is_in_it() {
    let rig = Rig::new().await;
    rig.sandbox.member(super::super::SERVICE_ACCOUNT, Some("organizer"));
    let folder = rig.folder("f", SHARED_DRIVE).await;
    let id = rig.sandbox.drop_file(super::super::PERSON, &folder, "a.txt", "x").unwrap();
    rig.post(&format!("files/{id}/copy?{ALL}"), json!({})).await.ok();
    assert_eq!(rig.sandbox.folder(&folder)[1].0, "Copy of a.txt");
    rig.post(&format!("files/{folder}/copy?{ALL}"), json!({})).await.refused(403, "cannotCopyFile");
    let gone = rig.send(reqwest::Method::DELETE, &format!("files/{folder}?{ALL}"), json!({})).await;
    assert_eq!((gone.status, rig.sandbox.count()), (204, 0));
}
