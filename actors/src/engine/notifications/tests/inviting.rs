//! Invitations: a link in a mail, good once, and nowhere else.

use zelador_store::author::{Author, AuthorKind};
use zelador_store::session::Credentials;

use super::stub::Fault;
use super::*;
use crate::engine::notifications::Inviter;

impl Bench {
    /// Invites the person once more; when that was.
    async fn invite(&self) {
        let shell = &self.world.shell;
        let links = Links::new(&"a key for tests".to_owned().into(), []);
        let found = shell.store.get::<Credentials>(&self.user).await.unwrap();
        let mut write = Write::new();
        let (of, by) = ((self.user, self.tenant), Author::new(AuthorKind::Operator, "op"));
        Inviter::fixed(links, 72).stage(shell, &mut write, of, found.as_ref(), &by);
        self.commit(write).await;
    }

    fn sends_invitations(&self) {
        self.set(|settings| settings.invite_url = Some("https://app.example/c?t={token}".into()));
    }
}

/// The texts of invitations in the plain part of a mail, whose lines are wrapped.
fn invitations(mail: &str) -> Vec<String> {
    let plain = mail.replace("=\r\n", "").replace("=3D", "=");
    let mut texts: Vec<_> = plain
        .split("https://app.example/c?t=zli_")
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_hexdigit).collect())
        .collect();
    texts.dedup();
    texts
}

#[tokio::test]
async fn somebody_invited_gets_the_link_and_nobody_else_knows_it() {
    let bench = Bench::new().await;
    bench.sends_invitations();
    bench.invite().await;
    let subjects = bench.arrived(1).await;
    assert_eq!(subjects, ["Elige tu contraseña"]);
    let mail = bench.stub.mails().remove(0);
    let texts = invitations(&mail);
    assert_eq!(texts.len(), 1, "{mail}");
    let found = bench.world.shell.store.get::<Credentials>(&bench.user).await.unwrap().unwrap();
    let invite = found.row.invite.unwrap();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(format!("zli_{}", texts[0]));
    assert_eq!(digest[..], invite.hash, "what the person has is what opens");
    for job in bench.all().await {
        assert!(!job.args.contains(&texts[0]) && !job.args.contains("zli_"), "{}", job.args);
    }
}

/// A second one replaces the first: of the first nobody is told any more.
#[tokio::test]
async fn an_invitation_that_was_replaced_or_used_is_not_sent() {
    let bench = Bench::new().await;
    bench.sends_invitations();
    bench.stub.fails(Some(("MAIL", Fault::Says("451 later"))));
    bench.invite().await;
    bench.settled().await;
    let shell = &bench.world.shell;
    let found = shell.store.get::<Credentials>(&bench.user).await.unwrap().unwrap();
    let used = zelador_store::session::Credential { invite: None, ..found.row.clone() };
    let mut write = Write::new();
    write.update::<Credentials>(&found, &used);
    bench.commit(write).await;
    bench.stub.fails(None);
    bench.forward(2);
    bench.settled().await;
    assert!(bench.stub.mails().is_empty());
}

#[tokio::test]
async fn without_a_page_to_accept_it_nobody_is_sent_one() {
    let bench = Bench::new().await;
    bench.invite().await;
    bench.settled().await;
    assert!(bench.stub.mails().is_empty());
}
