//! What happens between the reading and the writing of a command.

use actix_rt::Arbiter;

use super::*;
use crate::engine::Shell;
use crate::engine::supervisor::{Board, Floor};
use crate::error::Refusal;
use crate::testkit;

/// Runs `command` up to its write, then `meanwhile`, then the rest.
async fn overtaken<T: Send + 'static>(
    bench: &Bench,
    command: impl FnOnce(UserDesk) -> futures::future::BoxFuture<'static, T>,
    meanwhile: impl AsyncFnOnce(&Bench),
) -> T {
    let desk = |store| {
        let shell = Shell { store, ..bench.world.shell.clone() };
        command(UserDesk::new(shell, bench.settings.subscribe()))
    };
    testkit::overtaken(&bench.world, desk, meanwhile(bench)).await
}

#[tokio::test]
async fn nobody_slips_under_a_tenant_while_it_is_deleted() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let draft = UserDraft { name: "Ana".into(), ..UserDraft::default() };
    let register = Register {
        tenant,
        draft,
        status: Status::Active,
        credential: None,
        standing: Standing::Above,
        by: operator(),
        keep: None,
    };
    let registered = overtaken(
        &bench,
        |desk| Box::pin(async move { desk.register(register).await }),
        async |bench| {
            let delete = tenants::Delete { id: tenant, if_version: None, by: operator() };
            TenantDesk::new(bench.world.shell.clone()).delete(delete).await.unwrap();
        },
    )
    .await;
    assert_eq!(refused(registered), Refusal::Absent { what: "tenant" });
    assert!(bench.events("user.created").await.is_empty());
    bench.assert_sound();
}

#[tokio::test]
async fn a_ban_that_came_first_is_seen() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let id = bench.user(tenant, "Ana").await;
    let what = What::PlanBan { date: "2025-12-02".parse().unwrap(), reason: None };
    let planned = overtaken(
        &bench,
        move |desk| Box::pin(async move { desk.execute(command(id, what)).await }),
        async |bench| {
            bench.set(id, Status::Banned).await;
        },
    )
    .await;
    assert_eq!(refused(planned), Refusal::conflict("already_banned"));
    assert!(bench.plans(id).await.is_empty());
    bench.assert_sound();
}

#[tokio::test]
async fn a_version_that_moved_meanwhile_is_stale() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let id = bench.user(tenant, "Ana").await;
    let revise = Command {
        if_version: Some(1),
        ..command(
            id,
            What::Revise(Box::new(UserDraft { name: "Eva".into(), ..UserDraft::default() })),
        )
    };
    let revised = overtaken(
        &bench,
        |desk| Box::pin(async move { desk.execute(revise).await }),
        async |bench| {
            bench.ban(id, "2025-12-02").await.unwrap();
        },
    )
    .await;
    assert_eq!(refused(revised), Refusal::Stale);
    bench.assert_sound();
}

/// The job starts between the reading and the calling off of its plan.
#[tokio::test]
async fn a_plan_is_called_off_or_carried_out_and_never_both() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.ban(id, "2025-12-01T12:00:01Z").await.unwrap();
    let job = bench.job_of(id, PlanSort::Ban).await;
    let called_off = overtaken(
        &bench,
        |desk| {
            Box::pin(async move { desk.execute(command(id, What::CallOff(PlanSort::Ban))).await })
        },
        async |bench| {
            bench.to("2025-12-01T12:00:01Z");
            bench.work();
            bench.ended(job).await;
        },
    )
    .await;
    assert_eq!(refused(called_off), Refusal::Absent { what: "scheduled_ban" });
    assert_eq!(bench.get(id).await.user.status, Status::Banned);
    assert_eq!(bench.job(job).await.state, JobState::Succeeded);
    bench.assert_sound();
}

/// With actors, those who ask at once about one user are served in turn: nobody
/// is overtaken, so nobody has to decide anew.
#[actix_rt::test]
async fn an_actor_serves_its_user_one_command_at_a_time() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let (ana, bia) = (bench.user(tenant, "Ana").await, bench.user(tenant, "Bia").await);
    let floor = Floor::new(vec![Arbiter::new().handle(), Arbiter::new().handle()]);
    let desk = bench.users.clone().staffed(floor, Board::default());
    let ask = |id, to| {
        let desk = desk.clone();
        let what = What::SetStatus { to, reason: None };
        tokio::spawn(async move { desk.execute(command(id, what)).await })
    };
    let mut asked = Vec::new();
    for _ in 0..5 {
        for id in [ana, bia] {
            asked.extend([ask(id, Status::Suspended), ask(id, Status::Active)]);
        }
    }
    for answer in asked {
        answer.await.unwrap().unwrap();
    }
    for id in [ana, bia] {
        let user = bench.get(id).await.user;
        assert_eq!(u64::from(user.status_changes), user.version, "each change has its line");
    }
    bench.assert_sound();
}
