//! Plans, from their making to their end.

use zelador_store::plan::PlanState;

use super::*;
use crate::error::Refusal;
use Status::{Active, Banned, Suspended};

#[tokio::test]
async fn a_ban_waits_fires_and_is_recorded() {
    let bench = Bench::new();
    bench.work();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    let record = bench.ban(id, "2025-12-01T12:01:00Z").await.unwrap();
    assert_eq!(record.user.status, Active);
    assert_eq!(record.user.planned.len(), 1);
    let job = bench.job_of(id, PlanSort::Ban).await;
    let waiting = bench.job(job).await;
    assert_eq!((waiting.kind.as_str(), waiting.queue.as_str()), ("user.scheduled_ban", "default"));
    assert_eq!(waiting.state, JobState::Scheduled);
    bench.to("2025-12-01T12:00:59.999Z");
    assert_eq!(bench.get(id).await.user.status, Active);
    bench.to("2025-12-01T12:01:00Z");
    // In force at once, whether or not the job has run.
    assert_eq!(bench.get(id).await.user.status, Banned);
    assert_eq!(states(&bench.ended(job).await), (JobState::Succeeded, None));
    let plan = &bench.plans(id).await[0];
    assert_eq!((plan.state, plan.end_reason.as_deref()), (PlanState::Executed, None));
    let history = bench.history(id).await;
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].0.to_string(), "2025-12-01T12:01:00.000Z");
    assert_eq!((history[1].1.from, history[1].1.to), (Some(Active), Banned));
    assert_eq!(history[1].1.by, Some(operator()));
    let events = bench.events("user.status_changed").await;
    assert_eq!(events.len(), 1);
    let (event, data) = &events[0];
    assert_eq!(event.user, Some(id));
    assert_eq!(data["old_status"], "ACTIVE");
    assert_eq!(data["new_status"], "BANNED");
    assert_eq!(data["reason"], "spam");
    assert_eq!(data["initiated_by"]["kind"], "operator");
    assert_eq!(data["executed_by"]["id"], job.to_string());
    assert_eq!(bench.events("user.status_scheduled").await.len(), 1);
    bench.assert_sound();
}

/// What is shown before the job has run is what is stored once it has.
#[tokio::test]
async fn the_job_changes_nothing_that_is_seen() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.ban(id, "2025-12-01T13:00:00Z").await.unwrap();
    bench.change(id, Suspended, "2025-12-01T12:30:00Z").await.unwrap();
    bench.to("2025-12-01T15:00:00Z");
    let before = bench.get(id).await;
    bench.work();
    for sort in [PlanSort::Ban, PlanSort::Change] {
        let job = bench.ended(bench.job_of(id, sort).await).await;
        assert_eq!(job.state, JobState::Succeeded);
    }
    assert_eq!(bench.get(id).await, before);
    let history: Vec<_> = bench.history(id).await.into_iter().map(|row| row.1.to).collect();
    assert_eq!(history, [Active, Suspended, Banned]);
    assert_eq!(bench.events("user.status_changed").await.len(), 2);
    bench.assert_sound();
}

#[tokio::test]
async fn calling_off_takes_the_waiting_job_along() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    let absent = refused(bench.tell(id, What::CallOff(PlanSort::Ban)).await);
    assert_eq!(absent, Refusal::Absent { what: "scheduled_ban" });
    bench.ban(id, "2025-12-01T13:00:00Z").await.unwrap();
    let first = bench.job_of(id, PlanSort::Ban).await;
    // Ids of one millisecond are in no order.
    bench.to("2025-12-01T12:00:01Z");
    bench.ban(id, "2025-12-01T14:00:00Z").await.unwrap();
    let second = bench.job_of(id, PlanSort::Ban).await;
    let replaced = bench.job(first).await;
    assert_eq!(states(&replaced), (JobState::Cancelled, Some("a newer plan took its place")));
    let record = bench.tell(id, What::CallOff(PlanSort::Ban)).await.unwrap();
    assert!(record.user.planned.is_empty());
    assert_eq!(states(&bench.job(second).await), (JobState::Cancelled, Some("it was called off")));
    let plans: Vec<_> = bench.plans(id).await.iter().map(|plan| plan.state).collect();
    assert_eq!(plans, [PlanState::Replaced, PlanState::Cancelled]);
    let (_, data) = &bench.events("user.status_scheduled").await[1];
    assert!(data["replaces"].is_string());
    assert_eq!(bench.events("user.status_unscheduled").await.len(), 1);
    bench.work();
    bench.to("2025-12-01T15:00:00Z");
    assert_eq!(bench.get(id).await.user.status, Active);
    bench.assert_sound();
}

