//! The audit: who did what to which record, when, from where.
//!
//! ```text
//! written with the change → kept → forgotten when its time is over
//!                            ↓
//!                         erased: the deed stays, what it said of a person goes
//! ```
//! An entry is staged in the very write of the change it tells of. None is ever
//! changed but by the erasure of the person it is about.

use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::id::{AuditId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table, Term, Write};
use crate::time::Timestamp;

/// One deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// What was done, such as `user.update`.
    pub action: String,
    /// The noun of the record it was done to.
    pub record: String,
    /// The record's id, or its name; empty where many were meant.
    pub record_id: String,
    /// Whose record.
    pub tenant: Option<TenantId>,
    /// The person whom it is about.
    pub user: Option<UserId>,
    /// Who wanted it, and by which request.
    pub initiated_by: Author,
    /// Who carried it out, if somebody else did: the job of a plan.
    pub executed_by: Option<Author>,
    /// Where the request came from.
    pub address: Option<String>,
    /// The members that changed, as they were: a JSON object, as text.
    pub before: Option<String>,
    /// The same members, as they are since.
    pub after: Option<String>,
    /// When what it said of a person was erased.
    pub erased_at: Option<Timestamp>,
}

/// Entries by id, which is made at the time of the deed.
#[derive(Debug)]
pub struct Audit;

impl Table for Audit {
    const NAME: &'static str = "audit";
    const TAG: u16 = 0x0b01;
    const VERSION: u8 = 1;
    type Key = AuditId;
    type Row = AuditEntry;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<AuditByTenant>(),
        IndexDef::of::<AuditByRecord>(),
        IndexDef::of::<AuditByAuthor>(),
        IndexDef::of::<AuditByUser>(),
    ];
}

/// The entries of a tenant, by time.
#[derive(Debug)]
pub struct AuditByTenant;

impl Lookup for AuditByTenant {
    type Table = Audit;
    const NAME: &'static str = "audit by tenant";
    const TAG: u16 = 0x0b02;
    const UNIQUE: bool = false;
    type Key = (TenantId, Timestamp);

    fn key(_: &AuditId, entry: &AuditEntry) -> Option<Self::Key> {
        entry.tenant.map(|tenant| (tenant, entry.at))
    }
}

/// The entries of a record, by time: its noun, its id.
#[derive(Debug)]
pub struct AuditByRecord;

impl Lookup for AuditByRecord {
    type Table = Audit;
    const NAME: &'static str = "audit by record";
    const TAG: u16 = 0x0b03;
    const UNIQUE: bool = false;
    type Key = (Term, Term, Timestamp);

    fn key(_: &AuditId, entry: &AuditEntry) -> Option<Self::Key> {
        Some((Term::new(&entry.record), Term::new(&entry.record_id), entry.at))
    }
}

/// What a token, a person or a job has wanted, by time.
#[derive(Debug)]
pub struct AuditByAuthor;

impl Lookup for AuditByAuthor {
    type Table = Audit;
    const NAME: &'static str = "audit by author";
    const TAG: u16 = 0x0b04;
    const UNIQUE: bool = false;
    type Key = (Term, Timestamp);

    fn key(_: &AuditId, entry: &AuditEntry) -> Option<Self::Key> {
        Some((Term::new(&entry.initiated_by.id), entry.at))
    }
}

/// The entries about a person, by time.
#[derive(Debug)]
pub struct AuditByUser;

impl Lookup for AuditByUser {
    type Table = Audit;
    const NAME: &'static str = "audit by user";
    const TAG: u16 = 0x0b05;
    const UNIQUE: bool = false;
    type Key = (UserId, Timestamp);

    fn key(_: &AuditId, entry: &AuditEntry) -> Option<Self::Key> {
        entry.user.map(|user| (user, entry.at))
    }
}

impl Write {
    /// Stages an entry about the change that this write is.
    pub fn audit(&mut self, id: &AuditId, entry: &AuditEntry) -> &mut Self {
        self.insert::<Audit>(id, entry)
    }
}
