//! `nextcloud.enable_user`, `nextcloud.disable_user`: lets an account's owner in, or
//! keeps them out.
//!
//! The row says first what shall be, then the server is told. Of two such jobs that
//! of the younger event has the say, whichever runs last; an account that is being made is waited
//! for, and one that has yet to be made is made as the row says.

use async_trait::async_trait;
use serde::Deserialize;
use zelador_store::Write;
use zelador_store::id::EventId;
use zelador_store::nextcloud::{Account, AccountState, Accounts, Place};

use super::super::rules::{Class, Edit};
use super::site::{Site, site_of, troubled};
use super::{Args, Tools, changed, stored};
use crate::engine::jobs::{Failure, Handler, JobCx};

/// How soon an account that is being made is looked at again.
const SOON: std::time::Duration = std::time::Duration::from_secs(5);

#[derive(Deserialize)]
struct Because {
    /// The event that it follows from, if it follows from one.
    #[serde(default)]
    event_id: Option<EventId>,
}

/// What orders it among its like: ids are made in the order of time.
fn cause(cx: &JobCx) -> Result<EventId, Failure> {
    let Because { event_id } = cx.args()?;
    Ok(event_id.unwrap_or_else(|| EventId::from_uuid(cx.id.uuid())))
}

/// Switches accounts.
pub(super) struct Switch {
    pub(super) tools: Tools,
    /// Keeps out, or lets in.
    pub(super) out: bool,
}

#[async_trait]
impl Handler for Switch {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Args { user_id } = cx.args()?;
        self.tools.gate(&cx.shell).await?;
        if cx.shell.store.get::<Accounts>(&user_id).await?.is_none() {
            return Ok(Write::new());
        }
        let cause = cause(&cx)?;
        let row = changed(&cx.shell, user_id, |row| self.meant(cause, row)).await?;
        if row.switched_by.is_some_and(|last| last > cause) {
            return Ok(Write::new());
        }
        match (row.state, &row.place) {
            (AccountState::Active | AccountState::Disabled, Some(place)) => {
                self.apply(&cx, place).await
            }
            (AccountState::Creating | AccountState::Pending, _) => {
                let until = Some(cx.shell.now() + SOON);
                Err(Failure::Snooze { until, reason: "the account is being made".to_owned() })
            }
            // What was given up, nobody can use; what is tried anew is made as it says.
            _ => Ok(Write::new()),
        }
    }
}

impl Switch {
    /// The row with what this job says, unless a younger one has spoken.
    fn meant(&self, cause: EventId, row: &Account) -> Option<Account> {
        let overtaken = row.switched_by.is_some_and(|last| last >= cause);
        let (locked_out, switched_by) = (self.out, Some(cause));
        (!overtaken).then(|| Account { locked_out, switched_by, ..row.clone() })
    }

    async fn apply(&self, cx: &JobCx, place: &Place) -> Result<Write, Failure> {
        let Args { user_id } = cx.args()?;
        let (site, id) = site_of(&self.tools, cx, place).await?;
        match site.line.port.edit(&id, &Edit::Enabled(!self.out)).await {
            Ok(()) => site.well(&cx.shell).await?,
            // Nobody is there to be kept out.
            Err(trouble) if trouble.class == Class::UnknownUser && self.out => {}
            Err(trouble) => return Err(troubled(&self.tools, cx, site.id, &trouble).await?),
        }
        self.done(cx, &site, user_id).await
    }

    async fn done(
        &self,
        cx: &JobCx,
        site: &Site,
        user: zelador_store::id::UserId,
    ) -> Result<Write, Failure> {
        let found = stored(&cx.shell, user).await?;
        let state = if self.out { AccountState::Disabled } else { AccountState::Active };
        let instance = site.instance.name.as_str();
        tracing::info!(user = %user, tenant_id = %found.row.tenant, instance,
            state = state.word(), "nextcloud user switched");
        let mut write = Write::new();
        if found.row.state != state {
            let row = Account {
                state,
                version: found.row.version + 1,
                updated_at: cx.shell.now(),
                ..found.row.clone()
            };
            write.update::<Accounts>(&found, &row);
        }
        Ok(write)
    }
}
