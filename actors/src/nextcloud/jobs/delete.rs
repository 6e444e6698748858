//! `nextcloud.delete_user`: deletes an account with all that it holds, and forgets it.

use async_trait::async_trait;
use zelador_store::Write;
use zelador_store::nextcloud::{AccountState, Accounts, Occupancy, Place};

use super::super::stage;
use super::site::{site_of, troubled};
use super::{Args, Tools};
use crate::engine::jobs::{Failure, Handler, JobCx};

/// Deletes accounts.
pub(super) struct DeleteUser(pub(super) Tools);

#[async_trait]
impl Handler for DeleteUser {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Args { user_id } = cx.args()?;
        self.0.gate(&cx.shell).await?;
        let mut write = Write::new();
        let Some(found) = cx.shell.store.get::<Accounts>(&user_id).await? else {
            return Ok(write);
        };
        let making = matches!(found.row.state, AccountState::Creating | AccountState::Pending);
        if making && stage::live_job(&cx.shell, user_id).await?.is_some() {
            let until = Some(cx.shell.now() + std::time::Duration::from_secs(5));
            return Err(Failure::Snooze { until, reason: "the account is being made".to_owned() });
        }
        let former = found.row.moving.as_ref().map(|moving| &moving.from);
        for place in found.row.place.iter().chain(former) {
            if place.called || place.made {
                self.delete(&cx, place).await?;
            }
            let taken = cx.shell.store.get::<Occupancy>(&place.instance).await?;
            stage::give_back(&mut write, taken.as_ref());
        }
        write.remove::<Accounts>(&found);
        tracing::info!(user = %user_id, tenant_id = %found.row.tenant, "nextcloud user deleted");
        Ok(write)
    }
}

impl DeleteUser {
    async fn delete(&self, cx: &JobCx, place: &Place) -> Result<(), Failure> {
        let (site, id) = site_of(&self.0, cx, place).await?;
        match site.line.port.delete(&id).await {
            Ok(()) => site.well(&cx.shell).await,
            Err(trouble) => Err(troubled(&self.0, cx, site.id, &trouble).await?),
        }
    }
}
