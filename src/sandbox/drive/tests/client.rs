//! The daemon's own client against the stand-in: each call, each way to fail.

use std::sync::Arc;

use zelador_actors::drive::port::{NewChannel, NewFolder, Port, Upstream as _};
use zelador_actors::drive::rules::answer::Trouble;
use zelador_actors::drive::{DriveSettings, Google, Hidden};
use zelador_actors::engine::clock::{Clock, Dice};

use super::super::{PERSON, SERVICE_ACCOUNT, SHARED_DRIVE, Sandbox};

fn settings(sandbox: &Sandbox, credentials: &serde_json::Value) -> DriveSettings {
    DriveSettings {
        api_base_url: sandbox.url(),
        upload_base_url: sandbox.url(),
        credentials: Hidden::new(credentials.to_string()),
        shared_drive_id: SHARED_DRIVE.to_owned(),
        ..DriveSettings::default()
    }
}

fn open(settings: &DriveSettings) -> Arc<dyn Port> {
    Google::new(Clock::system(), Dice::seeded(3)).open(settings).unwrap()
}

async fn bench() -> (Sandbox, Arc<dyn Port>) {
    let sandbox = Sandbox::start(Clock::system(), Dice::seeded(7)).await.unwrap();
    let port = open(&settings(&sandbox, &sandbox.service_account()));
    (sandbox, port)
}

fn folder(id: &str, name: &str, parent: &str) -> NewFolder {
    NewFolder {
        id: id.to_owned(),
        name: name.to_owned(),
        parent: Some(parent.to_owned()),
        mark: format!("user:7:{name}"),
    }
}

async fn made(port: &Arc<dyn Port>, name: &str, parent: &str) -> String {
    let id = port.ids(1).await.unwrap().remove(0);
    port.make_folder(&folder(&id, name, parent)).await.unwrap().id
}

#[tokio::test]
async fn each_account_is_who_it_should_be() {
    let (sandbox, port) = bench().await;
    let standing = port.standing().await.unwrap();
    assert_eq!((standing.email.as_str(), standing.limit), (SERVICE_ACCOUNT, Some(0)));
    let drive = standing.drive.unwrap();
    assert!(drive.can_add && drive.can_share && !drive.members_only);
    let delegated = DriveSettings {
        subject: PERSON.to_owned(),
        ..settings(&sandbox, &sandbox.service_account())
    };
    assert_eq!(open(&delegated).standing().await.unwrap().email, PERSON);
    let person = settings(&sandbox, &sandbox.authorized_user());
    assert_eq!(open(&person).standing().await.unwrap().email, PERSON);
    sandbox.member(SERVICE_ACCOUNT, None);
    assert_eq!(port.standing().await.unwrap().drive, None);
    let foreign = DriveSettings { subject: "x@elsewhere.example".to_owned(), ..delegated };
    assert!(matches!(open(&foreign).standing().await, Err(Trouble::Credentials { .. })));
}

#[tokio::test]
async fn a_folder_is_made_once_found_moved_and_taken_out_of_the_trash() {
    let (sandbox, port) = bench().await;
    let top = made(&port, "O'Brien \\ Ana", SHARED_DRIVE).await;
    let id = port.ids(1).await.unwrap().remove(0);
    let novos = folder(&id, "novos", &top);
    // The answer is lost; what was done is done.
    sandbox.set(|faults| (faults.cut, faults.after, faults.times) = (true, true, 1));
    sandbox.set(|faults| faults.only = "POST /drive/v3/files".to_owned());
    assert_eq!(port.make_folder(&novos).await, Err(Trouble::Exists));
    assert_eq!(port.make_folder(&novos).await, Err(Trouble::Exists));
    let seen = port.file(&id).await.unwrap();
    assert_eq!(
        (seen.parent.as_deref(), seen.mark.as_deref()),
        (Some(top.as_str()), Some("user:7:novos"))
    );
    assert!(seen.is_folder() && seen.link.unwrap().contains(&id));
    assert_eq!(port.marked("user:7:novos").await.unwrap().len(), 1);
    assert_eq!(port.in_folder(&top).await.unwrap().len(), 1);
    let other = made(&port, "b", SHARED_DRIVE).await;
    let moved = port.move_file(&id, &top, &other).await.unwrap();
    assert_eq!(moved.parent.as_deref(), Some(other.as_str()));
    assert_eq!(port.file("nothing").await, Err(Trouble::Missing));
    assert!(port.marked(r"it's \ odd").await.unwrap().is_empty());
    assert_eq!(sandbox.count(), 3);
}

#[tokio::test]
async fn novos_is_shared_and_taken_back() {
    let (sandbox, port) = bench().await;
    let novos = made(&port, "novos", SHARED_DRIVE).await;
    sandbox.account("ana@sandbox.example");
    let share = port.share(&novos, "ana@sandbox.example", false).await.unwrap();
    assert_eq!(sandbox.shares(&novos)["ana@sandbox.example"], "writer");
    let shares = port.shares(&novos).await.unwrap();
    assert_eq!((shares.len(), &shares[0].id), (1, &share));
    port.unshare(&novos, &share).await.unwrap();
    port.unshare(&novos, &share).await.unwrap();
    assert!(sandbox.shares(&novos).is_empty());
    let unknown = port.share(&novos, "bob@nowhere.example", false).await.unwrap_err();
    assert!(unknown.is_for("invalidSharingRequest"), "{unknown}");
    port.share(&novos, "bob@nowhere.example", true).await.unwrap();
}

