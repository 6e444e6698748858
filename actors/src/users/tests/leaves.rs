//! Leaves, from their planning to their end.

use zelador_store::id::LeaveId;
use zelador_store::leave::{Leave, LeaveState};

use super::*;
use crate::error::Refusal;
use Status::{Active, Banned, Suspended};

/// Sao Paulo is three hours behind: a day begins at three.
impl Bench {
    async fn leave(&self, user: UserId, days: (&str, &str)) -> Result<LeaveId, Error> {
        let id = self.world.shell.id();
        let (date_in, date_out) = (days.0.parse().unwrap(), days.1.parse().unwrap());
        let reason = Some("férias".to_owned());
        self.tell(user, What::Leave { id, date_in, date_out, reason }).await.map(|_| id)
    }

    async fn leave_of(&self, user: UserId, id: LeaveId) -> Leave {
        queries::leave(&self.world.shell, user, None, id).await.unwrap().row
    }

    async fn statuses(&self, user: UserId) -> Vec<(Status, String)> {
        let history = self.history(user).await;
        history.into_iter().map(|(at, change)| (change.to, at.to_seconds_string())).collect()
    }
}

fn told(changes: &[(Status, &str)]) -> Vec<(Status, String)> {
    changes.iter().map(|(status, at)| (*status, (*at).to_owned())).collect()
}

/// Somebody of a tenant in Sao Paulo.
async fn ana() -> (Bench, UserId) {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let user = bench.user(tenant, "Ana").await;
    (bench, user)
}

const START: (Status, &str) = (Active, "2025-12-01T12:00:00Z");

#[tokio::test]
async fn a_leave_begins_and_ends_and_is_recorded() {
    let (bench, user) = ana().await;
    bench.work();
    let id = bench.leave(user, ("2025-12-05", "2025-12-08")).await.unwrap();
    let leave = bench.leave_of(user, id).await;
    assert_eq!(leave.state, LeaveState::Planned);
    bench.to("2025-12-05T02:59:59.999Z");
    assert_eq!(bench.get(user).await.user.status, Active);
    bench.to("2025-12-05T03:00:00Z");
    let shown = bench.get(user).await.user;
    assert_eq!((shown.status, shown.status_reason.as_deref()), (Suspended, Some("férias")));
    let begun = bench.ended(leave.begin_job.unwrap()).await;
    assert_eq!((begun.kind.as_str(), states(&begun)), (STATUS_CHANGE, (JobState::Succeeded, None)));
    assert_eq!(bench.leave_of(user, id).await.state, LeaveState::Running);
    bench.to("2025-12-08T03:00:00Z");
    assert_eq!(bench.get(user).await.user.status, Active);
    assert_eq!(states(&bench.ended(leave.end_job).await), (JobState::Succeeded, None));
    let ended = bench.leave_of(user, id).await;
    assert_eq!((ended.state, ended.end_reason), (LeaveState::Ended, None));
    let expected = [START, (Suspended, "2025-12-05T03:00:00Z"), (Active, "2025-12-08T03:00:00Z")];
    assert_eq!(bench.statuses(user).await, told(&expected));
    assert_eq!(bench.history(user).await[1].1.leave, Some(id));
    let events = bench.events("user.status_changed").await;
    assert_eq!(events.len(), 2);
    for ((_, data), job) in events.iter().zip([leave.begin_job.unwrap(), leave.end_job]) {
        assert_eq!((&data["sort"], &data["leave_id"]), (&"leave".into(), &id.to_string().into()));
        assert_eq!(data["executed_by"]["id"], job.to_string());
        assert_eq!(data["initiated_by"]["kind"], "operator");
    }
    let planned = &bench.events("user.status_scheduled").await[0].1;
    assert_eq!(
        (&planned["sort"], &planned["at"]),
        (&"leave".into(), &"2025-12-05T03:00:00Z".into())
    );
    bench.assert_sound();
}

