//! `resources.prune`: deleted categories and resources are removed for good, once
//! their time is over.
//!
//! A resource that something still occupies, or is to, waits until that is
//! cancelled. Its calendar's revision goes with it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use zelador_store::booking::{Calendars, Occupied};
use zelador_store::category::{Categories, CategoriesByEnd};
use zelador_store::id::ResourceId;
use zelador_store::resource::ResourcesByEnd;
use zelador_store::{Cursor, Query, Timestamp, Write};

use super::settings::ResourceSettings;
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx};

/// The kind of job.
pub const PRUNE: &str = "resources.prune";

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Rows removed in one commit.
const PAGE: usize = 200;

/// Does the work of `resources.prune`.
pub struct PruneResources(watch::Receiver<Arc<ResourceSettings>>);

impl PruneResources {
    /// With live settings.
    pub fn new(settings: watch::Receiver<Arc<ResourceSettings>>) -> Self {
        Self(settings)
    }
}

#[async_trait]
impl Handler for PruneResources {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let days = self.0.borrow().keep_deleted_days;
        if days == 0 {
            return Ok(Write::new());
        }
        let before: Timestamp = cx.shell.now() - DAY * days;
        let resources = resources(&cx, before).await?;
        let categories = categories(&cx.shell, before).await?;
        tracing::info!(resources, categories, "deleted resources and categories removed for good");
        Ok(Write::new())
    }
}

async fn resources(cx: &JobCx, before: Timestamp) -> Result<u64, Failure> {
    let (mut count, mut after): (u64, Option<Cursor>) = (0, None);
    loop {
        let old = Query::all().to_key(&before).after(after).limit(PAGE);
        let page = cx.shell.store.page_by::<ResourcesByEnd>(&old).await?;
        let (mut write, mut removed) = (Write::new(), 0);
        for found in &page.rows {
            if is_occupied(&cx.shell, found.key).await? {
                continue;
            }
            if let Some(calendar) = cx.shell.store.get::<Calendars>(&found.key).await? {
                write.remove::<Calendars>(&calendar);
            }
            write.remove_resource(found);
            removed += 1;
        }
        // What was changed meanwhile is left to the next time.
        if commit(&cx.shell, write).await? {
            count += removed;
        }
        cx.progress(count, count, "removing deleted resources");
        after = page.next;
        if after.is_none() {
            return Ok(count);
        }
    }
}

async fn categories(shell: &Shell, before: Timestamp) -> Result<u64, Failure> {
    let mut count = 0;
    loop {
        let old = Query::all().to_key(&before).limit(PAGE);
        let page = shell.store.page_by::<CategoriesByEnd>(&old).await?;
        if page.rows.is_empty() {
            return Ok(count);
        }
        let mut write = Write::new();
        for found in &page.rows {
            write.remove::<Categories>(found);
        }
        if commit(shell, write).await? {
            count += page.rows.len() as u64;
        }
    }
}

/// Whether a booking takes a seat of it, at whatever time to come.
async fn is_occupied(shell: &Shell, id: ResourceId) -> Result<bool, Failure> {
    let query = Query::under(&(id,)).from(&(id, shell.now())).limit(1);
    Ok(!shell.store.entries::<Occupied>(&query).await?.rows.is_empty())
}

/// `false`: something was changed meanwhile.
async fn commit(shell: &Shell, write: Write) -> Result<bool, Failure> {
    if write.is_empty() {
        return Ok(true);
    }
    match shell.store.commit(write).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_conflict() => Ok(false),
        Err(error) => Err(error.into()),
    }
}
