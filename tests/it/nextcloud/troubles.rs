//! What is wrong with an instance is told apart, and the right thing follows.

use std::time::Duration;

use zelador::sandbox::nextcloud::Sudo;
use zelador_actors::nextcloud::Port;
use zelador_actors::nextcloud::http::HttpPort;
use zelador_actors::nextcloud::rules::{Class, Edit, Quota};
use zelador_actors::nextcloud::ssh::{SshAuth, SshPort};

use super::{PASSWORD, http_target, id, is_whole, password, ports, sandbox, ssh_target, wanted};

#[tokio::test]
async fn wrong_credentials_open_the_breaker() {
    let sandbox = sandbox().await;
    let mut http = http_target(&sandbox);
    http.password = "canary wrong".into();
    let mut ssh = ssh_target(&sandbox);
    ssh.auth = SshAuth::Password("canary wrong".into());
    let ports: [Box<dyn Port>; 2] =
        [Box::new(HttpPort::new(http).unwrap()), Box::new(SshPort::new(ssh).unwrap())];
    for port in ports {
        let trouble = port.create(&wanted("ana"), &password()).await.unwrap_err();
        assert_eq!((trouble.class, trouble.doubt), (Class::WrongCredentials, false));
        assert!(trouble.class.opens_breaker());
        assert!(!format!("{trouble:?} {trouble}").contains("canary"), "{trouble:?}");
    }
}

#[tokio::test]
async fn a_locked_address_is_left_alone_for_long() {
    let sandbox = sandbox().await;
    let mut wrong = http_target(&sandbox);
    wrong.password = "wrong".into();
    let (wrong, right) =
        (HttpPort::new(wrong).unwrap(), HttpPort::new(http_target(&sandbox)).unwrap());
    for _ in 0..11 {
        assert_eq!(wrong.find(&id("ana")).await.unwrap_err().class, Class::WrongCredentials);
    }
    let trouble = right.find(&id("ana")).await.unwrap_err();
    assert_eq!(trouble.class, Class::Throttled);
    assert_eq!(trouble.after, Some(Duration::from_secs(30 * 60)));
    right.status().await.unwrap();
}

#[tokio::test]
async fn edits_beyond_the_allowance_are_throttled_and_creations_are_not() {
    let sandbox = sandbox().await;
    let port = HttpPort::new(http_target(&sandbox)).unwrap();
    port.create(&wanted("ana"), &password()).await.unwrap();
    let edit = Edit::Quota(Quota::parse("1 GB").unwrap());
    for _ in 0..50 {
        port.edit(&id("ana"), &edit).await.unwrap();
    }
    let trouble = port.edit(&id("ana"), &edit).await.unwrap_err();
    assert_eq!((trouble.class, trouble.doubt), (Class::Throttled, false));
    assert_eq!(trouble.after, Some(Duration::from_secs(600)));
    port.create(&wanted("bob"), &password()).await.unwrap();
    port.edit(&id("bob"), &Edit::Enabled(false)).await.unwrap();
    port.edit(&id("bob"), &Edit::Join("more".to_owned())).await.unwrap();
}

#[tokio::test]
async fn a_dead_instance_is_unreachable() {
    let sandbox = sandbox().await;
    sandbox.set(|faults| faults.dead = true);
    for (way, port) in ports(&sandbox) {
        let trouble = port.create(&wanted(way), &password()).await.unwrap_err();
        assert_eq!(trouble.class, Class::Unreachable, "{way}: {trouble}");
        assert!(trouble.class.passes());
        assert_eq!(port.status().await.unwrap_err().class, Class::Unreachable);
    }
    let mut nowhere = http_target(&sandbox);
    nowhere.base_url = "http://127.0.0.1:1".to_owned();
    let trouble = HttpPort::new(nowhere).unwrap().create(&wanted("x"), &password()).await;
    let trouble = trouble.unwrap_err();
    assert_eq!((trouble.class, trouble.doubt), (Class::Unreachable, false), "{trouble}");
    let mut nowhere = ssh_target(&sandbox);
    nowhere.port = 1;
    let trouble = SshPort::new(nowhere).unwrap().create(&wanted("x"), &password()).await;
    let trouble = trouble.unwrap_err();
    assert_eq!((trouble.class, trouble.doubt), (Class::Unreachable, false), "{trouble}");
}