/// Both jobs are late; what is seen before they run is what is stored after.
#[tokio::test]
async fn late_jobs_change_nothing_that_is_seen() {
    for sort_of_lateness in 0..2 {
        let (bench, user) = ana().await;
        let first = bench.leave(user, ("2025-12-05", "2025-12-08")).await.unwrap();
        let second = bench.leave(user, ("2025-12-08", "2025-12-10")).await.unwrap();
        bench.ban(user, "2025-12-12T00:00:00Z").await.unwrap();
        bench.to("2025-12-11T00:00:00Z");
        let before = bench.get(user).await;
        let listed = bench.leave_of(user, first).await.state;
        assert_eq!(listed, LeaveState::Ended);
        if sort_of_lateness == 0 {
            bench.work();
        } else {
            // The last job first: it brings everything up to date.
            let job = bench.leave_of(user, second).await.end_job;
            bench.jobs.run_now(job, None, None).await.unwrap();
            bench.work();
        }
        for id in [first, second] {
            let leave = bench.leave_of(user, id).await;
            assert_eq!(bench.ended(leave.begin_job.unwrap()).await.state, JobState::Succeeded);
            assert_eq!(bench.ended(leave.end_job).await.state, JobState::Succeeded);
        }
        assert_eq!(bench.get(user).await, before);
        let expected =
            [START, (Suspended, "2025-12-05T03:00:00Z"), (Active, "2025-12-10T03:00:00Z")];
        assert_eq!(bench.statuses(user).await, told(&expected));
        assert_eq!(bench.events("user.status_changed").await.len(), 2);
        bench.assert_sound();
    }
}

#[tokio::test]
async fn days_begin_at_their_first_valid_instant() {
    let bench = Bench::new();
    let mut draft = tenant_draft("b.example");
    draft.settings.timezone = "America/Santiago".into();
    let register = tenants::Register { draft, by: operator(), keep: None };
    let tenant = TenantDesk::new(bench.world.shell.clone()).register(register).await.unwrap().id;
    let user = bench.user(tenant, "Bia").await;
    // Midnight is left out on the first day, and comes twice before the last.
    let id = bench.leave(user, ("2026-09-06", "2027-04-04")).await.unwrap();
    let leave = bench.leave_of(user, id).await;
    assert_eq!(leave.begins.to_seconds_string(), "2026-09-06T04:00:00Z");
    assert_eq!(leave.ends.to_seconds_string(), "2027-04-04T04:00:00Z");
    bench.assert_sound();
}

#[tokio::test]
async fn days_must_be_to_come_and_in_order() {
    let (bench, user) = ana().await;
    let tenant = bench.get(user).await.user.tenant;
    for (days, field, code) in [
        (("2025-11-30", "2025-12-05"), "date_in", "in_the_past"),
        (("2025-12-05", "2025-12-05"), "date_out", "not_after_start"),
        (("2025-12-05", "2025-12-04"), "date_out", "not_after_start"),
    ] {
        let refusal = refused(bench.leave(user, days).await);
        assert_eq!(refusal, Refusal::field(field, code), "{days:?}");
    }
    // From today: from now on, without a job for it.
    let id = bench.leave(user, ("2025-12-01", "2025-12-02")).await.unwrap();
    let leave = bench.leave_of(user, id).await;
    assert_eq!((leave.state, leave.begin_job), (LeaveState::Running, None));
    assert_eq!(leave.begins.to_seconds_string(), "2025-12-01T12:00:00Z");
    assert_eq!(bench.get(user).await.user.status, Suspended);
    let other = bench.user(tenant, "Bia").await;
    bench.set(other, Banned).await;
    let refusal = refused(bench.leave(other, ("2025-12-01", "2025-12-02")).await);
    assert_eq!(refusal, Refusal::conflict("user_not_active"));
    bench.assert_sound();
}

