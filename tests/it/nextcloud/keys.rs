//! Who the host is, and who we are: pins, private keys, kept connections.

use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{HashAlg, PrivateKey, PublicKey};
use zelador_actors::nextcloud::Port as _;
use zelador_actors::nextcloud::rules::Class;
use zelador_actors::nextcloud::ssh::{HostPin, SshAuth, SshPort};

use super::{id, password, sandbox, ssh_target, wanted};

fn ed25519(seed: u8) -> PrivateKey {
    PrivateKey::new(KeypairData::from(Ed25519Keypair::from_seed(&[seed; 32])), "test").unwrap()
}

fn text_of(key: &PrivateKey) -> String {
    key.to_openssh(LineEnding::LF).unwrap().to_string()
}

#[tokio::test]
async fn the_pinned_host_is_believed_in_three_forms() {
    let sandbox = sandbox().await;
    let line = sandbox.host_key();
    let key = PublicKey::from_openssh(&line).unwrap();
    let forms = [
        line.clone(),
        format!("[127.0.0.1]:{} {line} comment", sandbox.ssh.port()),
        key.fingerprint(HashAlg::Sha256).to_string(),
    ];
    for form in forms {
        let mut target = ssh_target(&sandbox);
        target.host_key = HostPin::parse(&form).unwrap();
        SshPort::new(target).unwrap().status().await.unwrap();
    }
    for form in ["", "SHA256:short", "ssh-ed25519 nonsense", "ssh-ed25519", "127.0.0.1"] {
        assert!(HostPin::parse(form).is_err(), "{form}");
    }
}

#[tokio::test]
async fn another_host_key_ends_it_before_anything_is_said() {
    let sandbox = sandbox().await;
    let other = ed25519(9).public_key().clone();
    let forms = [other.to_openssh().unwrap(), other.fingerprint(HashAlg::Sha256).to_string()];
    for form in forms {
        let mut target = ssh_target(&sandbox);
        target.host_key = HostPin::parse(&form).unwrap();
        let port = SshPort::new(target).unwrap();
        let trouble = port.create(&wanted("ana"), &password()).await.unwrap_err();
        assert_eq!((trouble.class, trouble.doubt), (Class::HostKey, false), "{trouble}");
        assert!(trouble.class.opens_breaker());
        assert!(trouble.words.contains(&other.fingerprint(HashAlg::Sha256).to_string()));
    }
    assert!(sandbox.ran().is_empty() && sandbox.account("ana").is_none());
}

#[tokio::test]
async fn private_keys_of_both_sorts_log_in() {
    let sandbox = sandbox().await;
    let ecdsa = PrivateKey::from_openssh(ECDSA).unwrap();
    for key in [ed25519(1), ecdsa] {
        sandbox.admit(key.public_key().clone());
        let mut target = ssh_target(&sandbox);
        target.auth = SshAuth::Key { key: text_of(&key).into(), passphrase: None };
        SshPort::new(target).unwrap().status().await.unwrap();
    }
    let mut target = ssh_target(&sandbox);
    target.auth = SshAuth::Key { key: text_of(&ed25519(2)).into(), passphrase: None };
    let trouble = SshPort::new(target).unwrap().status().await.unwrap_err();
    assert_eq!(trouble.class, Class::WrongCredentials);
    let mut target = ssh_target(&sandbox);
    target.auth = SshAuth::Key { key: "nonsense".into(), passphrase: None };
    assert!(SshPort::new(target).is_err());
}

/// Made by `ssh-keygen -t ecdsa` for this test alone.
const ECDSA: &str = "\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS
1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQTOl2clMvBAByy8sWPnhCW5qt0Xwn+D
c6qGhN0Ukuafr9UKaZfyBFkw/++bNBQAC0wiLFwvKvC2rxCJ+CpgGp52AAAAoBGdougRna
LoAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBM6XZyUy8EAHLLyx
Y+eEJbmq3RfCf4NzqoaE3RSS5p+v1Qppl/IEWTD/75s0FAALTCIsXC8q8LavEIn4KmAann
YAAAAgP9xSaJhS9swjkr56ffbgZS2o+h949NoEUR5DltSwaGoAAAAEdGVzdAECAwQ=
-----END OPENSSH PRIVATE KEY-----
";

/// Made by `ssh-keygen -t ed25519 -N canary` for this test alone.
const ENCRYPTED: &str = "\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABCMkMrVrY
V090Swa3RXmae0AAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIJIapQDs/m7X+WlK
TT5qv47meiGv/7FxCuULOqd5SKOhAAAAkBVw3OS8QWt8cDLo8lVzTyWRkzohVM+GERxHYY
NDq65zXGoahQ6gKTIA1Zyeu8wQnguEefAYb4SDW7DNoj1XjjoZv5r0BaNSK4G5jsjJIafV
3o3s3A0Rs5f5HhrcPAEF5FJ+bwm4k7bZlIPao+2hzOTcL9SEJOerbRTr6ZFp0XSRUJNHB6
rMww3Vf0hpYAwS3g==
-----END OPENSSH PRIVATE KEY-----
";

#[tokio::test]
async fn an_encrypted_key_opens_with_its_passphrase() {
    let sandbox = sandbox().await;
    let key = PrivateKey::from_openssh(ENCRYPTED).unwrap();
    sandbox.admit(key.public_key().clone());
    let target = |passphrase: Option<&str>| {
        let mut target = ssh_target(&sandbox);
        let passphrase = passphrase.map(Into::into);
        target.auth = SshAuth::Key { key: ENCRYPTED.into(), passphrase };
        target
    };
    SshPort::new(target(Some("canary"))).unwrap().status().await.unwrap();
    for wrong in [None, Some("wrong")] {
        let error = SshPort::new(target(wrong)).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn the_connection_is_kept_and_made_anew() {
    let sandbox = sandbox().await;
    let port = SshPort::new(ssh_target(&sandbox)).unwrap();
    for _ in 0..3 {
        port.status().await.unwrap();
    }
    sandbox.set(|faults| faults.cut_after_create_percent = 100);
    assert!(port.create(&wanted("ana"), &password()).await.unwrap_err().doubt);
    // The connection died with the command; the next call makes another.
    assert!(port.find(&id("ana")).await.unwrap().is_some());
    let many = (0..6).map(|_| port.status());
    for status in futures::future::join_all(many).await {
        status.unwrap();
    }
}
