//! Records: registered, revised, deleted, and their tenants' end.

use zelador_store::event::Timeline;
use zelador_store::plan::Plans;
use zelador_store::tenant::Tenants;
use zelador_store::user::{User, Users};

use super::*;
use crate::error::Refusal;

fn draft(name: &str, email: Option<&str>) -> UserDraft {
    UserDraft { name: name.into(), email: email.map(str::to_owned), ..UserDraft::default() }
}

#[tokio::test]
async fn an_address_belongs_to_one_living_user_of_a_tenant() {
    let bench = Bench::new();
    let one = bench.tenant("one.example").await;
    let two = bench.tenant("two.example").await;
    let ana = bench.register(one, draft("Ana", Some("Ana@Example.com"))).await.unwrap();
    let taken = refused(bench.register(one, draft("Bia", Some("aNA@example.COM"))).await);
    assert!(matches!(taken, Refusal::Conflict { code: "email_taken", .. }));
    bench.register(two, draft("Ana", Some("ana@example.com"))).await.unwrap();
    let bia = bench.register(one, draft("Bia", None)).await.unwrap();
    bench.register(one, draft("Caio", None)).await.unwrap();
    let wanted = What::Revise(Box::new(draft("Bia", Some("ana@example.com"))));
    assert!(matches!(
        refused(bench.tell(bia.id, wanted.clone()).await),
        Refusal::Conflict { code: "email_taken", .. }
    ));
    // Another spelling of one's own is no collision.
    bench
        .tell(ana.id, What::Revise(Box::new(draft("Ana", Some("ana@example.com")))))
        .await
        .unwrap();
    bench.tell(ana.id, What::Delete).await.unwrap();
    bench.tell(bia.id, wanted).await.unwrap();
    bench.assert_sound();
}

#[tokio::test]
async fn a_deleted_user_is_invisible() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.tell(id, What::Delete).await.unwrap();
    let absent = Refusal::Absent { what: "user" };
    assert_eq!(refused(bench.tell(id, What::Delete).await), absent);
    assert_eq!(refused(queries::get(&bench.world.shell, id, None).await), absent);
    assert_eq!(refused(bench.ban(id, "2025-12-02").await), absent);
    let events = bench.events("user.deleted").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].1["user_id"], id.to_string());
    assert_eq!(events[0].1["tenant_id"], tenant.to_string());
    bench.assert_sound();
}

#[tokio::test]
async fn another_tenants_user_is_absent() {
    let bench = Bench::new();
    let one = bench.tenant("one.example").await;
    let two = bench.tenant("two.example").await;
    let id = bench.user(one, "Ana").await;
    let absent = Refusal::Absent { what: "user" };
    let shell = &bench.world.shell;
    assert_eq!(refused(queries::get(shell, id, Some(two)).await), absent);
    assert_eq!(refused(queries::timeline(shell, id, Some(two), None, 9).await.map(|_| ())), absent);
    let foreign = Command { within: Some(two), ..command(id, What::Delete) };
    assert_eq!(refused(bench.users.execute(foreign).await), absent);
    let own = Command { within: Some(one), ..command(id, What::Delete) };
    bench.users.execute(own).await.unwrap();
    bench.assert_sound();
}

#[tokio::test]
async fn stale_versions_are_refused() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.ban(id, "2025-12-01T13:00:00Z").await.unwrap();
    let revise = |version| Command {
        if_version: Some(version),
        ..command(id, What::Revise(Box::new(draft("Ana Maria", None))))
    };
    assert_eq!(refused(bench.users.execute(revise(1)).await), Refusal::Stale);
    // What is shown once the ban is due is another version, job or no job.
    bench.to("2025-12-01T13:00:00Z");
    assert_eq!(bench.get(id).await.user.version, 3);
    assert_eq!(refused(bench.users.execute(revise(2)).await), Refusal::Stale);
    let record = bench.users.execute(revise(3)).await.unwrap();
    assert_eq!((record.user.version, record.user.status), (4, Status::Banned));
    // Nothing new, nothing written.
    let same = bench.users.execute(revise(4)).await.unwrap();
    assert_eq!(same.user.version, 4);
    let (_, data) = &bench.events("user.updated").await[0];
    assert_eq!(data["changed"], serde_json::json!(["name", "email"]));
    assert_eq!(bench.events("user.updated").await.len(), 1);
    bench.assert_sound();
}

#[tokio::test]
async fn nobody_is_registered_under_a_tenant_that_is_gone() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let delete = tenants::Delete { id: tenant, if_version: None, by: operator() };
    TenantDesk::new(bench.world.shell.clone()).delete(delete).await.unwrap();
    let refusal = refused(bench.register(tenant, draft("Ana", None)).await);
    assert_eq!(refusal, Refusal::Absent { what: "tenant" });
    bench.assert_sound();
}

#[tokio::test]
async fn a_deleted_tenant_is_purged_with_all_its_users() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let other = bench.tenant("two.example").await;
    let kept = bench.user(other, "Zoe").await;
    let mut ids = Vec::new();
    for number in 0..45 {
        ids.push(bench.user(tenant, &format!("User {number}")).await);
    }
    bench.ban(ids[0], "2025-12-05").await.unwrap();
    let ban = bench.job_of(ids[0], PlanSort::Ban).await;
    bench.tell(ids[1], What::Delete).await.unwrap();
    let shell = &bench.world.shell;
    let delete = tenants::Delete { id: tenant, if_version: None, by: operator() };
    TenantDesk::new(shell.clone()).delete(delete).await.unwrap();
    // At once invisible, its domain free, its users too.
    let absent = Refusal::Absent { what: "user" };
    assert_eq!(refused(queries::get(shell, ids[2], None).await), absent);
    bench.tenant("one.example").await;
    bench.work();
    eventually("the tenant's row is gone", async || {
        shell.store.get::<Tenants>(&tenant).await.unwrap().is_none().then_some(())
    })
    .await;
    let users = shell.store.page::<Users>(&Query::all()).await.unwrap().rows;
    assert_eq!(users.iter().map(|user| user.key).collect::<Vec<_>>(), [kept]);
    assert!(users.iter().all(|user| User::is_live(&user.row)));
    assert!(shell.store.page::<Plans>(&Query::all()).await.unwrap().rows.is_empty());
    let timeline = shell.store.page::<Timeline>(&Query::all()).await.unwrap().rows;
    assert!(timeline.iter().all(|line| line.key.0 == kept), "{timeline:?}");
    let history = shell.store.page::<StatusHistory>(&Query::all()).await.unwrap().rows;
    assert!(history.iter().all(|line| line.key.0 == kept));
    assert_eq!(bench.job(ban).await.state, JobState::Cancelled);
    assert_eq!(bench.events("user.deleted").await.len(), 45);
    assert_eq!(bench.events("tenant.deleted").await.len(), 1);
    bench.assert_sound();
}
