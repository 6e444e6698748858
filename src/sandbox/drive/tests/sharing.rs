//! Sharing.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::{PERSON, SERVICE_ACCOUNT, SHARED_DRIVE};
use super::{ALL, Got, Rig};

pub(super) const NAMES: [&str; 6] = [
    "concurrent changes of permissions: the last is applied",
    "permissions.list before create",
    "invalidSharingRequest without a Google account",
    "domainUsersOnly",
    "driveMembersOnly",
    "sharingFoldersRequiresOrganizerPermission",
];

async fn share(rig: &Rig, id: &str, email: &str, notify: bool) -> Got {
    let path = format!("files/{id}/permissions?{ALL}&sendNotificationEmail={notify}");
    rig.post(&path, json!({"role": "writer", "type": "user", "emailAddress": email})).await
}

/// Rows: `permissions.list before create`.
#[tokio::test]
async fn shares_are_granted_shown_changed_and_withdrawn() {
    let rig = Rig::new().await;
    let id = rig.folder("novos", SHARED_DRIVE).await;
    rig.sandbox.account("Ana@sandbox.example");
    let granted = share(&rig, &id, "Ana@sandbox.example", false).await.ok();
    let list = format!("files/{id}/permissions?{ALL}&fields=permissions(id,emailAddress,role)");
    let all = rig.get(&list).await.ok();
    assert_eq!(all["permissions"][0]["emailAddress"], "Ana@sandbox.example");
    let again = share(&rig, &id, "ana@SANDBOX.example", false).await.ok();
    assert_eq!(granted["id"], again["id"], "the same person");
    assert_eq!(rig.sandbox.shares(&id).len(), 1);
    let token = rig.person("ana@sandbox.example");
    rig.get_as(&token, &format!("files/{id}?{ALL}")).await.ok();
    let one = format!("files/{id}/permissions/{}?{ALL}", again["id"].as_str().unwrap());
    assert_eq!(rig.patch(&one, json!({"role": "reader"})).await.ok()["role"], "reader");
    assert_eq!(rig.send(Method::DELETE, &one, Value::Null).await.status, 204);
    rig.send(Method::DELETE, &one, Value::Null).await.refused(404, "notFound");
    rig.get_as(&token, &format!("files/{id}?{ALL}")).await.refused(404, "notFound");
}

/// Rows: `concurrent changes of permissions: the last is applied`.
#[tokio::test]
async fn of_two_changes_at_once_the_last_counts() {
    let rig = Rig::new().await;
    let id = rig.folder("novos", SHARED_DRIVE).await;
    rig.sandbox.account("ana@sandbox.example");
    rig.sandbox.set(|faults| faults.permission_ms = 300);
    let both = tokio::join!(
        share(&rig, &id, PERSON, false),
        share(&rig, &id, "ana@sandbox.example", false)
    );
    both.0.ok();
    both.1.ok();
    assert_eq!(rig.sandbox.shares(&id).len(), 1);
}

/// Rows: `invalidSharingRequest without a Google account`.
#[tokio::test]
async fn who_has_no_account_must_be_told_by_mail() {
    let rig = Rig::new().await;
    let id = rig.folder("novos", SHARED_DRIVE).await;
    share(&rig, &id, "ana@nowhere.example", false).await.refused(400, "invalidSharingRequest");
    share(&rig, &id, "ana@nowhere.example", true).await.ok();
    let path = format!("files/{id}/permissions?{ALL}");
    for wrong in [
        json!({"role": "king", "type": "user", "emailAddress": PERSON}),
        json!({"role": "writer", "type": "elf", "emailAddress": PERSON}),
        json!({"role": "writer", "type": "user"}),
    ] {
        assert_eq!(rig.post(&path, wrong).await.status, 400);
    }
}

/// Rows: `domainUsersOnly`; `driveMembersOnly`;
/// `sharingFoldersRequiresOrganizerPermission`.
#[tokio::test]
async fn a_shared_drive_forbids() {
    let rig = Rig::new().await;
    let id = rig.folder("novos", SHARED_DRIVE).await;
    let outside = "ana@elsewhere.example";
    rig.sandbox.account(outside);
    rig.sandbox.restrict(true, false, false);
    let domain = "teamDriveDomainUsersOnlyRestriction";
    share(&rig, &id, outside, false).await.refused(403, domain);
    share(&rig, &id, PERSON, false).await.ok();
    rig.sandbox.restrict(false, true, false);
    let members = "teamDriveTeamMembersOnlyRestriction";
    share(&rig, &id, outside, false).await.refused(403, members);
    rig.sandbox.restrict(false, false, true);
    share(&rig, &id, outside, false).await.refused(403, "insufficientFilePermissions");
    rig.sandbox.member(SERVICE_ACCOUNT, Some("organizer"));
    share(&rig, &id, outside, false).await.ok();
}