/// One ends and one begins on the same day: one absence.
#[tokio::test]
async fn leaves_that_share_a_day_are_one_absence() {
    let (bench, user) = ana().await;
    bench.work();
    let first = bench.leave(user, ("2025-12-05", "2025-12-08")).await.unwrap();
    let second = bench.leave(user, ("2025-12-08", "2025-12-10")).await.unwrap();
    for day in ["2025-12-05", "2025-12-06", "2025-12-08", "2025-12-09", "2025-12-10"] {
        bench.to(&format!("{day}T03:00:00Z"));
        let away = day < "2025-12-10";
        assert_eq!(bench.get(user).await.user.status == Suspended, away, "{day}");
    }
    for id in [first, second] {
        let leave = bench.leave_of(user, id).await;
        assert_eq!(bench.ended(leave.end_job).await.state, JobState::Succeeded);
        assert_eq!(bench.leave_of(user, id).await.state, LeaveState::Ended);
    }
    let expected = [START, (Suspended, "2025-12-05T03:00:00Z"), (Active, "2025-12-10T03:00:00Z")];
    assert_eq!(bench.statuses(user).await, told(&expected));
    bench.assert_sound();
}

#[tokio::test]
async fn calling_off_takes_the_waiting_jobs_along() {
    let (bench, user) = ana().await;
    let tenant = bench.get(user).await.user.tenant;
    let id = bench.leave(user, ("2025-12-05", "2025-12-08")).await.unwrap();
    bench.tell(user, What::CallOffLeave(id)).await.unwrap();
    let leave = bench.leave_of(user, id).await;
    assert_eq!(
        (leave.state, leave.end_reason.as_deref()),
        (LeaveState::Cancelled, Some("it was called off"))
    );
    for job in leave.jobs() {
        assert_eq!(states(&bench.job(job).await), (JobState::Cancelled, Some("it was called off")));
    }
    let over = refused(bench.tell(user, What::CallOffLeave(id)).await);
    assert_eq!(over, Refusal::conflict("leave_over"));
    let other = bench.user(tenant, "Bia").await;
    let absent = refused(bench.tell(other, What::CallOffLeave(id)).await);
    assert_eq!(absent, Refusal::Absent { what: "leave" });
    // Running: back at once, by who called it off.
    let id = bench.leave(user, ("2025-12-01", "2025-12-08")).await.unwrap();
    bench.to("2025-12-02T12:00:00Z");
    bench.tell(user, What::CallOffLeave(id)).await.unwrap();
    let expected = [START, (Suspended, "2025-12-01T12:00:00Z"), (Active, "2025-12-02T12:00:00Z")];
    assert_eq!(bench.statuses(user).await, told(&expected));
    let (_, data) = bench.events("user.status_changed").await.pop().unwrap();
    assert_eq!((&data["leave_id"], &data["job_id"]), (&id.to_string().into(), &Value::Null));
    assert_eq!(bench.events("user.status_unscheduled").await.len(), 2);
    bench.assert_sound();
}

#[tokio::test]
async fn a_ban_meanwhile_is_not_lifted_and_the_jobs_say_so() {
    let (bench, user) = ana().await;
    bench.work();
    let running = bench.leave(user, ("2025-12-01", "2025-12-08")).await.unwrap();
    let coming = bench.leave(user, ("2025-12-10", "2025-12-12")).await.unwrap();
    bench.ban(user, "2025-12-02T12:00:00Z").await.unwrap();
    bench.to("2025-12-13T00:00:00Z");
    let ban = bench.job_of(user, PlanSort::Ban).await;
    bench.ended(ban).await;
    for (id, why) in [
        (running, "the user was banned meanwhile"),
        (coming, "the user was not active when it began"),
    ] {
        let leave = bench.leave_of(user, id).await;
        assert_eq!((leave.state, leave.end_reason.as_deref()), (LeaveState::Superseded, Some(why)));
        for job in leave.jobs() {
            bench.ended(job).await;
        }
    }
    assert_eq!(bench.get(user).await.user.status, Banned);
    assert_eq!(bench.events("user.status_unscheduled").await.len(), 2);
    bench.assert_sound();
}

