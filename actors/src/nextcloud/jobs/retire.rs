//! `nextcloud.retire_user`: switches off the account that a move has left behind, and
//! gives its place back. What its owner had stored there stays until an operator has
//! taken it over.

use async_trait::async_trait;
use zelador_store::Write;
use zelador_store::nextcloud::{Instances, Occupancy};

use super::super::rules::{Class, Edit};
use super::super::stage;
use super::site::{site_of, troubled};
use super::{Former, Tools};
use crate::engine::jobs::{Failure, Handler, JobCx};

/// Retires accounts.
pub(super) struct RetireUser(pub(super) Tools);

#[async_trait]
impl Handler for RetireUser {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Former { user_id, place } = cx.args()?;
        self.0.gate(&cx.shell).await?;
        let mut write = Write::new();
        if cx.shell.store.get::<Instances>(&place.instance).await?.is_none() {
            return Ok(write);
        }
        let (site, id) = site_of(&self.0, &cx, &place).await?;
        match site.line.port.edit(&id, &Edit::Enabled(false)).await {
            Ok(()) => site.well(&cx.shell).await?,
            Err(trouble) if trouble.class == Class::UnknownUser => {}
            Err(trouble) => return Err(troubled(&self.0, &cx, site.id, &trouble).await?),
        }
        let taken = cx.shell.store.get::<Occupancy>(&place.instance).await?;
        stage::give_back(&mut write, taken.as_ref());
        tracing::info!(user = %user_id, instance = site.instance.name,
            "nextcloud user switched off where it was before");
        Ok(write)
    }
}
