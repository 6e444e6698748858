//! The SSH server itself: who is let in, and that commands run there.

use std::sync::Arc;

use russh::client::{Config, Handle, Handler, connect};
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate};
use russh::{ChannelMsg, Disconnect};

use super::{PASSWORD, Plan, Rig};

/// Believes one key.
struct Visitor(PublicKey);

impl Handler for Visitor {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else { return Ok(false) };
        Ok(key.key_data() == self.0.key_data())
    }
}

async fn visit(rig: &Rig) -> Handle<Visitor> {
    let visitor = Visitor(PublicKey::from_openssh(&rig.sandbox.host_key()).unwrap());
    connect(Arc::new(Config::default()), rig.sandbox.ssh, visitor).await.unwrap()
}

fn key(seed: u8) -> PrivateKey {
    PrivateKey::new(KeypairData::from(Ed25519Keypair::from_seed(&[seed; 32])), "test").unwrap()
}

#[tokio::test]
async fn who_is_let_in() {
    let rig = Rig::new().await;
    rig.sandbox.admit(key(1).public_key().clone());
    let password = Plan::default().password;
    for (user, secret, right) in [
        ("www-data", password.as_str(), true),
        ("www-data", "wrong", false),
        ("root", &password, false),
    ] {
        let result = visit(&rig).await.authenticate_password(user, secret).await.unwrap();
        assert_eq!(result.success(), right, "{user}");
    }
    for (seed, right) in [(1, true), (2, false)] {
        let key = PrivateKeyWithHashAlg::new(Arc::new(key(seed)), None);
        let result = visit(&rig).await.authenticate_publickey("www-data", key).await.unwrap();
        assert_eq!(result.success(), right, "{seed}");
    }
    rig.sandbox.set(|faults| faults.ssh_refuses = true);
    let result = visit(&rig).await.authenticate_password("www-data", &password).await.unwrap();
    assert!(!result.success());
}

#[tokio::test]
async fn a_command_runs_and_its_streams_come_back() {
    let rig = Rig::new().await;
    let mut handle = visit(&rig).await;
    handle.authenticate_password("www-data", Plan::default().password).await.unwrap();
    let mut channel = handle.channel_open_session().await.unwrap();
    let script = "IFS= read -r OC_PASS; export OC_PASS; php /var/www/nextcloud/occ user:add --password-from-env eve; php /var/www/nextcloud/occ no:such";
    channel.exec(true, script).await.unwrap();
    channel.data(format!("{PASSWORD}\n").as_bytes()).await.unwrap();
    channel.eof().await.unwrap();
    let (mut out, mut err, mut code) = (Vec::new(), Vec::new(), None);
    while let Some(message) = channel.wait().await {
        match message {
            ChannelMsg::Data { data } => out.extend_from_slice(&data),
            ChannelMsg::ExtendedData { data, ext: 1 } => err.extend_from_slice(&data),
            ChannelMsg::ExitStatus { exit_status } => code = Some(exit_status),
            _ => {}
        }
    }
    assert_eq!(code, Some(1));
    assert!(String::from_utf8(out).unwrap().contains("The account \"eve\" was created"));
    assert!(String::from_utf8(err).unwrap().contains("is not defined"));
    assert!(rig.sandbox.opens("eve", PASSWORD));
    handle.disconnect(Disconnect::ByApplication, "", "").await.unwrap();
}

#[tokio::test]
async fn a_cut_ends_the_connection_without_an_answer() {
    let rig = Rig::new().await;
    rig.sandbox.set(|faults| faults.cut_after_create_percent = 100);
    let mut handle = visit(&rig).await;
    handle.authenticate_password("www-data", Plan::default().password).await.unwrap();
    let mut channel = handle.channel_open_session().await.unwrap();
    let script =
        format!("OC_PASS='{PASSWORD}' php /var/www/nextcloud/occ user:add --password-from-env eve");
    channel.exec(true, script).await.unwrap();
    let mut code = None;
    while let Some(message) = channel.wait().await {
        if let ChannelMsg::ExitStatus { exit_status } = message {
            code = Some(exit_status);
        }
    }
    assert_eq!(code, None);
    assert!(rig.has("eve"));
}
