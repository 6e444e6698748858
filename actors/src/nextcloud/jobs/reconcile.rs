//! `nextcloud.reconcile`: an instance's own list against what is known. It shows how
//! they differ, and changes nothing: what is missing, a person decides about.

use std::collections::BTreeSet;

use async_trait::async_trait;
use zelador_store::id::InstanceId;
use zelador_store::nextcloud::{Accounts, AccountsByPlace, Instance};
use zelador_store::{Query, Timestamp, Write};

use super::super::port::Port;
use super::super::rules::Trouble;
use super::super::rules::drift::drift;
use super::site::{Way, troubled, wait, way};
use super::{Instanced, Tools, note};
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx};

/// Accounts asked for at once.
const PAGE: u32 = 500;
/// Accounts of one instance that are listed at most.
const MOST: usize = 1_000_000;

/// Compares instances.
pub(super) struct Reconcile(pub(super) Tools);

#[async_trait]
impl Handler for Reconcile {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Instanced { instance_id } = cx.args()?;
        self.0.gate(&cx.shell).await?;
        let site = match way(&self.0, &cx.shell, instance_id).await? {
            Way::Open(site) => site,
            Way::Closed(why, _) => return Err(wait(&cx, why)),
            Way::Blocked(trouble) => {
                return Err(troubled(&self.0, &cx, instance_id, &trouble).await?);
            }
        };
        let began = cx.shell.now();
        let theirs = match list(site.line.port.as_ref(), &cx).await {
            Ok(theirs) => theirs,
            Err(trouble) => return Err(troubled(&self.0, &cx, instance_id, &trouble).await?),
        };
        let ours = ours(&cx.shell, instance_id, began).await?;
        let found = drift(&ours, &theirs, cx.shell.now());
        if found.missing > 0 {
            tracing::warn!(
                instance = site.instance.name,
                missing = found.missing,
                theirs = found.theirs,
                ours = found.ours,
                "nextcloud accounts are missing"
            );
        }
        note(&cx.shell, instance_id, |instance| {
            let mut next = Instance { drift: Some(found.clone()), ..instance.clone() };
            next.health.user_count = Some(found.theirs);
            Some(next)
        })
        .await?;
        cx.progress(found.theirs, found.theirs, format!("{} missing", found.missing));
        Ok(Write::new())
    }
}

async fn list(port: &dyn Port, cx: &JobCx) -> Result<BTreeSet<String>, Trouble> {
    let mut all = BTreeSet::new();
    let mut offset = 0;
    loop {
        let page = port.list(offset, PAGE).await?;
        offset += page.len() as u64;
        all.extend(page.iter().map(|id| id.to_ascii_lowercase()));
        cx.progress(offset, 0, format!("{offset} accounts listed"));
        if page.len() < PAGE as usize || all.len() >= MOST {
            return Ok(all);
        }
    }
}

/// Accounts that stood there before the list was begun.
async fn ours(
    shell: &Shell,
    id: InstanceId,
    began: Timestamp,
) -> Result<BTreeSet<String>, Failure> {
    let (mut all, mut after) = (BTreeSet::new(), None);
    loop {
        let query = Query::under(&(id,)).after(after).limit(PAGE as usize);
        let page = shell.store.owners::<AccountsByPlace>(&query).await?;
        for (_, user) in page.rows {
            let row = shell.store.get::<Accounts>(&user).await?.map(|found| found.row);
            let row = row.filter(|row| row.created_at.is_some_and(|at| at < began));
            let place = row.and_then(|row| row.place).filter(|place| place.made);
            // One that moved meanwhile is at home elsewhere.
            let here = place.filter(|place| place.instance == id);
            all.extend(here.map(|place| place.remote_id.to_ascii_lowercase()));
        }
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}
