//! Creating is not atomic: whatever becomes of the answer, looking, comparing and
//! repairing ends in one account, as it was wanted.

use futures::future::join_all;
use zelador::sandbox::nextcloud::Faults;
use zelador_actors::nextcloud::rules::Class;

use super::{complete, id, is_whole, password, ports, sandbox, sandbox_with, wanted};

/// A switch that leaves doubt, and the share of it.
type Switch = (&'static str, fn(&mut Faults, u8));

const SWITCHES: [Switch; 4] = [
    ("error after insert", |faults, share| faults.error_after_insert_percent = share),
    ("error after create", |faults, share| faults.error_after_create_percent = share),
    ("cut after insert", |faults, share| faults.cut_after_insert_percent = share),
    ("cut after create", |faults, share| faults.cut_after_create_percent = share),
];

#[tokio::test]
async fn every_way_to_fail_half_way_is_repaired() {
    let sandbox = sandbox().await;
    for (name, switch) in SWITCHES {
        for (way, port) in ports(&sandbox) {
            let wanted = wanted(&format!("{way} {name}"));
            sandbox.set(|faults| switch(faults, 100));
            let trouble = port.create(&wanted, &password()).await.unwrap_err();
            assert!(trouble.doubt, "{way} {name}: {trouble}");
            sandbox.set(|faults| switch(faults, 0));
            // A second go says that the id is taken, and the repair makes it whole.
            complete(port.as_ref(), &wanted).await.unwrap();
            is_whole(port.as_ref(), &wanted).await;
        }
    }
    let ids = sandbox.ids();
    assert_eq!(ids.len(), 1 + SWITCHES.len() * 2, "{ids:?}");
}

#[tokio::test]
async fn racing_creations_end_in_one_account() {
    let sandbox = sandbox_with(Faults { create_ms: 100, ..Faults::default() }).await;
    for (way, port) in ports(&sandbox) {
        let wanted = wanted(way);
        let racers = (0..4).map(|_| complete(port.as_ref(), &wanted));
        for result in join_all(racers).await {
            result.unwrap();
        }
        is_whole(port.as_ref(), &wanted).await;
    }
    assert_eq!(sandbox.ids().len(), 3);
}

#[tokio::test]
async fn a_locked_database_is_doubt_and_not_an_end() {
    let sandbox = sandbox_with(Faults { create_ms: 60, sqlite: true, ..Faults::default() }).await;
    for (way, port) in ports(&sandbox) {
        let ids: Vec<_> = (0..4).map(|at| wanted(&format!("{way}{at}"))).collect();
        let secret = password();
        let all = join_all(ids.iter().map(|wanted| port.create(wanted, &secret))).await;
        for (result, wanted) in all.into_iter().zip(&ids) {
            if let Err(trouble) = result {
                assert_eq!(
                    (trouble.class, trouble.doubt),
                    (Class::Failed, true),
                    "{way}: {trouble}"
                );
                // One at a time, it goes through.
                complete(port.as_ref(), wanted).await.unwrap();
            }
            is_whole(port.as_ref(), wanted).await;
        }
    }
}

#[tokio::test]
async fn a_value_that_the_server_takes_and_refuses_leaves_a_whole_account() {
    let sandbox = sandbox().await;
    for (way, port) in ports(&sandbox) {
        let mut odd = wanted(way);
        odd.email = Some("notmail".to_owned());
        let result = port.create(&odd, &password()).await;
        // HTTP stores it; `occ` makes the account and says no.
        if let Err(trouble) = result {
            assert!(way == "ssh" && trouble.doubt, "{trouble}");
        }
        assert!(port.find(&id(way)).await.unwrap().is_some(), "{way}");
    }
}

#[tokio::test]
async fn a_folder_left_behind_is_said() {
    let sandbox = sandbox().await;
    for (way, port) in ports(&sandbox) {
        port.create(&wanted(way), &password()).await.unwrap();
        sandbox.lose(way);
        let trouble = port.create(&wanted(way), &password()).await.unwrap_err();
        assert_eq!(trouble.class, Class::Policy, "{way}");
        assert!(trouble.words.contains("files already exist"), "{trouble}");
        assert_eq!(port.find(&id(way)).await.unwrap(), None);
    }
}
