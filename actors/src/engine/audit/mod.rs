//! The audit: who did what to which record.
//!
//! Whoever carries out a command of a person or a program stages an entry in the
//! very write of the change ([`note`]); what is done in many writes is noted in one
//! before the first ([`note_alone`]). What a job brings about for somebody names
//! both ([`note_executed`]).
//!
//! Invariants:
//! - A change by a caller and its entry are one commit; a command that changed
//!   nothing leaves none.
//! - No secret is in an entry: members with the names of secrets are left out,
//!   wherever they come from.
//! - An entry is never changed but by the erasure of the person it is about.

mod deed;
mod prune;
pub mod queries;

#[cfg(test)]
mod tests;

use zelador_store::Write;
use zelador_store::audit::AuditEntry;
use zelador_store::author::Author;

pub use deed::Deed;
pub use prune::prune;
pub use queries::{AuditQuery, list};

use crate::engine::Shell;
use crate::error::{During, Error};

/// Stages the entry of a change.
pub fn note(shell: &Shell, write: &mut Write, by: &Author, deed: Deed) {
    stage(shell, write, by, None, deed);
}

/// Stages the entry of a change that `executed_by` makes for whoever planned it.
pub fn note_executed(
    shell: &Shell,
    write: &mut Write,
    planned_by: &Author,
    executed_by: &Author,
    deed: Deed,
) {
    stage(shell, write, planned_by, Some(executed_by.clone()), deed);
}

/// Commits an entry by itself, before what it tells of is done in many commits.
pub async fn note_alone(shell: &Shell, by: &Author, deed: Deed) -> Result<(), Error> {
    let mut write = Write::new();
    note(shell, &mut write, by, deed);
    shell.store.commit(write).await.during("noting a command").map(|_| ())
}

fn stage(shell: &Shell, write: &mut Write, by: &Author, executed_by: Option<Author>, deed: Deed) {
    let at = shell.now();
    let entry = AuditEntry {
        at,
        action: deed.action.to_owned(),
        record: deed.record.to_owned(),
        record_id: deed.record_id,
        tenant: deed.tenant,
        user: deed.user,
        initiated_by: by.clone(),
        executed_by,
        address: by.address.map(|address| address.to_string()),
        before: deed.before,
        after: deed.after,
        erased_at: None,
    };
    // Made at the entry's own time, so that ids sort as times do.
    write.audit(&shell.dice.id(at), &entry);
}
