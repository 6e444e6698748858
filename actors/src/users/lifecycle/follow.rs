//! The consumer `lifecycle`: from an event to jobs, and what they came to.
//!
//! The timeline of the user shows `user.lifecycle_action` when an action starts
//! and when it is done; one that is given up is its `job.failed`.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Event;
use zelador_store::id::{JobId, TenantId, UserId};
use zelador_store::job::{Job, JobsByUnique};
use zelador_store::kv::Term;
use zelador_store::user::{Status, Users};
use zelador_store::{Stored, Write};

use super::{Action, Case, Done, How, Lifecycle, Transition, news, payload};
use crate::engine::Shell;
use crate::engine::events::{Begin, Consume, EventCx};
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};
use crate::error::Error;
use crate::facts::{about_tenant, about_user};

/// What the unique key of every such job begins with.
const KEY: &str = "lifecycle:";
/// The kind of event.
const TOLD: &str = "user.lifecycle_action";

/// Starts the actions that are jobs.
#[derive(Clone)]
pub struct Follow(Lifecycle);

impl Follow {
    /// A consumer for this table.
    pub fn new(lifecycle: Lifecycle) -> Self {
        Self(lifecycle)
    }

    /// Starts one action, unless it is under way already.
    async fn start(
        &self,
        cx: &EventCx,
        whom: &Whom,
        action: &Action,
        kind: &str,
        write: &mut Write,
    ) -> Result<(), Failure> {
        let key = format!("{KEY}{}:{}", whom.event, action.name);
        let live = cx.shell.store.find::<JobsByUnique>(&Term::new(&key)).await?;
        if live.is_some() {
            return Ok(());
        }
        let transition = whom.transition.word();
        let mut data = payload(whom.user, whom.tenant, action.name, transition);
        add(&mut data, "event_id", json!(whom.event));
        let mut job = NewJob::new(kind, &data).unique(key);
        job.tenant = Some(whom.tenant);
        job.user = whom.row.as_ref().map(|_| whom.user);
        let id: JobId = cx.shell.id();
        write.enqueue(id, &job.build(cx.shell.now()));
        add(&mut data, "state", json!("started"));
        add(&mut data, "job_id", json!(id));
        whom.tell(&cx.shell, data, write);
        tracing::info!(user = %whom.user, tenant_id = %whom.tenant, action = action.name,
            transition, job = %id, "lifecycle action started");
        Ok(())
    }
}

impl Follow {
    /// Does what a concern has brought, for a user whose change was not ours to add
    /// it to: one that a sync has made.
    async fn bring(
        &self,
        cx: &EventCx,
        whom: &Whom,
        (event, action): (&Event, &'static Action),
        write: &mut Write,
    ) -> Result<(), Failure> {
        let (Some(deed), Some(row)) = (self.0.deed(action), &whom.row) else { return Ok(()) };
        let (tenant, user, transition) = (whom.tenant, whom.user, whom.transition);
        let over = !row.row.is_live();
        let case = Case { tenant, user, transition, at: event.at, over };
        let count = if over { 0 } else { deed.stage(&cx.shell, &case, write).await? };
        if count > 0 {
            let done = Done { action: action.name, transition, count };
            whom.tell(&cx.shell, news(user, tenant, &done), write);
        }
        Ok(())
    }
}

#[async_trait]
impl Consume for Follow {
    fn name(&self) -> &'static str {
        "lifecycle"
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event.kind.as_str(), "user.created" | "user.status_changed" | "user.deleted")
    }

    async fn consume(&self, cx: &EventCx, _: u64, event: &Event) -> Result<Write, Failure> {
        let mut write = Write::new();
        let Some(transition) = transition(event) else { return Ok(write) };
        let actions = self.0.of(transition);
        if !actions.iter().any(|action| !matches!(action.how, How::AtOnce(_))) {
            return Ok(write);
        }
        let whom = Whom::of(&cx.shell, event, transition).await?;
        for action in actions {
            match action.how {
                How::Job(kind) if action.is_for(&cx.shell, whom.user).await? => {
                    self.start(cx, &whom, action, kind, &mut write).await?;
                }
                How::Brought => self.bring(cx, &whom, (event, action), &mut write).await?,
                How::AtOnce(_) | How::Job(_) => {}
            }
        }
        if let Some(row) = whom.row.as_ref().filter(|_| !write.is_empty()) {
            // A user who is being purged has no timeline to write to.
            write.expect(row);
        }
        Ok(write)
    }

    /// What happened before there were actions has had its consequences.
    fn begins(&self) -> Begin {
        Begin::Now
    }
}

