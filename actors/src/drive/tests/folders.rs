//! Folders made, lost, found, shared.

use zelador_store::drive::FolderState;

use super::queries::FolderFilter;
use super::*;
use crate::error::{Error, Refusal};

const FOUR: [&str; 4] = ["Ana _ Souza", "erros", "novos", "processados"];

#[tokio::test]
async fn folders_are_made_once_on_both_sides() {
    let bench = Bench::new();
    let user = bench.user(Some("ana@sol.example")).await;
    let view = bench.made(user).await;
    assert_eq!(bench.toy.names(), FOUR);
    assert_eq!(bench.toy.writers(), ["ana@sol.example"]);
    assert_eq!(view.shared_with(), Some("ana@sol.example"));
    let top = bench.dir.path().join(user.to_string());
    assert_eq!(view.local_path(), top.to_str());
    assert_eq!(std::fs::read_dir(&top).unwrap().count(), 3);
    let calls = bench.toy.0.lock().calls.clone();
    assert_eq!(
        calls,
        ["ids", "make", "make", "make", "make", "shares", "share"],
        "no more than needed"
    );
    assert_eq!(bench.events("drive.folder_created").await, 1);
    // For folders that are ready nothing is begun.
    let again = bench.desk.create(user, &operator(), None).await.unwrap();
    assert_eq!((again.job, again.folder.state.word()), (view.folder.unwrap().job, "ready"));
    assert_eq!(bench.toy.0.lock().calls.len(), 7);
}

/// Each call's answer is lost once, and then each call once is not done at all.
#[tokio::test]
async fn whatever_is_lost_nothing_is_doubled() {
    for done in [true, false] {
        for at in 0..7 {
            let bench = Bench::new();
            let user = bench.user(Some("ana@sol.example")).await;
            let mut fates = vec![None; at];
            fates.push(Some(done));
            bench.toy.0.lock().fates = fates;
            bench.made(user).await;
            assert_eq!(bench.toy.names(), FOUR, "call {at}, done: {done}");
            assert_eq!(bench.toy.writers().len(), 1);
            assert_eq!(bench.events("drive.folder_created").await, 1);
        }
    }
}

#[tokio::test]
async fn what_was_taken_away_comes_back() {
    let bench = Bench::new();
    let user = bench.user(None).await;
    let view = bench.made(user).await;
    assert_eq!(view.shared_with(), None, "there is no address");
    let (top, novos) = (view.drive_folder().unwrap(), view.novos_folder().unwrap());
    {
        let mut state = bench.toy.0.lock();
        state.files.remove(novos);
        for file in state.files.values_mut() {
            match file.name.as_str() {
                "erros" => file.trashed = true,
                "processados" => file.parent = Some("elsewhere".into()),
                _ => {}
            }
        }
    }
    std::fs::remove_dir(bench.dir.path().join(user.to_string()).join("erros")).unwrap();
    let again = bench.made_again(user).await;
    assert_eq!(again.drive_folder(), Some(top));
    assert_ne!(again.novos_folder(), Some(novos), "its id is spent");
    assert_eq!(bench.toy.names(), FOUR);
    let state = bench.toy.0.lock();
    assert!(
        state
            .files
            .values()
            .all(|file| !file.trashed && file.parent.as_deref() != Some("elsewhere"))
    );
    assert_eq!(std::fs::read_dir(bench.dir.path().join(user.to_string())).unwrap().count(), 3);
}

#[tokio::test]
async fn the_share_follows_the_address() {
    let bench = Bench::new();
    let user = bench.user(Some("ana@old.example")).await;
    bench.made(user).await;
    bench.change(user, |user| user.email = Some("ana@new.example".into())).await;
    bench.toy.0.lock().unknown.insert("ana@new.example".into());
    let view = bench.made_again(user).await;
    assert_eq!(bench.toy.writers(), ["ana@new.example"]);
    assert_eq!(view.shared_with(), Some("ana@new.example"));
    assert_eq!(bench.toy.0.lock().mailed, ["ana@new.example"], "Google does not know it");
}

