//! Entries whose time is over.

use std::time::Duration;

use zelador_store::audit::Audit;
use zelador_store::{Id, Query, Timestamp, Write};

use crate::engine::Shell;
use crate::error::{During, Error};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Entries forgotten in one commit.
const PAGE: usize = 200;

/// Forgets entries that are older than so many days, a page a commit; how many. 0:
/// none is ever forgotten.
pub async fn prune(shell: &Shell, days: u32) -> Result<u64, Error> {
    if days == 0 {
        return Ok(0);
    }
    let before: Timestamp = shell.now() - DAY * days;
    let old = Query::all().to_key(&Id::new(before, [0; 10])).limit(PAGE);
    let mut count = 0;
    loop {
        let page = shell.store.page::<Audit>(&old).await.during("reading the audit")?;
        if page.rows.is_empty() {
            return Ok(count);
        }
        let mut write = Write::new();
        for entry in &page.rows {
            write.remove::<Audit>(entry);
        }
        match shell.store.commit(write).await {
            Ok(_) => count += page.rows.len() as u64,
            // One of them was erased just now: look again.
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(Error::from_store("forgetting the audit", error)),
        }
    }
}