/// A suspension in the middle of a leave is a line of the history, and holds.
#[tokio::test]
async fn a_suspension_by_hand_takes_the_place_of_a_leave() {
    let (bench, user) = ana().await;
    bench.leave(user, ("2025-12-01", "2025-12-08")).await.unwrap();
    bench.to("2025-12-02T00:00:00Z");
    bench.set(user, Suspended).await;
    bench.to("2025-12-09T00:00:00Z");
    assert_eq!(bench.get(user).await.user.status, Suspended);
    assert_eq!(bench.history(user).await.len(), 3);
    assert_eq!(bench.events("user.status_changed").await.len(), 1);
    bench.assert_sound();
}

#[tokio::test]
async fn whoever_is_deleted_is_away_for_good() {
    let (bench, user) = ana().await;
    bench.work();
    let id = bench.leave(user, ("2025-12-05", "2025-12-08")).await.unwrap();
    let leave = bench.leave_of(user, id).await;
    bench.tell(user, What::Delete).await.unwrap();
    bench.to("2025-12-09T00:00:00Z");
    for job in leave.jobs() {
        assert_eq!(states(&bench.ended(job).await), (JobState::Succeeded, None));
    }
    assert!(bench.events("user.status_changed").await.is_empty());
    bench.assert_sound();
}

#[tokio::test]
async fn calling_a_job_off_calls_the_leave_off() {
    let (bench, user) = ana().await;
    for edge in 0..2 {
        let id = bench.leave(user, ("2025-12-05", "2025-12-08")).await.unwrap();
        let jobs: Vec<_> = bench.leave_of(user, id).await.jobs().collect();
        bench.jobs.cancel(jobs[edge], None, None).await.unwrap();
        assert_eq!(bench.leave_of(user, id).await.state, LeaveState::Cancelled);
        assert_eq!(bench.job(jobs[1 - edge]).await.state, JobState::Cancelled);
        bench.assert_sound();
    }
}

#[tokio::test]
async fn the_status_of_any_day_is_told_and_listed() {
    let (bench, user) = ana().await;
    let tenant = bench.get(user).await.user.tenant;
    bench.leave(user, ("2025-12-05", "2025-12-08")).await.unwrap();
    let shell = &bench.world.shell;
    let filter = |status| queries::Filter {
        tenant: Some(tenant),
        statuses: vec![status],
        ..queries::Filter::default()
    };
    for now in ["2025-12-01T12:00:00Z", "2025-12-06T00:00:00Z", "2025-12-20T00:00:00Z"] {
        bench.to(now);
        let (start, begins, ends) =
            ("2025-12-01T12:00:00Z", "2025-12-05T03:00:00Z", "2025-12-08T03:00:00Z");
        for (at, expected, since) in [
            ("2025-12-05T02:59:59Z", Active, start),
            (begins, Suspended, begins),
            ("2025-12-08T02:59:59Z", Suspended, begins),
            (ends, Active, ends),
        ] {
            let told = queries::status_at(shell, user, None, at.parse().unwrap()).await.unwrap();
            assert_eq!(
                (told.status, told.planned),
                (expected, since > now),
                "{at} seen from {now}"
            );
        }
        // No job has run: the list knows all the same.
        let away = now.contains("12-06");
        let status = if away { Suspended } else { Active };
        assert_eq!(queries::list(shell, &filter(status), None, 10).await.unwrap().rows.len(), 1);
    }
    bench.assert_sound();
}

#[tokio::test]
async fn a_deleted_tenant_takes_the_leaves_along() {
    let (bench, user) = ana().await;
    bench.work();
    let tenant = bench.get(user).await.user.tenant;
    let id = bench.leave(user, ("2025-12-05", "2025-12-08")).await.unwrap();
    let leave = bench.leave_of(user, id).await;
    let delete = tenants::Delete { id: tenant, if_version: None, by: operator() };
    TenantDesk::new(bench.world.shell.clone()).delete(delete).await.unwrap();
    for job in leave.jobs() {
        assert_eq!(bench.ended(job).await.state, JobState::Cancelled);
    }
    eventually("the purge is done", async || {
        let found = bench.world.shell.store.get::<zelador_store::leave::Leaves>(&id).await;
        found.unwrap().is_none().then_some(())
    })
    .await;
    bench.assert_sound();
}
