//! From the wish for an account to its end, whatever happens on the way.

use std::time::Duration;

use zelador_store::Write;
use zelador_store::job::JobState;
use zelador_store::nextcloud::AccountState;
use zelador_store::user::{User, Users};

use super::{Bench, operator};
use crate::error::{Error, Refusal};
use crate::nextcloud::jobs::{delete_user, reconcile};
use crate::nextcloud::rules::{Class, Trouble};
use crate::nextcloud::settings::{HandOver, Mode, NextcloudSettings};
use crate::nextcloud::{MoveAccount, Provision, queries};

fn code(error: Error) -> &'static str {
    match error {
        Error::Refused(Refusal::Conflict { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_account_is_asked_for_once_and_made_once() {
    let bench = Bench::new().await;
    let (id, made) = bench.instance("a", 5).await;
    let user = bench.user("ana").await;
    let first = bench.provision(user).await;
    assert_eq!(bench.provision(user).await, first, "the same job");
    bench.work();
    let account = bench.reaches(user, AccountState::Active).await;
    assert_eq!(account.quota, Some(5 << 30));
    assert_eq!((account.job, account.error), (None, None));
    assert_eq!((made.count("create"), bench.places(id).await), (1, 1));
    let again = Provision { user, within: None, by: operator(), keep: None };
    assert_eq!(code(bench.desk.provision(again).await.unwrap_err()), "account_active");
    let told = bench.events("nextcloud.user_created").await;
    assert_eq!((&told[0]["account_id"], &told[0]["quota"]), (&"ana".into(), &"5 GB".into()));
    assert!(told[0]["link_until"].is_string());
    let sealed = account.password.unwrap();
    let opened = bench.seal.open(&crate::nextcloud::jobs::sealed_for(user), &sealed).unwrap();
    let password = made.passwords.lock()["ana"].clone();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&opened), password);
}

#[tokio::test]
async fn a_lost_answer_keeps_the_place_and_the_account_is_found() {
    let bench = Bench::new().await;
    let (id, made) = bench.instance("a", 5).await;
    *made.loses_answers.lock() = 1;
    let user = bench.user("ana").await;
    let job = bench.provision(user).await;
    bench.work();
    // Cut off before anybody could look: the place is kept, for something may stand.
    bench.waits(job, 1).await;
    assert_eq!((bench.places(id).await, made.accounts.lock().len()), (1, 1));
    made.fails(None);
    bench.reaches_later(user, AccountState::Active).await;
    assert_eq!(made.count("create"), 1, "it was found, not asked for again");
}

/// A server may carry out a call long after the connection broke off, and after the
/// account was looked for in vain: the place is kept, for elsewhere it would be a
/// second account.
#[tokio::test]
async fn a_creation_that_lands_late_is_no_second_account() {
    let bench = Bench::new().await;
    let (first, made) = bench.instance("a", 5).await;
    *made.breaks_off.lock() = true;
    let user = bench.user("ana").await;
    let job = bench.provision(user).await;
    bench.work();
    bench.waits(job, 1).await;
    assert_eq!((bench.places(first).await, made.accounts.lock().len()), (1, 0));
    let (_, other) = bench.instance("b", 5).await;
    made.lands();
    let account = bench.reaches_later(user, AccountState::Active).await;
    assert_eq!(account.place.unwrap().instance, first);
    assert_eq!((made.count("create"), other.count("create")), (1, 0));
}

#[tokio::test]
async fn what_is_refused_for_good_gives_its_place_back() {
    let bench = Bench::new().await;
    let (id, made) = bench.instance("a", 1).await;
    made.fails(Some(Trouble::new(Class::Policy, "no such name")));
    let user = bench.user("ana").await;
    let job = bench.provision(user).await;
    bench.work();
    let account = bench.reaches(user, AccountState::Failed).await;
    assert_eq!(account.error.unwrap().message, "no such name");
    assert_eq!((account.place, bench.places(id).await), (None, 0));
    bench.ends(job, JobState::Failed).await;
    made.fails(None);
    assert_eq!(bench.desk.retry_failed(None, &operator(), None).await.unwrap(), 1);
    bench.reaches(user, AccountState::Active).await;
    assert_eq!(bench.desk.retry_failed(None, &operator(), None).await.unwrap(), 0);
}

#[tokio::test]
async fn an_instance_that_fails_first_hands_its_people_to_the_next() {
    let bench = Bench::new().await;
    let (bad, made) = bench.instance("a", 5).await;
    made.fails(Some(Trouble::new(Class::Unreachable, "no connection")));
    let (good, other) = bench.instance("b", 5).await;
    // Only the bad one is there at first.
    bench.change(good, |row| row.max_users = 0).await;
    let user = bench.user("ana").await;
    let job = bench.provision(user).await;
    bench.work();
    bench.waits(job, 1).await;
    assert_eq!(bench.places(bad).await, 0, "nothing was asked for there");
    bench.change(bad, |row| row.health.healthy = Some(false)).await;
    bench.change(good, |row| row.max_users = 5).await;
    let account = bench.reaches_later(user, AccountState::Active).await;
    assert_eq!(account.place.unwrap().instance, good);
    assert_eq!(other.accounts.lock().len(), 1);
}

#[tokio::test]
async fn a_dead_instance_ends_in_a_true_reason_once_the_tries_are_used_up() {
    let bench = Bench::new().await;
    let (id, made) = bench.instance("a", 5).await;
    *made.loses_answers.lock() = 1;
    let user = bench.user("ana").await;
    bench.provision(user).await;
    bench.work();
    let account = bench.reaches_later(user, AccountState::Failed).await;
    assert_eq!(account.error.unwrap().class, "unreachable");
    assert!(account.place.is_some(), "something may stand there");
    assert_eq!(bench.places(id).await, 1);
    let told = bench.events("nextcloud.user_failed").await;
    assert_eq!(told[0]["error"]["class"], "unreachable");
}

#[tokio::test]
async fn the_welcome_mail_leaves_no_password_here() {
    let bench = Bench::new().await;
    bench.instance("a", 5).await;
    let own =
        NextcloudSettings { hand_over: HandOver::WelcomeMail, ..NextcloudSettings::default() };
    bench.settings.send_replace(own.into());
    bench.work();
    let user = bench.provisioned("ana").await;
    assert!(bench.account(user).await.unwrap().password.is_none());
    let refused = bench.desk.link(user, None, &operator()).await.unwrap_err();
    assert_eq!(code(refused), "no_first_password");
}

#[tokio::test]
async fn a_link_shows_the_password_once() {
    let bench = Bench::new().await;
    let (_, made) = bench.instance("a", 5).await;
    bench.work();
    let user = bench.provisioned("ana").await;
    let (token, _) = bench.desk.link(user, None, &operator()).await.unwrap();
    assert_eq!(bench.desk.invited(&token).await.unwrap(), Some(user));
    assert_eq!(bench.desk.invited("00").await.unwrap(), None);
    let shown = bench.desk.reveal(&token).await.unwrap().unwrap();
    let password = secrecy::ExposeSecret::expose_secret(shown.password.as_ref()).to_owned();
    assert_eq!(made.passwords.lock()["ana"], password);
    assert!(bench.desk.reveal(&token).await.unwrap().is_none());
    assert_eq!(bench.desk.invited(&token).await.unwrap(), None);
}

#[tokio::test]
async fn a_move_that_fails_leaves_the_account_where_it_was() {
    let bench = Bench::new().await;
    let (from, first) = bench.instance("a", 5).await;
    bench.work();
    let user = bench.provisioned("ana").await;
    let (to, second) = bench.instance("b", 5).await;
    second.fails(Some(Trouble::new(Class::Policy, "no")));
    let order = |to| MoveAccount { user, within: None, to, by: operator(), keep: None };
    let there = bench.desk.move_account(order(from)).await.unwrap_err();
    assert_eq!(code(there), "account_there_already");
    bench.desk.move_account(order(to)).await.unwrap();
    let account = bench.reaches(user, AccountState::Active).await;
    assert_eq!(account.place.unwrap().instance, from);
    assert_eq!(account.error.unwrap().class, "policy");
    assert!(account.password.is_some(), "the one that is good there");
    assert_eq!((bench.places(from).await, bench.places(to).await), (1, 0));
    second.fails(None);
    bench.desk.move_account(order(to)).await.unwrap();
    crate::testkit::eventually("it has moved", async || {
        let there = bench.account(user).await.unwrap().place.is_some_and(|p| p.instance == to);
        let left = first.account("ana").is_some_and(|seen| !seen.enabled);
        (there && left && bench.places(from).await == 0).then_some(())
    })
    .await;
    assert_eq!(bench.places(to).await, 1);
}

#[tokio::test]
async fn what_is_deleted_is_gone_on_both_sides() {
    let bench = Bench::new().await;
    let (id, made) = bench.instance("a", 5).await;
    bench.work();
    let user = bench.provisioned("ana").await;
    let job = bench.enqueue(delete_user(super::tenant_id(), user)).await;
    bench.ends(job, JobState::Succeeded).await;
    assert!(bench.account(user).await.is_none() && made.account("ana").is_none());
    assert_eq!(bench.places(id).await, 0);
}

#[tokio::test]
async fn a_user_who_is_gone_leaves_no_account_that_was_not_asked_for() {
    let bench = Bench::new().await;
    let user = bench.user("ana").await;
    let job = bench.provision(user).await;
    let shell = &bench.world.shell;
    let found = shell.store.get::<Users>(&user).await.unwrap().unwrap();
    let row = User { deleted_at: Some(shell.now()), ..found.row.clone() };
    let mut write = Write::new();
    write.update::<Users>(&found, &row);
    shell.store.commit(write).await.unwrap();
    bench.work();
    bench.ends(job, JobState::Succeeded).await;
    assert!(bench.account(user).await.is_none());
}

#[tokio::test]
async fn drift_is_shown_and_nothing_is_done_about_it() {
    let bench = Bench::new().await;
    let (id, made) = bench.instance("a", 5).await;
    bench.work();
    bench.provisioned("ana").await;
    bench.world.hand.advance(Duration::from_secs(1));
    let ana = made.accounts.lock().remove("ana").unwrap();
    made.accounts.lock().insert("admin".to_owned(), ana);
    let job = bench.enqueue(reconcile(id)).await;
    bench.ends(job, JobState::Succeeded).await;
    let record = queries::instance(&bench.world.shell, id).await.unwrap();
    let drift = record.instance.drift.unwrap();
    assert_eq!((drift.missing, drift.strangers), (1, 1));
    assert_eq!(made.accounts.lock().len(), 1);
}

#[tokio::test]
async fn off_is_off_and_live_waits_for_the_purge() {
    let bench = Bench::new().await;
    bench.instance("a", 5).await;
    bench.work();
    bench.provisioned("ana").await;
    let mode = |mode| NextcloudSettings { mode, ..NextcloudSettings::default() };
    let user = bench.user("bia").await;
    let order = || Provision { user, within: None, by: operator(), keep: None };
    bench.settings.send_replace(mode(Mode::Off).into());
    assert_eq!(code(bench.desk.provision(order()).await.unwrap_err()), "concern_off");
    bench.settings.send_replace(mode(Mode::Live).into());
    assert_eq!(code(bench.desk.provision(order()).await.unwrap_err()), "sandbox_records");
    let gone = bench.desk.purge().await.unwrap();
    assert_eq!((gone.instances, gone.accounts), (1, 1));
    bench.desk.provision(order()).await.unwrap();
}

/// Whatever ends the job, the account says so in the commit of that end.
#[tokio::test]
async fn a_job_that_is_called_off_fails_its_account() {
    let bench = Bench::new().await;
    let user = bench.user("ana").await;
    let job = bench.provision(user).await;
    bench.work();
    // There is no instance: it waits.
    crate::testkit::eventually("it waits", async || {
        (bench.job(job).await.state == JobState::Scheduled).then_some(())
    })
    .await;
    bench.jobs.cancel(job, None, None).await.unwrap();
    let account = bench.account(user).await.unwrap();
    assert_eq!(account.state, AccountState::Failed);
    assert_eq!(account.error.unwrap().class, "cancelled");
}

#[tokio::test]
async fn a_job_that_cannot_be_done_at_all_fails_its_account() {
    let bench = Bench::new().await;
    let own = NextcloudSettings { user_id: "{nobody}".to_owned(), ..NextcloudSettings::default() };
    bench.settings.send_replace(own.into());
    let user = bench.user("ana").await;
    let job = bench.provision(user).await;
    bench.work();
    bench.ends(job, JobState::Failed).await;
    let account = bench.account(user).await.unwrap();
    assert_eq!(account.state, AccountState::Failed);
    assert!(account.error.unwrap().message.contains("{nobody}"));
}
