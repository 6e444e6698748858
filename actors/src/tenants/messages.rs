//! What tenants can be asked to do. `Ok` means that it is on disk.

use zelador_store::author::Author;
use zelador_store::id::TenantId;
use zelador_store::tenant::Tenant;

use super::rules::TenantDraft;
use crate::answer::Keep;

/// A tenant as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRecord {
    /// Its id.
    pub id: TenantId,
    /// Its row.
    pub tenant: Tenant,
}

/// Registers a tenant. Refused if its domain is taken.
#[derive(Debug)]
pub struct Register {
    /// What it shall be.
    pub draft: TenantDraft,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<TenantRecord>>,
}

/// Makes a tenant what the draft says.
#[derive(Debug)]
pub struct Revise {
    /// Which.
    pub id: TenantId,
    /// What it shall be.
    pub draft: TenantDraft,
    /// The version that the draft was made from; another one is refused.
    pub if_version: Option<u64>,
    /// Who wants it.
    pub by: Author,
}

/// Deletes a tenant: it is invisible at once, and a job removes its rows.
#[derive(Debug)]
pub struct Delete {
    /// Which.
    pub id: TenantId,
    /// The version that was meant; another one is refused.
    pub if_version: Option<u64>,
    /// Who wants it.
    pub by: Author,
}