#[tokio::test]
async fn times_must_be_to_come_and_must_exist() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    let past = Refusal::field("date", "not_in_the_future");
    for date in ["2025-12-01T12:00:00Z", "2025-11-30", "2025-12-01T09:00", "2025-12-01"] {
        assert_eq!(refused(bench.ban(id, date).await), past, "{date}");
    }
    // Sao Paulo is three hours behind.
    let record = bench.ban(id, "2025-12-01T09:00:01").await.unwrap();
    assert_eq!(record.user.planned[0].at.to_string(), "2025-12-01T12:00:01.000Z");
    let record = bench.ban(id, "2025-12-02").await.unwrap();
    assert_eq!(record.user.planned[0].at.to_string(), "2025-12-02T03:00:00.000Z");
    let mut draft = tenant_draft("b.example");
    draft.settings.timezone = "America/Santiago".into();
    let register = tenants::Register { draft, by: operator(), keep: None };
    let other = TenantDesk::new(bench.world.shell.clone()).register(register).await.unwrap().id;
    let id = bench.user(other, "Bia").await;
    let gap = refused(bench.ban(id, "2026-09-06T00:30").await);
    assert_eq!(gap, Refusal::field("date", "nonexistent_local_time"));
    // Midnight is left out that day: it begins at one o'clock.
    let record = bench.change(id, Suspended, "2026-09-06").await.unwrap();
    assert_eq!(record.user.planned[0].at.to_string(), "2026-09-06T04:00:00.000Z");
    bench.assert_sound();
}

#[tokio::test]
async fn whoever_is_banned_cannot_be_planned_to_be() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.set(id, Banned).await;
    let refusal = refused(bench.ban(id, "2025-12-02").await);
    assert_eq!(refusal, Refusal::conflict("already_banned"));
    // 422 comes before 409.
    let refusal = refused(bench.ban(id, "2025-11-02").await);
    assert_eq!(refusal, Refusal::field("date", "not_in_the_future"));
    bench.assert_sound();
}

#[tokio::test]
async fn a_hand_before_the_job_leaves_it_nothing_to_do() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.ban(id, "2025-12-01T13:00:00Z").await.unwrap();
    bench.to("2025-12-01T13:30:00Z");
    // Due, and then lifted by hand: both are history, and the late job adds none.
    bench.set(id, Active).await;
    bench.work();
    let job = bench.ended(bench.job_of(id, PlanSort::Ban).await).await;
    assert_eq!(job.state, JobState::Succeeded);
    assert_eq!(bench.get(id).await.user.status, Active);
    let history: Vec<_> = bench.history(id).await.into_iter().map(|row| row.1.to).collect();
    assert_eq!(history, [Active, Banned, Active]);
    assert_eq!(bench.plans(id).await[0].state, PlanState::Executed);
    bench.assert_sound();
}

#[tokio::test]
async fn banned_by_hand_first_the_plan_comes_to_nothing() {
    let bench = Bench::new();
    bench.work();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.ban(id, "2025-12-01T13:00:00Z").await.unwrap();
    let record = bench.set(id, Banned).await;
    assert!(record.user.planned.is_empty());
    bench.to("2025-12-01T13:00:00Z");
    let job = bench.ended(bench.job_of(id, PlanSort::Ban).await).await;
    assert_eq!(job.state, JobState::Succeeded);
    let why = "nothing to do: the status was set by hand before its time";
    assert_eq!(job.progress, Some((1, 1, why.to_owned())));
    assert_eq!(bench.plans(id).await[0].state, PlanState::Superseded);
    assert_eq!(bench.events("user.status_changed").await.len(), 1);
    bench.assert_sound();
}

#[tokio::test]
async fn a_deleted_user_makes_the_job_a_no_op() {
    let bench = Bench::new();
    bench.work();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.ban(id, "2025-12-01T13:00:00Z").await.unwrap();
    bench.tell(id, What::Delete).await.unwrap();
    let job = bench.job_of(id, PlanSort::Ban).await;
    assert_eq!(bench.job(job).await.state, JobState::Scheduled);
    bench.to("2025-12-01T13:00:00Z");
    assert_eq!(states(&bench.ended(job).await), (JobState::Succeeded, None));
    assert!(bench.events("user.status_changed").await.is_empty());
    bench.assert_sound();
}

/// The wall clock jumps forward past the time and back again, an hour each way.
#[tokio::test]
async fn a_jumping_clock_neither_loses_nor_doubles_a_ban() {
    let bench = Bench::new();
    bench.work();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.ban(id, "2025-12-01T12:30:00Z").await.unwrap();
    bench.to("2025-12-01T13:10:00Z");
    let job = bench.job_of(id, PlanSort::Ban).await;
    assert_eq!(bench.ended(job).await.state, JobState::Succeeded);
    bench.to("2025-12-01T12:10:00Z");
    assert_eq!(bench.get(id).await.user.status, Banned);
    bench.to("2025-12-01T12:40:00Z");
    assert_eq!(bench.events("user.status_changed").await.len(), 1);
    // The clock went back before the job could run: it waits for its time.
    let id = bench.user(tenant, "Bia").await;
    bench.ban(id, "2025-12-01T14:00:00Z").await.unwrap();
    let job = bench.job_of(id, PlanSort::Ban).await;
    bench.jobs.run_now(job, None, None).await.unwrap();
    eventually("it waits again", async || {
        let job = bench.job(job).await;
        (job.state == JobState::Scheduled && job.tries == 0 && !job.history.is_empty())
            .then_some(())
    })
    .await;
    bench.to("2025-12-01T14:00:00Z");
    assert_eq!(bench.ended(job).await.state, JobState::Succeeded);
    assert_eq!(bench.get(id).await.user.status, Banned);
    bench.assert_sound();
}