/// What an event says has happened, if anything follows from it.
fn transition(event: &Event) -> Option<Transition> {
    let data: Value = serde_json::from_str(&event.data).ok()?;
    let status = |name: &str| Status::from_word(data.get(name)?.as_str()?);
    match event.kind.as_str() {
        "user.created" => Some(Transition::Registered),
        "user.deleted" => Some(Transition::Deleted),
        _ => Transition::of_change(status("old_status")?, status("new_status")?),
    }
}

/// Whom an event is about.
struct Whom {
    event: String,
    transition: Transition,
    tenant: TenantId,
    user: UserId,
    /// Who had it happen.
    by: Author,
    /// `None`: nothing is left of the user.
    row: Option<Stored<Users>>,
}

impl Whom {
    async fn of(shell: &Shell, event: &Event, transition: Transition) -> Result<Self, Failure> {
        let data: Value = serde_json::from_str(&event.data).map_err(Failure::permanent)?;
        let named = data.get("user_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let (Some(user), Some(tenant)) = (event.user.or(named), event.tenant) else {
            return Err(Failure::permanent("the event names no user"));
        };
        let by = data.get("initiated_by").cloned().unwrap_or_default();
        let by = serde_json::from_value(by)
            .unwrap_or_else(|_| Author::new(AuthorKind::Job, "lifecycle"));
        let row = shell.store.get::<Users>(&user).await?;
        Ok(Self { by, event: event.id.to_string(), transition, tenant, user, row })
    }

    fn tell(&self, shell: &Shell, data: Value, write: &mut Write) {
        write.event(&match &self.row {
            Some(_) => about_user(shell, TOLD, self.tenant, self.user, &self.by, data),
            None => about_tenant(shell, TOLD, self.tenant, &self.by, data),
        });
    }
}

fn add(data: &mut Value, name: &str, value: Value) {
    if let Some(members) = data.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// The handler of a kind of job that actions start: what it does is told to the
/// timeline in the commit of its success.
pub fn told(handler: Arc<dyn Handler>) -> Arc<dyn Handler> {
    Arc::new(Told(handler))
}

struct Told(Arc<dyn Handler>);

#[async_trait]
impl Handler for Told {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let mut write = self.0.run(cx.clone()).await?;
        let of_lifecycle = cx.job.unique.as_deref().is_some_and(|key| key.starts_with(KEY));
        let (Some(tenant), Some(user), true) = (cx.job.tenant, cx.job.user, of_lifecycle) else {
            return Ok(write);
        };
        let mut data: Value = cx.args()?;
        add(&mut data, "state", json!("done"));
        add(&mut data, "job_id", json!(cx.id));
        let by = Author::new(AuthorKind::Job, cx.id.to_string());
        if let Some(row) = cx.shell.store.get::<Users>(&user).await? {
            write.expect(&row);
            write.event(&about_user(&cx.shell, TOLD, tenant, user, &by, data));
        }
        Ok(write)
    }

    fn fails_on_timeout(&self) -> bool {
        self.0.fails_on_timeout()
    }

    async fn called_off(&self, shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
        self.0.called_off(shell, id, job).await
    }

    async fn fell_short(&self, shell: &Shell, id: JobId, next: &Job) -> Result<Write, Error> {
        self.0.fell_short(shell, id, next).await
    }
}
