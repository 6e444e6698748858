//! Kept out, let in, another quota: what is done to accounts that stand.

use zelador_store::Write;
use zelador_store::id::{EventId, JobId, UserId};
use zelador_store::job::JobState;
use zelador_store::nextcloud::AccountState;
use zelador_store::tenant::{ServicePlan, Tenants};

use super::{Bench, tenant_id};
use crate::engine::jobs::NewJob;
use crate::nextcloud::jobs::{DISABLE_USER, ENABLE_USER, set_quota, set_quotas};
use crate::nextcloud::rules::budget::EDITS;

fn switch(kind: &str, user: UserId) -> NewJob {
    NewJob::new(kind, &serde_json::json!({ "user_id": user })).about(tenant_id(), user)
}

async fn run(bench: &Bench, kind: &str, user: UserId) -> JobId {
    // Whatever comes later is younger.
    bench.world.hand.advance(std::time::Duration::from_millis(5));
    let id = bench.enqueue(switch(kind, user)).await;
    bench.ends(id, JobState::Succeeded).await;
    id
}

#[tokio::test]
async fn who_is_kept_out_is_let_in_again() {
    let bench = Bench::new().await;
    let (_, made) = bench.instance("a", 5).await;
    bench.work();
    let user = bench.provisioned("ana").await;
    for _ in 0..2 {
        run(&bench, DISABLE_USER, user).await;
        assert!(!made.account("ana").unwrap().enabled);
        assert_eq!(bench.account(user).await.unwrap().state, AccountState::Disabled);
    }
    run(&bench, ENABLE_USER, user).await;
    assert!(made.account("ana").unwrap().enabled);
    assert_eq!(bench.account(user).await.unwrap().state, AccountState::Active);
}

#[tokio::test]
async fn of_two_switches_the_younger_has_the_say() {
    let bench = Bench::new().await;
    let (_, made) = bench.instance("a", 5).await;
    bench.work();
    let user = bench.provisioned("ana").await;
    bench.jobs.pause("nextcloud", true, None, None).await.unwrap();
    // The older one runs last: it has a later place in the queue.
    let late = NewJob { priority: 0, ..switch(DISABLE_USER, user) };
    let older = bench.enqueue(late).await;
    bench.world.hand.advance(std::time::Duration::from_millis(5));
    let younger = bench.enqueue(NewJob { priority: 9, ..switch(ENABLE_USER, user) }).await;
    bench.jobs.pause("nextcloud", false, None, None).await.unwrap();
    for job in [younger, older] {
        bench.ends(job, JobState::Succeeded).await;
    }
    assert!(made.account("ana").unwrap().enabled);
    let account = bench.account(user).await.unwrap();
    assert_eq!(
        (account.locked_out, account.switched_by),
        (false, Some(EventId::from_uuid(younger.uuid())))
    );
}

/// Banned while the account is being made: it is made, and its owner is kept out.
#[tokio::test]
async fn who_is_banned_before_the_account_stands_is_kept_out_of_it() {
    let bench = Bench::new().await;
    let user = bench.user("ana").await;
    bench.provision(user).await;
    bench.work();
    let job = bench.enqueue(switch(DISABLE_USER, user)).await;
    bench.waits(job, 0).await;
    let (_, made) = bench.instance("a", 5).await;
    bench.reaches_later(user, AccountState::Disabled).await;
    assert!(!made.account("ana").unwrap().enabled);
    bench.ends_later(job, JobState::Succeeded).await;
}

#[tokio::test]
async fn nobody_is_kept_out_of_nothing() {
    let bench = Bench::new().await;
    let (_, made) = bench.instance("a", 5).await;
    bench.work();
    let nobody = bench.user("bia").await;
    run(&bench, DISABLE_USER, nobody).await;
    // Deleted there by somebody: there is nobody to be kept out.
    let user = bench.provisioned("ana").await;
    made.accounts.lock().clear();
    run(&bench, DISABLE_USER, user).await;
    bench.world.hand.advance(std::time::Duration::from_millis(5));
    let job = bench.enqueue(switch(ENABLE_USER, user)).await;
    let failed = bench.ends(job, JobState::Failed).await;
    assert!(failed.error.unwrap().contains("unknown_user"), "it is said");
}

#[tokio::test]
async fn a_tenants_plan_is_its_peoples_quota() {
    let bench = Bench::new().await;
    let (_, made) = bench.instance("a", 5).await;
    bench.work();
    let users = [bench.provisioned("ana").await, bench.provisioned("bia").await];
    let store = &bench.world.shell.store;
    let found = store.get::<Tenants>(&tenant_id()).await.unwrap().unwrap();
    let mut row = found.row.clone();
    row.plan = ServicePlan::Profissional;
    let mut write = Write::new();
    write.update::<Tenants>(&found, &row);
    store.commit(write).await.unwrap();
    bench.enqueue(set_quotas(tenant_id())).await;
    crate::testkit::eventually("the quotas follow", async || {
        for user in users {
            if bench.account(user).await.unwrap().quota != Some(50 << 30) {
                return None;
            }
        }
        Some(())
    })
    .await;
    assert_eq!(made.count("edit Quota"), 2);
    // Nothing differs: nothing is asked.
    let job = bench.enqueue(set_quota(tenant_id(), users[0])).await;
    bench.ends(job, JobState::Succeeded).await;
    assert_eq!(made.count("edit Quota"), 2);
}

/// What is left of 50 edits in ten minutes is respected, and waiting costs no try.
#[tokio::test]
async fn edits_are_scarce_and_waited_for() {
    let bench = Bench::new().await;
    let (id, made) = bench.instance("a", 5).await;
    *made.scarce.lock() = true;
    bench.work();
    let user = bench.provisioned("ana").await;
    bench.table.line_of(id).budget.lock().spend(EDITS, bench.world.shell.now());
    let mut settings = crate::nextcloud::NextcloudSettings::default();
    settings.quotas.trial = "7 GB".to_owned();
    bench.settings.send_replace(settings.into());
    let job = bench.enqueue(set_quota(tenant_id(), user)).await;
    bench.waits(job, 0).await;
    assert_eq!(made.count("edit"), 0);
    bench.ends_later(job, JobState::Succeeded).await;
    assert_eq!(bench.account(user).await.unwrap().quota, Some(7 << 30));
}
