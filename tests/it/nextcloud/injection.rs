//! Hostile names, groups and addresses over SSH: nothing is executed, nothing is
//! mangled.

use std::collections::BTreeSet;

use zelador_actors::nextcloud::Port as _;
use zelador_actors::nextcloud::rules::{Class, Edit};
use zelador_actors::nextcloud::ssh::SshPort;

use super::{PASSWORD, id, is_whole, password, sandbox, ssh_target, wanted};

/// What would be executed by a shell that was not told better.
const CORPUS: [&str; 22] = [
    "João'; rm -rf /tmp/canary; echo '",
    "$(touch /tmp/canary)",
    "`touch /tmp/canary`",
    "\"; touch /tmp/canary; \"",
    "a && touch /tmp/canary",
    "a || touch /tmp/canary",
    "a | touch /tmp/canary",
    "a & touch /tmp/canary",
    "a > /tmp/canary",
    "a 2>&1",
    "< /etc/passwd",
    "--password-from-env",
    "--help",
    "-dash",
    "--",
    "'",
    "''\"''\"",
    "\\",
    "\\'; touch /tmp/canary #",
    "${IFS}touch${IFS}/tmp/canary",
    "!! * ? [a-z] {a,b} ~ #",
    "日本 \u{202e}reversed \u{1f600}",
];

/// The only programs that our commands may start.
fn allowed() -> BTreeSet<&'static str> {
    BTreeSet::from(["read", "export", "php", "sudo"])
}

#[tokio::test]
async fn nothing_is_executed_and_nothing_is_mangled() {
    let sandbox = sandbox().await;
    let port = SshPort::new(ssh_target(&sandbox)).unwrap();
    for (at, value) in CORPUS.iter().enumerate() {
        let mut hostile = wanted(&format!("user {at}"));
        hostile.display_name = Some((*value).to_owned());
        hostile.groups = BTreeSet::from([format!("{value} {at}")]);
        port.create(&hostile, &password())
            .await
            .unwrap_or_else(|trouble| panic!("{value}: {trouble}"));
        is_whole(&port, &hostile).await;
        let name = format!("{value} again");
        port.edit(&hostile.id, &Edit::DisplayName(name.clone())).await.unwrap();
        port.edit(&hostile.id, &Edit::Leave(format!("{value} {at}"))).await.unwrap();
        port.edit(&hostile.id, &Edit::Join(format!("{value} other"))).await.unwrap();
        let seen = sandbox.account(hostile.id.text()).unwrap();
        assert_eq!(seen["displayname"].as_str(), Some(name.as_str()));
        assert_eq!(seen["groups"][0].as_str(), Some(format!("{value} other").as_str()));
    }
    let ran = sandbox.ran();
    let foreign: Vec<_> = ran.keys().filter(|name| !allowed().contains(name.as_str())).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(sandbox.opens("user 0", PASSWORD));
}

#[tokio::test]
async fn hostile_addresses_are_refused_and_not_executed() {
    let sandbox = sandbox().await;
    let port = SshPort::new(ssh_target(&sandbox)).unwrap();
    for (at, value) in CORPUS.iter().enumerate() {
        let mut hostile = wanted(&format!("user {at}"));
        hostile.email = Some(format!("{value}@example.org"));
        // Taken or not: it is the server's to say.
        let _ = port.create(&hostile, &password()).await;
    }
    let ran = sandbox.ran();
    assert!(ran.keys().all(|name| allowed().contains(name.as_str())), "{ran:?}");
}

#[tokio::test]
async fn line_breaks_become_blanks_or_are_refused() {
    let sandbox = sandbox().await;
    let port = SshPort::new(ssh_target(&sandbox)).unwrap();
    let mut hostile = wanted("ana");
    hostile.display_name = Some("Ana\ntouch /tmp/canary\n".to_owned());
    port.create(&hostile, &password()).await.unwrap();
    let seen = sandbox.account("ana").unwrap();
    assert_eq!(seen["displayname"].as_str(), Some("Ana touch /tmp/canary "));
    hostile.id = id("bob");
    hostile.groups = BTreeSet::from(["a\ntouch /tmp/canary".to_owned()]);
    let trouble = port.create(&hostile, &password()).await.unwrap_err();
    assert_eq!((trouble.class, trouble.doubt), (Class::Policy, false));
    assert!(sandbox.account("bob").is_none());
}

#[tokio::test]
async fn passwords_of_all_sorts_come_through() {
    let sandbox = sandbox().await;
    let port = SshPort::new(ssh_target(&sandbox)).unwrap();
    let passwords =
        ["  outer spaces  ", "a\\b\\\\c and more", "$(id) `id` '\" ;", "çãé日本 and more"];
    for (at, secret) in passwords.into_iter().enumerate() {
        let name = format!("user{at}");
        port.create(&wanted(&name), &secret.into()).await.unwrap();
        assert!(sandbox.opens(&name, secret), "{secret:?}");
    }
}