#[tokio::test]
async fn a_wrong_name_or_path_is_named() {
    let sandbox = sandbox().await;
    for (base, word) in [
        (sandbox.url().replace("127.0.0.1", "127.0.0.2"), ""),
        (format!("{}/elsewhere", sandbox.url()), "base_url"),
    ] {
        let mut target = http_target(&sandbox);
        target.base_url = base;
        let trouble = HttpPort::new(target).unwrap().find(&id("ana")).await.unwrap_err();
        let known = matches!(trouble.class, Class::Misconfigured | Class::Unreachable);
        assert!(known && trouble.words.contains(word), "{trouble}");
    }
    for base in ["", "cloud.example.org", "ftp://a", "http://", "https://user:secret@a"] {
        let mut target = http_target(&sandbox);
        target.base_url = base.to_owned();
        assert!(HttpPort::new(target).is_err(), "{base}");
    }
}

#[tokio::test]
async fn ways_to_occ_that_are_wrong_are_named() {
    let sandbox = sandbox().await;
    let changes: [(&str, fn(&mut zelador_actors::nextcloud::ssh::SshTarget)); 3] = [
        ("occ_path", |target| target.occ_path = "/srv/nothere/occ".to_owned()),
        ("PHP", |target| target.php = "/opt/php9".to_owned()),
        ("run_as", |target| target.run_as = Some("nobody".to_owned())),
    ];
    for (word, change) in changes {
        let mut target = ssh_target(&sandbox);
        change(&mut target);
        let port = SshPort::new(target).unwrap();
        let trouble = port.create(&wanted("ana"), &password()).await.unwrap_err();
        assert_eq!((trouble.class, trouble.doubt), (Class::Misconfigured, false), "{trouble}");
        assert!(trouble.words.contains(word), "{trouble}");
        assert!(trouble.class.opens_breaker());
        assert_eq!(port.delete(&id("ana")).await.unwrap_err().class, Class::Misconfigured);
    }
}

/// Exit 0, and nothing done: every command notices.
#[tokio::test]
async fn the_wrong_unix_user_fools_nobody() {
    let sandbox = sandbox().await;
    let port = SshPort::new(ssh_target(&sandbox)).unwrap();
    port.create(&wanted("ana"), &password()).await.unwrap();
    for readable in [false, true] {
        sandbox.set(|faults| {
            faults.config_owner = "apache".to_owned();
            faults.config_readable = readable;
        });
        let edits = [
            Edit::Enabled(true),
            Edit::Quota(Quota::Unlimited),
            Edit::Join("staff".to_owned()),
            Edit::Language("de".to_owned()),
        ];
        let mut troubles = vec![
            port.create(&wanted("bob"), &password()).await.unwrap_err(),
            port.delete(&id("ana")).await.unwrap_err(),
            port.find(&id("ana")).await.unwrap_err(),
            port.count().await.unwrap_err(),
            port.list(0, 5).await.unwrap_err(),
            port.status().await.unwrap_err(),
        ];
        for edit in &edits {
            troubles.push(port.edit(&id("ana"), edit).await.unwrap_err());
        }
        for trouble in troubles {
            assert_eq!(trouble.class, Class::Misconfigured, "{readable}: {trouble}");
            assert!(trouble.words.contains("run_as"), "{trouble}");
        }
    }
    assert!(sandbox.account("bob").is_none());
}

#[tokio::test]
async fn sudo_works_or_says_what_it_lacks() {
    let sandbox = sandbox().await;
    sandbox.set(|faults| faults.config_owner = "apache".to_owned());
    let mut target = ssh_target(&sandbox);
    target.run_as = Some("apache".to_owned());
    let port = SshPort::new(target).unwrap();
    port.create(&wanted("ana"), &password()).await.unwrap();
    is_whole(&port, &wanted("ana")).await;
    assert!(sandbox.opens("ana", PASSWORD));
    for (sudo, word) in [(Sudo::KeepsNothing, "SETENV"), (Sudo::AsksPassword, "NOPASSWD")] {
        sandbox.set(|faults| faults.sudo = sudo);
        let trouble = port.create(&wanted("bob"), &password()).await.unwrap_err();
        assert_eq!(trouble.class, Class::Misconfigured);
        assert!(trouble.words.contains(word), "{trouble}");
    }
}