#[tokio::test]
async fn changes_are_read_page_after_page_and_files_fetched() {
    let (sandbox, port) = bench().await;
    let novos = made(&port, "novos", SHARED_DRIVE).await;
    let mut token = port.log_end().await.unwrap();
    sandbox.set(|faults| faults.change_page = 1);
    let id = sandbox.drop_file(PERSON, &novos, "nota.txt", "hello").unwrap();
    sandbox.drop_file(PERSON, &novos, "b.txt", "b").unwrap();
    let mut seen = Vec::new();
    loop {
        let page = port.changes(&token).await.unwrap();
        seen.extend(page.changes);
        token = page.next;
        if page.end {
            break;
        }
    }
    let first = seen[0].now.clone().unwrap();
    assert_eq!((seen.len(), &first.id, first.size), (2, &id, Some(5)));
    assert_eq!(first.md5.as_deref(), Some("5d41402abc4b2a76b9719d911017c592"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    assert_eq!(port.download(&id, &path).await.unwrap(), 5);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "hello");
    let note = port.ids(1).await.unwrap().remove(0);
    let note = folder(&note, "nota.txt.erro.txt", &novos);
    port.put_text(&note, "não deu\r\n").await.unwrap();
    port.put_text(&note, "não deu\r\n").await.unwrap();
    assert_eq!(sandbox.folder(&novos).len(), 3);
    assert!(matches!(port.changes("x").await, Err(Trouble::Refused { .. })));
}

#[tokio::test]
async fn a_channel_is_opened_and_closed() {
    let (sandbox, port) = bench().await;
    let from = port.log_end().await.unwrap();
    let expiration = Clock::system().now().as_millis() + 999_999_999_999;
    let new = NewChannel {
        id: "c".to_owned(),
        token: "secret".to_owned(),
        address: "https://example.org/drive/notifications".to_owned(),
        expiration,
    };
    let open = port.watch(&from, &new).await.unwrap();
    assert!(open.expiration < expiration, "what is answered counts");
    assert!(port.watch(&from, &new).await.unwrap_err().is_for("channelIdNotUnique"));
    port.stop("c", &open.resource).await.unwrap();
    port.stop("c", &open.resource).await.unwrap();
    assert!(sandbox.channels().is_empty());
}

#[tokio::test]
async fn one_token_serves_all_and_another_is_had_when_it_ends() {
    let (sandbox, port) = bench().await;
    let asked = |what: &str| sandbox.asked().get(what).copied().unwrap_or(0);
    let all = futures::future::join_all((0..20).map(|_| port.ids(1))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(asked("POST /token"), 1, "who comes meanwhile waits for it");
    sandbox.end_tokens();
    assert!(
        futures::future::join_all((0..10).map(|_| port.ids(1))).await.iter().all(Result::is_ok)
    );
    assert_eq!(asked("POST /token"), 2);
    // One that is taken back at once: a second try, and no third.
    sandbox.set(|faults| (faults.status, faults.only) = (401, "generateIds".to_owned()));
    let before = asked("GET /drive/v3/files/generateIds");
    assert_eq!(port.ids(1).await, Err(Trouble::Unauthorized));
    assert_eq!(asked("GET /drive/v3/files/generateIds") - before, 2);
}

#[tokio::test]
async fn tokens_that_live_shortly_are_renewed_early() {
    let (sandbox, port) = bench().await;
    sandbox.set(|faults| faults.token_seconds = 1);
    port.ids(1).await.unwrap();
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while sandbox.asked()["POST /token"] < 3 {
        port.ids(1).await.unwrap();
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    sandbox.set(|faults| faults.token_error = "invalid_grant".to_owned());
    sandbox.end_tokens();
    let refused = loop {
        if let Err(trouble) = port.ids(1).await {
            break trouble;
        }
    };
    assert!(refused.to_string().contains("invalid_grant"), "{refused}");
}

#[tokio::test]
async fn what_passes_is_waited_out_and_the_rest_is_told() {
    let (sandbox, port) = bench().await;
    port.ids(1).await.unwrap();
    sandbox.set(|faults| {
        (faults.status, faults.times) = (403, 1);
        faults.reason = "userRateLimitExceeded".to_owned();
        faults.retry_after = Some(0);
    });
    port.ids(1).await.unwrap();
    sandbox.set(|faults| {
        (faults.status, faults.times, faults.retry_after) = (429, 0, Some(3600));
    });
    let Err(Trouble::Passing { after, .. }) = port.ids(1).await else { panic!() };
    assert_eq!(after.unwrap().as_secs(), 3600, "too long to be waited for here");
    sandbox.set(|faults| {
        (faults.status, faults.retry_after, faults.bare) = (403, None, true);
        faults.reason = "domainPolicy".to_owned();
    });
    assert!(port.ids(1).await.unwrap_err().is_for("domainPolicy"));
    sandbox.set(|faults| faults.reason = "sharingRateLimitExceeded".to_owned());
    assert!(matches!(port.ids(1).await, Err(Trouble::Limited { .. })));
}
