//! What both ways do alike.

use zelador_actors::nextcloud::rules::{Class, Edit, Quota};

use super::{PASSWORD, id, is_whole, password, ports, sandbox, wanted};

#[tokio::test]
async fn an_account_is_made_whole_in_one_go() {
    let sandbox = sandbox().await;
    for (way, port) in ports(&sandbox) {
        for name in ["plain", "o'brien", "a b", "user@example.org"] {
            let wanted = wanted(&format!("{way} {name}"));
            port.create(&wanted, &password()).await.unwrap();
            is_whole(port.as_ref(), &wanted).await;
            assert!(sandbox.opens(wanted.id.text(), PASSWORD), "{way} {name}");
        }
    }
    let asked = sandbox.asked();
    assert_eq!(asked.get("PUT users/…"), None, "HTTP spends no edits: {asked:?}");
}

#[tokio::test]
async fn a_taken_id_is_said_to_be_taken_and_not_touched() {
    let sandbox = sandbox().await;
    for (way, port) in ports(&sandbox) {
        let first = wanted(way);
        port.create(&first, &password()).await.unwrap();
        let mut second = wanted(&way.to_uppercase());
        second.quota = Quota::parse("1 GB").unwrap();
        let trouble = port.create(&second, &"another password 2".into()).await.unwrap_err();
        assert_eq!((trouble.class, trouble.doubt), (Class::Taken, true), "{way}");
        is_whole(port.as_ref(), &first).await;
        assert!(sandbox.opens(way, PASSWORD));
    }
}

#[tokio::test]
async fn an_account_is_found_whatever_its_letters() {
    let sandbox = sandbox().await;
    for (way, port) in ports(&sandbox) {
        assert_eq!(port.find(&id("nobody")).await.unwrap(), None, "{way}");
        port.create(&wanted(&way.to_uppercase()), &password()).await.unwrap();
        let seen = port.find(&id(way)).await.unwrap().unwrap();
        assert_eq!(seen.id, way.to_uppercase());
        assert!(id(way).is(&seen.id));
    }
}

#[tokio::test]
async fn edits_switches_and_deletion_can_be_done_twice() {
    let sandbox = sandbox().await;
    for (way, port) in ports(&sandbox) {
        let mut wanted = wanted(way);
        port.create(&wanted, &password()).await.unwrap();
        wanted.quota = Quota::parse("1.5 GB").unwrap();
        wanted.language = Some("es".to_owned());
        wanted.enabled = false;
        let edits = [
            Edit::Quota(wanted.quota),
            Edit::Language("es".to_owned()),
            Edit::Enabled(false),
            Edit::Join("another".to_owned()),
            Edit::Leave("another".to_owned()),
        ];
        for edit in edits.iter().chain(&edits) {
            port.edit(&wanted.id, edit).await.unwrap();
        }
        is_whole(port.as_ref(), &wanted).await;
        for _ in 0..2 {
            port.delete(&wanted.id).await.unwrap();
        }
        assert_eq!(port.find(&wanted.id).await.unwrap(), None, "{way}");
    }
}

#[tokio::test]
async fn what_is_done_to_nobody_is_said() {
    let sandbox = sandbox().await;
    for (way, port) in ports(&sandbox) {
        let edits =
            [Edit::Enabled(false), Edit::Quota(Quota::Unlimited), Edit::Join("staff".to_owned())];
        for edit in edits {
            let trouble = port.edit(&id("nobody"), &edit).await.unwrap_err();
            assert_eq!(trouble.class, Class::UnknownUser, "{way} {edit:?}: {trouble}");
        }
    }
}

#[tokio::test]
async fn status_counts_and_lists() {
    let sandbox = sandbox().await;
    for (way, port) in ports(&sandbox) {
        let status = port.status().await.unwrap();
        assert_eq!((status.version.as_str(), status.maintenance), ("32.0.1", false));
        let before = port.count().await.unwrap();
        for at in 0..3 {
            port.create(&wanted(&format!("{way}{at}")), &password()).await.unwrap();
        }
        assert_eq!(port.count().await.unwrap(), before + 3);
        let first = port.list(0, 2).await.unwrap();
        let rest = port.list(2, 500).await.unwrap();
        assert_eq!(first.len(), 2);
        let mut all = [first, rest].concat();
        all.sort_by_key(|id| id.to_lowercase());
        let mut ids = sandbox.ids();
        ids.sort_by_key(|id| id.to_lowercase());
        assert_eq!(all, ids);
    }
}

#[tokio::test]
async fn maintenance_is_waited_for_and_nothing_is_made() {
    let sandbox = sandbox().await;
    sandbox.maintain(true);
    for (way, port) in ports(&sandbox) {
        let trouble = port.create(&wanted(way), &password()).await.unwrap_err();
        assert_eq!((trouble.class, trouble.doubt), (Class::Maintenance, false), "{way}: {trouble}");
        assert!(trouble.class.snoozes() && trouble.after.is_some());
        assert!(port.status().await.unwrap().maintenance);
        assert!(sandbox.account(way).is_none());
    }
}

#[tokio::test]
async fn the_policy_speaks_for_itself() {
    let sandbox = sandbox().await;
    for (way, port) in ports(&sandbox) {
        let trouble = port.create(&wanted(way), &"password".into()).await.unwrap_err();
        assert_eq!((trouble.class, trouble.doubt), (Class::Policy, false), "{way}");
        assert!(trouble.words.contains("at least 10 characters"), "{trouble}");
    }
}
