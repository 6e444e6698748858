//! The list of an instance against what is known here.

use std::collections::BTreeSet;

use zelador_store::Timestamp;
use zelador_store::nextcloud::Drift;

/// Ids that are named, at most.
const NAMED: usize = 20;

/// How the two differ. Ids are in small letters; those of ours that were made since
/// the list was begun are not to be in `ours`.
pub fn drift(ours: &BTreeSet<String>, theirs: &BTreeSet<String>, at: Timestamp) -> Drift {
    let missing: Vec<_> = ours.difference(theirs).cloned().collect();
    Drift {
        at,
        theirs: theirs.len() as u64,
        ours: ours.len() as u64,
        missing: missing.len() as u64,
        missing_ids: missing.into_iter().take(NAMED).collect(),
        strangers: theirs.difference(ours).count() as u64,
    }
}
