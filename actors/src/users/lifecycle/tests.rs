//! What follows from what, through the real commit, consumer and job desk.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use zelador_store::event::Event;
use zelador_store::id::SessionId;
use zelador_store::session::{Session, Sessions};

use super::*;
use crate::engine::events::EventDesk;
use crate::engine::jobs::{Failure, Handler, JobCx, JobDesk, JobSettings};
use crate::engine::settings::{default_kinds, default_queues};
use crate::testkit::eventually;
use crate::users::What;
use crate::users::tests::{Bench, command};
use Status::{Active, Banned, Inactive, Pending, Suspended};

#[test]
fn changes_are_transitions() {
    use Transition as T;
    for (from, to, expected) in [
        (Active, Banned, Some(T::Banned)),
        (Suspended, Banned, Some(T::Banned)),
        (Active, Suspended, Some(T::Suspended)),
        (Banned, Suspended, Some(T::Suspended)),
        (Banned, Active, Some(T::Reinstated)),
        (Suspended, Active, Some(T::Reinstated)),
        (Pending, Active, None),
        (Inactive, Active, None),
        (Active, Inactive, None),
        (Suspended, Suspended, None),
    ] {
        assert_eq!(T::of_change(from, to), expected, "{from:?} to {to:?}");
    }
}

#[test]
fn every_default_exists() {
    let settings = LifecycleSettings::default();
    for transition in Transition::ALL {
        for name in settings.of(transition) {
            assert!(ACTIONS.iter().any(|action| action.name == name), "{name}");
        }
        let named = serde_json::to_value(&settings).unwrap();
        assert!(named[transition.word()].is_array(), "{}", transition.word());
    }
}

impl Bench {
    /// A session that began now.
    async fn session(&self, tenant: TenantId, user: UserId) -> SessionId {
        let (id, now) = (self.world.shell.id(), self.world.shell.now());
        let row = serde_json::json!({
            "tenant": tenant, "user": user, "family": vec![0; 32], "refresh": vec![0; 32],
            "created_at": now, "refreshed_at": now, "expires_at": now + Duration::from_hours(24),
            "must_change": false, "address": null, "agent": null,
            "revoked_at": null, "revoked_for": null,
        });
        let row: Session = serde_json::from_value(row).unwrap();
        let mut write = Write::new();
        write.insert::<Sessions>(&id, &row);
        self.world.shell.store.commit(write).await.unwrap();
        id
    }

    async fn ended_for(&self, session: SessionId) -> Option<String> {
        let found = self.world.shell.store.get::<Sessions>(&session).await.unwrap();
        found.unwrap().row.revoked_for
    }
}

#[tokio::test]
async fn sessions_end_in_the_commit_of_the_change() {
    for (what, word) in [
        (What::SetStatus { to: Banned, reason: None }, "ban"),
        (What::SetStatus { to: Suspended, reason: None }, "suspension"),
        (What::Delete, "deleted"),
    ] {
        let bench = Bench::new();
        let tenant = bench.tenant("a.example").await;
        let (user, other) = (bench.user(tenant, "Ana").await, bench.user(tenant, "Bia").await);
        let sessions = [bench.session(tenant, user).await, bench.session(tenant, user).await];
        let foreign = bench.session(tenant, other).await;
        let foreseen = bench.users.foresee(&command(user, what.clone())).await.unwrap();
        assert_eq!(foreseen.sessions_revoked, 2);
        let out: &[&str] = &["revoke_sessions", "cancel_bookings"];
        assert_eq!(foreseen.actions, if word == "suspension" { &out[..1] } else { out });
        assert_eq!(bench.ended_for(sessions[0]).await, None);
        bench.tell(user, what).await.unwrap();
        for session in sessions {
            assert_eq!(bench.ended_for(session).await.as_deref(), Some(word));
        }
        assert_eq!(bench.ended_for(foreign).await, None);
        let (event, data) = bench.events("user.lifecycle_action").await.remove(0);
        assert_eq!(event.user, Some(user));
        assert_eq!((&data["state"], &data["count"]), (&"done".into(), &2.into()));
        bench.assert_sound();
    }
}

