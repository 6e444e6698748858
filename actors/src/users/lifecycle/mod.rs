//! What follows from what happens to a user: `[lifecycle]`.
//!
//! ```text
//!  change of status ── at once ──▶ its own commit: sessions end
//!        │
//!        └─ event ──▶ consumer `lifecycle` ── a job for each other action ──▶ done | failed
//! ```
//! Two tables say it all: the operator's, which [`Transition`] leads to which
//! actions, and [`ACTIONS`], which actions there are. A concern that brings one
//! adds a line there and a handler for its kind of job.
//!
//! Invariants:
//! - What is done at once is in the commit of the change: nobody sees a ban
//!   beside a session that still works.
//! - An action that is a job starts in the commit that moves the consumer on, so
//!   once for an event; its handler looks before it acts, for a replay starts it
//!   again.
//! - Nothing is undone by memory: the way back is a transition with actions of
//!   its own.

mod actions;
mod follow;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::watch;
use zelador_store::author::Author;
use zelador_store::id::{TenantId, UserId};
use zelador_store::user::{Status, User};
use zelador_store::{Error as StoreError, Timestamp, Write};

use super::messages::CloudShown;
use super::rules::Turn;
use crate::engine::Shell;
use crate::facts::about_user;

pub use actions::{ACTIONS, Action, AtOnce, How, Needs, PROVISION};
pub use follow::{Follow, told};
pub use settings::LifecycleSettings;

/// Something that happens to a user, from which something follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transition {
    /// The user is new.
    Registered,
    /// The status became `BANNED`.
    Banned,
    /// The status became `SUSPENDED`, for a leave too.
    Suspended,
    /// The status became `ACTIVE` after `BANNED` or `SUSPENDED`.
    Reinstated,
    /// The user was deleted.
    Deleted,
}

impl Transition {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Registered, Self::Banned, Self::Suspended, Self::Reinstated, Self::Deleted];

    /// The word for it, as `[lifecycle]` has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Banned => "banned",
            Self::Suspended => "suspended",
            Self::Reinstated => "reinstated",
            Self::Deleted => "deleted",
        }
    }

    /// What a change of status is, if anything follows from it.
    pub fn of_change(from: Status, to: Status) -> Option<Self> {
        match (from, to) {
            (from, to) if from == to => None,
            (_, Status::Banned) => Some(Self::Banned),
            (_, Status::Suspended) => Some(Self::Suspended),
            (Status::Banned | Status::Suspended, Status::Active) => Some(Self::Reinstated),
            _ => None,
        }
    }

    /// What one turn brings, in order, each with its time.
    pub(super) fn of_turn(before: &User, turn: &Turn) -> Vec<(Self, Timestamp)> {
        let moves = turn.moves.iter();
        let mut all: Vec<_> = moves
            .filter_map(|step| Some((Self::of_change(step.from, step.to)?, step.at)))
            .collect();
        let deleted = turn.user.deleted_at.filter(|_| before.is_live());
        all.extend(deleted.map(|at| (Self::Deleted, at)));
        all
    }
}

/// One transition of one user, for an action.
#[derive(Debug, Clone)]
pub struct Case {
    /// Whose.
    pub tenant: TenantId,
    /// To whom it happens.
    pub user: UserId,
    /// What.
    pub transition: Transition,
    /// Since when it has been so.
    pub at: Timestamp,
    /// Whether the user may use the service all the same by now: a suspension
    /// that is written down late may be over.
    pub over: bool,
}

/// What was done at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Which action.
    pub action: &'static str,
    /// For what.
    pub transition: Transition,
    /// How many records it changed.
    pub count: u32,
}

/// The operator's table, and the actions there are; clones are the same.
#[derive(Clone)]
pub struct Lifecycle {
    actions: &'static [Action],
    brought: Arc<HashMap<&'static str, Arc<dyn AtOnce>>>,
    settings: watch::Receiver<Arc<LifecycleSettings>>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new(watch::channel(Arc::default()).1)
    }
}

impl Lifecycle {
    /// The table as `[lifecycle]` has it.
    pub fn new(settings: watch::Receiver<Arc<LifecycleSettings>>) -> Self {
        Self { actions: ACTIONS, brought: Arc::default(), settings }
    }

    /// The same table with what a concern brings for an action.
    pub fn bringing(self, name: &'static str, what: Arc<dyn AtOnce>) -> Self {
        let mut brought = self.brought.as_ref().clone();
        brought.insert(name, what);
        Self { brought: Arc::new(brought), ..self }
    }

    /// What does an action in a commit, if anything does.
    fn deed(&self, action: &'static Action) -> Option<&dyn AtOnce> {
        match action.how {
            How::AtOnce(deed) => Some(deed),
            How::Brought => self.brought.get(action.name).map(Arc::as_ref),
            How::Job(_) => None,
        }
    }

    /// The same table with other actions.
    #[cfg(test)]
    fn with_actions(self, actions: &'static [Action]) -> Self {
        Self { actions, ..self }
    }

    /// The actions of a transition, in the order of the table.
    pub fn of(&self, transition: Transition) -> Vec<&'static Action> {
        let settings = self.settings.borrow().clone();
        let names = settings.of(transition).iter();
        names.filter_map(|name| self.actions.iter().find(|action| action.name == name)).collect()
    }

    /// Stages what is done at once for the transitions of one commit. Each action
    /// is done once, for the weightiest reason: the last.
    pub(super) async fn at_once(
        &self,
        shell: &Shell,
        user: (UserId, &User),
        transitions: &[(Transition, Timestamp)],
        write: &mut Write,
    ) -> Result<Vec<Done>, StoreError> {
        let mut done: Vec<Done> = Vec::new();
        for (transition, at) in transitions.iter().rev() {
            for action in self.of(*transition) {
                let Some(deed) = self.deed(action) else { continue };
                if done.iter().any(|known| known.action == action.name) {
                    continue;
                }
                let over = user.1.status == Status::Active && user.1.is_live();
                let (tenant, transition) = (user.1.tenant, *transition);
                let case = Case { tenant, user: user.0, transition, at: *at, over };
                let count = deed.stage(shell, &case, write).await?;
                done.push(Done { action: action.name, transition, count });
            }
        }
        Ok(done)
    }
}

impl Lifecycle {
    /// Stages what is done at once for a user who is being registered, with what the
    /// timeline is told; answers the Nextcloud account, if one was asked for.
    pub(super) async fn registered(
        &self,
        shell: &Shell,
        user: (UserId, &User),
        by: &Author,
        write: &mut Write,
    ) -> Result<Option<CloudShown>, StoreError> {
        let (id, tenant) = (user.0, user.1.tenant);
        let at = [(Transition::Registered, user.1.created_at)];
        let done = self.at_once(shell, user, &at, write).await?;
        for done in done.iter().filter(|done| done.count > 0) {
            let data = news(id, tenant, done);
            write.event(&about_user(shell, "user.lifecycle_action", tenant, id, by, data));
        }
        let asked = done.iter().any(|done| done.action == PROVISION && done.count > 0);
        Ok(asked.then(CloudShown::pending))
    }
}

/// The payload of `user.lifecycle_action`.
fn payload(user: UserId, tenant: TenantId, action: &str, transition: &str) -> serde_json::Value {
    json!({ "user_id": user, "tenant_id": tenant, "action": action, "transition": transition })
}

pub(super) use actions::news;