#[tokio::test]
async fn a_ban_takes_the_share_back_and_the_return_gives_it_again() {
    let bench = Bench::new();
    let user = bench.user(Some("ana@sol.example")).await;
    bench.follows(user, WITHDRAW).await;
    bench.made(user).await;
    bench.change(user, |user| user.status = Status::Banned).await;
    bench.follows(user, WITHDRAW).await;
    bench.follows(user, WITHDRAW).await;
    assert!(bench.toy.writers().is_empty());
    assert_eq!(bench.view(user).await.shared_with(), None);
    bench.made_again(user).await;
    assert!(bench.toy.writers().is_empty(), "it stays back");
    // A return that is overtaken by another ban gives nothing.
    bench.follows(user, RESTORE).await;
    assert!(bench.toy.writers().is_empty());
    bench.change(user, |user| user.status = Status::Active).await;
    bench.follows(user, RESTORE).await;
    assert_eq!(bench.toy.writers(), ["ana@sol.example"]);
    assert_eq!(bench.view(user).await.shared_with(), Some("ana@sol.example"));
}

#[tokio::test]
async fn what_cannot_be_made_is_failed_and_may_be_asked_for_again() {
    let bench = Bench::new();
    let user = bench.user(None).await;
    bench.toy.0.lock().fates = vec![Some(false); 3];
    bench.desk.create(user, &operator(), None).await.unwrap();
    let view = bench.reaches(user, "failed").await;
    assert!(view.error().unwrap().contains("the answer is lost"), "{view:?}");
    assert_eq!(bench.events("drive.folder_failed").await, 1);
    let asked = bench.desk.create(user, &operator(), None).await.unwrap();
    assert_ne!(asked.job, view.folder.unwrap().job);
    let view = bench.reaches(user, "ready").await;
    assert_eq!((view.error(), bench.toy.names().len()), (None, 4));
}

#[tokio::test]
async fn two_who_ask_at_once_ask_once() {
    let bench = Bench::new();
    let user = bench.user(None).await;
    let by = operator();
    let asked = futures::future::join_all((0..8).map(|_| bench.desk.create(user, &by, None))).await;
    let jobs: Vec<_> = asked.into_iter().map(|asked| asked.unwrap().job).collect();
    assert!(jobs.windows(2).all(|two| two[0] == two[1]), "{jobs:?}");
    bench.reaches(user, "ready").await;
    assert_eq!(bench.toy.names(), FOUR);
}

#[tokio::test]
async fn whoever_is_gone_has_no_folders() {
    let bench = Bench::new();
    let nobody = bench.world.shell.id();
    let refused = bench.desk.create(nobody, &operator(), None).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Absent { what: "user" }))));
    let user = bench.user(None).await;
    let now = bench.world.shell.now();
    bench.change(user, |user| user.deleted_at = Some(now)).await;
    assert!(bench.desk.create(user, &operator(), None).await.is_err());
    bench.settings.send_modify(|settings| {
        Arc::make_mut(settings).mode = crate::drive::Mode::Off;
    });
    let off = bench.desk.create(user, &operator(), None).await;
    assert!(matches!(off, Err(Error::Refused(Refusal::Conflict { code: "concern_off", .. }))));
}

#[tokio::test]
async fn what_the_sandbox_made_is_forgotten_before_the_real_one_comes() {
    let bench = Bench::new();
    let user = bench.user(None).await;
    bench.made(user).await;
    bench.settings.send_modify(|settings| {
        Arc::make_mut(settings).mode = crate::drive::Mode::Live;
    });
    let refused = bench.desk.recreate(user, &operator(), None).await;
    assert!(matches!(
        refused,
        Err(Error::Refused(Refusal::Conflict { code: "sandbox_records", .. }))
    ));
    assert_eq!(bench.desk.purge().await.unwrap(), 1);
    assert_eq!(bench.desk.purge().await.unwrap(), 0);
    assert!(!bench.made(user).await.folder.unwrap().sandbox);
}

#[tokio::test]
async fn lists_go_page_by_page_narrowed_by_tenant_and_state() {
    let bench = Bench::new();
    let (ana, eva) = (bench.user(None).await, bench.user(None).await);
    let view = bench.made(ana).await;
    bench.made(eva).await;
    let tenant = view.folder.unwrap().tenant;
    let seen = async |filter: FolderFilter| {
        let (mut users, mut after) = (Vec::new(), None);
        loop {
            let page = queries::list(&bench.world.shell, &filter, after, 1).await.unwrap();
            users.extend(page.rows.iter().map(|view| view.user));
            after = page.next;
            if after.is_none() {
                return users;
            }
        }
    };
    let all = seen(FolderFilter::default()).await;
    assert!(all.len() == 2 && all.contains(&ana) && all.contains(&eva), "{all:?}");
    let of = |tenant, state| FolderFilter { tenant, states: vec![state] };
    assert_eq!(seen(of(Some(tenant), FolderState::Ready)).await, [ana]);
    assert!(seen(of(None, FolderState::Failed)).await.is_empty());
}