#[tokio::test]
async fn a_ban_can_be_tried_in_a_minute() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.settings.send_replace(Arc::new(UserSettings { test_ban_delay_seconds: 60 }));
    let record = bench.ban(id, "2030-01-01").await.unwrap();
    assert_eq!(record.user.planned[0].at.to_string(), "2025-12-01T12:01:00.000Z");
    assert!(matches!(refused(bench.ban(id, "2020-01-01").await), Refusal::Invalid(_)));
    bench.assert_sound();
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    let before = bench.get(id).await;
    let what = What::PlanBan { date: "2025-12-02".parse().unwrap(), reason: None };
    let foreseen = bench.users.foresee(&command(id, what)).await.unwrap();
    assert_eq!(foreseen.record.user.planned.len(), 1);
    assert_eq!(bench.get(id).await, before);
    assert!(bench.plans(id).await.is_empty());
    bench.assert_sound();
}

#[tokio::test]
async fn the_status_of_any_instant_is_told() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.to("2025-12-01T13:00:00Z");
    bench.set(id, Suspended).await;
    bench.to("2025-12-01T14:00:00Z");
    bench.change(id, Active, "2025-12-01T15:00:00Z").await.unwrap();
    bench.ban(id, "2025-12-01T17:00:00Z").await.unwrap();
    bench.to("2025-12-01T16:00:00Z");
    let shell = &bench.world.shell;
    for (at, expected, planned) in [
        ("2025-12-01T12:00:00Z", Active, false),
        ("2025-12-01T12:59:59.999Z", Active, false),
        ("2025-12-01T13:00:00Z", Suspended, false),
        ("2025-12-01T14:59:59Z", Suspended, false),
        ("2025-12-01T15:00:00Z", Active, false),
        ("2025-12-01T16:59:59Z", Active, false),
        ("2025-12-01T17:00:00Z", Banned, true),
        ("2035-01-01T00:00:00Z", Banned, true),
    ] {
        let told = queries::status_at(shell, id, None, at.parse().unwrap()).await.unwrap();
        assert_eq!((told.status, told.planned), (expected, planned), "{at}");
    }
    let before = queries::status_at(shell, id, None, "2025-12-01T11:59:59Z".parse().unwrap()).await;
    assert_eq!(refused(before), Refusal::field("at", "before_registration"));
    bench.assert_sound();
}

/// Many hands on one user: none is lost, none is doubled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_at_once_do_not_lose_each_other() {
    let bench = Arc::new(Bench::new());
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let bench = bench.clone();
            tokio::spawn(async move {
                match number % 2 {
                    0 => bench.ban(id, "2025-12-02").await,
                    _ => bench.change(id, Suspended, "2025-12-02").await,
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let plans = bench.plans(id).await;
    assert_eq!(plans.len(), 8);
    let planned = plans.iter().filter(|plan| plan.state == PlanState::Planned).count();
    assert_eq!((planned, bench.get(id).await.user.version), (2, 9));
    bench.assert_sound();
}

/// Whoever calls the job off means the plan.
#[tokio::test]
async fn calling_the_job_off_calls_the_plan_off() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let id = bench.user(tenant, "Ana").await;
    bench.ban(id, "2025-12-01T13:00:00Z").await.unwrap();
    bench.to("2025-12-01T12:00:01Z");
    bench.change(id, Suspended, "2025-12-01T12:30:00Z").await.unwrap();
    let (ban, change) =
        (bench.job_of(id, PlanSort::Ban).await, bench.job_of(id, PlanSort::Change).await);
    bench.jobs.cancel(ban, None, None).await.unwrap();
    assert_eq!(bench.get(id).await.user.planned.len(), 1);
    assert_eq!(bench.plans(id).await[0].state, PlanState::Cancelled);
    assert_eq!(bench.events("user.status_unscheduled").await.len(), 1);
    // What is in force already is not undone by it.
    bench.to("2025-12-01T12:30:00Z");
    bench.jobs.cancel(change, None, None).await.unwrap();
    let user = bench.get(id).await.user;
    assert_eq!((user.status, user.planned.len()), (Suspended, 0));
    assert_eq!(bench.plans(id).await[1].state, PlanState::Executed);
    assert_eq!(bench.events("user.status_changed").await.len(), 1);
    bench.assert_sound();
}