/// What is written down late ends what began before, and spares what began since.
#[tokio::test]
async fn a_late_job_spares_who_was_let_in_since() {
    let bench = Bench::new();
    let tenant = bench.tenant("a.example").await;
    let user = bench.user(tenant, "Ana").await;
    let before = bench.session(tenant, user).await;
    let (date_in, date_out) = ("2025-12-05".parse().unwrap(), "2025-12-08".parse().unwrap());
    let id = bench.world.shell.id();
    bench.tell(user, What::Leave { id, date_in, date_out, reason: None }).await.unwrap();
    bench.to("2025-12-09T00:00:00Z");
    let since = bench.session(tenant, user).await;
    bench.work();
    eventually("the leave is over", async || bench.ended_for(before).await).await;
    assert_eq!(bench.ended_for(since).await, None);
    // Whoever is not let in keeps nothing, whatever the clock said.
    bench.to("2025-12-08T12:00:00Z");
    bench.tell(user, What::SetStatus { to: Banned, reason: None }).await.unwrap();
    assert_eq!(bench.ended_for(since).await.as_deref(), Some("ban"));
}

/// A kind of job of the test's own.
const GREET: &str = "diagnostic";
const TRIED: &[Action] = &[
    Action { name: "greet", how: How::Job(GREET), needs: Needs::Nothing },
    Action { name: "wave", how: How::Job(GREET), needs: Needs::Nothing },
];

#[derive(Default)]
struct Greet {
    runs: AtomicU32,
    fails: u32,
}

#[async_trait]
impl Handler for Greet {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let args: serde_json::Value = cx.args()?;
        assert!(args["user_id"].is_string() && args["event_id"].is_string(), "{args}");
        if self.runs.fetch_add(1, Ordering::SeqCst) < self.fails {
            return Err(Failure::permanent("nobody is there"));
        }
        Ok(Write::new())
    }
}

struct Stage {
    bench: Bench,
    greet: Arc<Greet>,
    events: EventDesk,
    jobs: JobDesk,
}

async fn stage(fails: u32) -> Stage {
    let bench = Bench::new();
    let settings = LifecycleSettings {
        registered: vec!["greet".into()],
        banned: vec!["wave".into(), "greet".into()],
        reinstated: vec!["wave".into()],
        deleted: vec!["greet".into()],
        ..LifecycleSettings::default()
    };
    let settings = watch::channel(Arc::new(settings)).1;
    let lifecycle = Lifecycle::new(settings).with_actions(TRIED);
    let shell = bench.world.shell.clone();
    let events = EventDesk::new(shell.clone(), vec![Arc::new(Follow::new(lifecycle))]);
    events.attach().await.unwrap();
    let follower = events.clone();
    tokio::spawn(async move { follower.work("lifecycle").await.unwrap() });
    let greet = Arc::new(Greet { fails, ..Greet::default() });
    let handlers = HashMap::from([(GREET, told(greet.clone()))]);
    let known = JobSettings { queues: default_queues(), kinds: default_kinds() };
    let jobs = JobDesk::new(shell, handlers, watch::channel(Arc::new(known)).1);
    let worker = jobs.clone();
    tokio::spawn(async move { worker.work().await.unwrap() });
    Stage { bench, greet, events, jobs }
}

impl Stage {
    async fn actions(&self, user: UserId) -> Vec<(String, String)> {
        let events = self.bench.events("user.lifecycle_action").await;
        let of_user = events.iter().filter(|(event, _)| event.user == Some(user));
        let text = |data: &serde_json::Value, name: &str| data[name].as_str().unwrap().to_owned();
        of_user.map(|(_, data)| (text(data, "action"), text(data, "state"))).collect()
    }

    async fn eventually(&self, user: UserId, count: usize) -> Vec<(String, String)> {
        eventually("the actions are told", async || {
            Some(self.actions(user).await).filter(|told| told.len() >= count)
        })
        .await
    }
}

