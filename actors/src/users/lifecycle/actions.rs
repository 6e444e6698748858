//! The actions there are.

use async_trait::async_trait;
use serde_json::{Value, json};
use zelador_store::id::{TenantId, UserId};
use zelador_store::session::{Session, Sessions, SessionsByUser};
use zelador_store::{Error as StoreError, Query, Write};

use super::{Case, Done, Transition, payload};
use crate::engine::Shell;

/// Sessions looked at in one commit: more than a user can have open.
const SESSIONS: usize = 1000;

/// An action.
#[derive(Clone, Copy)]
pub struct Action {
    /// Its name, as `[lifecycle]` has it; never renamed.
    pub name: &'static str,
    /// How it is done.
    pub how: How,
}

/// How an action is done.
#[derive(Clone, Copy)]
pub enum How {
    /// In the commit of the change that it follows from.
    AtOnce(&'static dyn AtOnce),
    /// By a job of this kind, with `user_id`, `tenant_id`, `action`, `transition`
    /// and `event_id` as its arguments.
    Job(&'static str),
}

/// What is done in the commit of the change.
#[async_trait]
pub trait AtOnce: Send + Sync {
    /// Stages it; answers how many records it changes. May run again for one
    /// commit, if what it read was changed under it.
    async fn stage(&self, shell: &Shell, case: &Case, write: &mut Write)
    -> Result<u32, StoreError>;
}

/// Every action. A concern that brings one adds a line.
pub const ACTIONS: &[Action] = &[
    Action { name: "revoke_sessions", how: How::AtOnce(&RevokeSessions) },
    Action { name: "cancel_bookings", how: How::Job("booking.cancel_all") },
];

/// Ends the sessions of a user. One that begins meanwhile fails: it expects the
/// user's row as it was before.
struct RevokeSessions;

#[async_trait]
impl AtOnce for RevokeSessions {
    async fn stage(
        &self,
        shell: &Shell,
        case: &Case,
        write: &mut Write,
    ) -> Result<u32, StoreError> {
        let why = match case.transition {
            Transition::Banned => "ban",
            Transition::Suspended => "suspension",
            other => other.word(),
        };
        let query = Query::under_key(&case.user).limit(SESSIONS);
        let page = shell.store.page_by::<SessionsByUser>(&query).await?;
        let mut count = 0;
        for session in page.rows {
            // Whoever was let in again meanwhile keeps what began since.
            if !(case.over && session.row.created_at >= case.at) {
                let (at, why) = (Some(shell.now()), Some(why.to_owned()));
                let row = Session { revoked_at: at, revoked_for: why, ..session.row.clone() };
                write.update::<Sessions>(&session, &row);
                count += 1;
            }
        }
        Ok(count)
    }
}

/// What the timeline is told of actions done at once.
pub(in crate::users) fn news(user: UserId, tenant: TenantId, done: &Done) -> Value {
    let mut data = payload(user, tenant, done.action, done.transition.word());
    if let Some(members) = data.as_object_mut() {
        members.insert("state".into(), json!("done"));
        members.insert("count".into(), json!(done.count));
    }
    data
}
