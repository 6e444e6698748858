//! The commit that gives a try to one process, and to no other.

use zelador_store::job::Jobs;
use zelador_store::{Error, Store, Stored, Timestamp, Write};

use super::rules;

/// Counts a try of each of the chosen jobs and takes them, all or none. A job
/// that was moved since it was read is a conflict: whoever moved it has it.
pub(super) async fn claim(
    store: &Store,
    chosen: &[Stored<Jobs>],
    now: Timestamp,
) -> Result<Vec<Stored<Jobs>>, Error> {
    let mut write = Write::new();
    let mut claimed = Vec::with_capacity(chosen.len());
    for stored in chosen {
        let next = rules::begin(&stored.row, now);
        write.move_job(stored, &next);
        claimed.push(stored.rewritten(next)?);
    }
    store.commit(write).await?;
    Ok(claimed)
}