#[tokio::test]
async fn an_action_is_a_job_that_the_timeline_shows() {
    let stage = stage(0).await;
    let tenant = stage.bench.tenant("a.example").await;
    let user = stage.bench.user(tenant, "Ana").await;
    let told = |action: &str, state: &str| (action.to_owned(), state.to_owned());
    assert_eq!(stage.eventually(user, 2).await, [told("greet", "started"), told("greet", "done")]);
    stage.bench.tell(user, What::SetStatus { to: Banned, reason: None }).await.unwrap();
    let actions = stage.eventually(user, 6).await;
    assert_eq!(actions[2..4], [told("wave", "started"), told("greet", "started")]);
    let mut done = actions[4..].to_vec();
    done.sort();
    assert_eq!(done, [told("greet", "done"), told("wave", "done")]);
    let (_, data) = &stage.bench.events("user.lifecycle_action").await[0];
    assert_eq!(data["initiated_by"]["kind"], "operator");
    assert_eq!(stage.greet.runs.load(Ordering::SeqCst), 3);
    stage.bench.assert_sound();
}

#[tokio::test]
async fn the_way_back_and_the_end_are_followed_too() {
    let stage = stage(0).await;
    let tenant = stage.bench.tenant("a.example").await;
    let user = stage.bench.user(tenant, "Ana").await;
    let mut seen = 2;
    stage.eventually(user, seen).await;
    for (what, first, count) in [
        (What::SetStatus { to: Suspended, reason: None }, None, 0),
        (What::SetStatus { to: Active, reason: None }, Some("wave"), 1),
        (What::Delete, Some("greet"), 1),
    ] {
        stage.bench.tell(user, what).await.unwrap();
        let told = stage.eventually(user, seen + 2 * count).await;
        assert_eq!(told.get(seen).map(|(action, _)| action.as_str()), first);
        seen += 2 * count;
    }
    assert_eq!(stage.greet.runs.load(Ordering::SeqCst), 3);
}

/// Handed over again while its job is under way, an event starts nothing.
#[tokio::test]
async fn an_event_starts_an_action_once() {
    let stage = stage(0).await;
    stage.jobs.pause("user-status-queue", true, None, None).await.unwrap();
    let tenant = stage.bench.tenant("a.example").await;
    let user = stage.bench.user(tenant, "Ana").await;
    stage.eventually(user, 1).await;
    stage.events.replay("lifecycle", 1, &Write::new()).await.unwrap();
    let other = stage.bench.user(tenant, "Bia").await;
    stage.eventually(other, 1).await;
    assert_eq!(stage.actions(user).await.len(), 1);
}

#[tokio::test]
async fn an_action_that_is_given_up_is_told() {
    let stage = stage(1).await;
    let tenant = stage.bench.tenant("a.example").await;
    let user = stage.bench.user(tenant, "Ana").await;
    let failed: Event = eventually("the job fails", async || {
        stage.bench.events("job.failed").await.pop().map(|(event, _)| event)
    })
    .await;
    assert_eq!(failed.user, Some(user));
    assert_eq!(stage.actions(user).await.len(), 1);
}

/// Of a user who is gone with the tenant, what is elsewhere is still tended.
#[tokio::test]
async fn a_user_without_a_row_is_followed_too() {
    let stage = stage(0).await;
    let shell = &stage.bench.world.shell;
    let (tenant, user): (TenantId, UserId) = (shell.id(), shell.id());
    let by = crate::users::tests::operator();
    let data = serde_json::json!({
        "user_id": user, "tenant_id": tenant, "user_type": "user", "status": "ACTIVE", "version": 1,
    });
    let mut write = Write::new();
    write.event(&crate::facts::about_tenant(shell, "user.created", tenant, &by, data));
    shell.store.commit(write).await.unwrap();
    eventually("its job runs", async || {
        (stage.greet.runs.load(Ordering::SeqCst) == 1).then_some(())
    })
    .await;
    stage.bench.assert_sound();
}
