//! `notifications.prune`: forgets what was told long ago.

use std::time::Duration;

use async_trait::async_trait;
use zelador_store::notice::{SentByTime, SentNotices};
use zelador_store::{Query, Write};

use crate::engine::jobs::{Failure, Handler, JobCx};

/// How long it is kept that something was told: longer than a replay of the event
/// log can bring it up again, and a job can wait.
const KEPT: Duration = Duration::from_hours(10 * 24);
/// Rows forgotten in one commit.
const STEP: usize = 500;

/// Does the work of `notifications.prune`.
pub(in crate::engine::notifications) struct Prune;

#[async_trait]
impl Handler for Prune {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let before = cx.shell.now().as_millis() - i64::try_from(KEPT.as_millis()).unwrap_or(0);
        let mut forgotten = 0_u64;
        loop {
            let page = cx.shell.store.page_by::<SentByTime>(&Query::all().limit(STEP)).await?;
            let old: Vec<_> =
                page.rows.iter().filter(|sent| sent.row.at.as_millis() < before).collect();
            if old.is_empty() {
                cx.progress(forgotten, forgotten, format!("{forgotten} forgotten"));
                return Ok(Write::new());
            }
            let mut write = Write::new();
            for sent in &old {
                write.remove::<SentNotices>(sent);
            }
            match cx.shell.store.commit(write).await {
                Ok(_) => forgotten += old.len() as u64,
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
