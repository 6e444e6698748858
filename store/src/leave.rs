//! Leaves: days on which a person is away, and what became of them.
//!
//! ```text
//! planned ── date_in ──▶ running ── date_out ──▶ ended
//!    │                      │
//!    ├──────────────────────┴──▶ cancelled     called off
//!    └──────────────────────┴──▶ superseded    something weightier had decided
//! ```
//! A leave that is planned or running also stands in its user's record; the
//! other states are history. Whoever changes a leave changes the record in the
//! same write, and so two of them never decide at once.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::id::{JobId, LeaveId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table};
use crate::time::Timestamp;

/// Where a leave stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LeaveState {
    /// Its first day has not come, or has come and is not yet made permanent.
    Planned,
    /// It keeps the user suspended.
    Running,
    /// Its last day is over.
    Ended,
    /// It was called off.
    Cancelled,
    /// Something weightier had decided.
    Superseded,
}

impl LeaveState {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }

    /// Whether it is still to have an effect.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Running)
    }
}

/// An open leave, as its user's record shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenLeave {
    /// The leave's row.
    pub id: LeaveId,
    /// The first day away, local to the tenant.
    pub date_in: Date,
    /// The first day back.
    pub date_out: Date,
    /// The instant at which it begins.
    pub begins: Timestamp,
    /// The instant at which it is over; after `begins`.
    pub ends: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// When it was planned.
    pub made_at: Timestamp,
    /// Whether it has begun, and keeps the user suspended.
    pub begun: bool,
}

impl OpenLeave {
    /// When it is next to do something.
    pub const fn due(&self) -> Timestamp {
        if self.begun { self.ends } else { self.begins }
    }

    /// Where it stands.
    pub const fn state(&self) -> LeaveState {
        if self.begun { LeaveState::Running } else { LeaveState::Planned }
    }
}

/// A leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// Whose user.
    pub tenant: TenantId,
    /// Who is away.
    pub user: UserId,
    /// The first day away, local to the tenant.
    pub date_in: Date,
    /// The first day back.
    pub date_out: Date,
    /// The instant at which it begins.
    pub begins: Timestamp,
    /// The instant at which it is over.
    pub ends: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// Where it stands.
    pub state: LeaveState,
    /// The job that makes its beginning permanent; `None`: it began when it was
    /// planned.
    pub begin_job: Option<JobId>,
    /// The job that makes its end permanent.
    pub end_job: JobId,
    /// When it was planned.
    pub created_at: Timestamp,
    /// Who planned it.
    pub by: Author,
    /// When it came to its end, of whatever sort.
    pub ended_at: Option<Timestamp>,
    /// Why it ended otherwise than by its last day.
    pub end_reason: Option<String>,
}

impl Leave {
    /// As its user's record shows it.
    pub fn open(&self, id: LeaveId) -> OpenLeave {
        OpenLeave {
            id,
            date_in: self.date_in,
            date_out: self.date_out,
            begins: self.begins,
            ends: self.ends,
            reason: self.reason.clone(),
            made_at: self.created_at,
            begun: self.state == LeaveState::Running,
        }
    }

    /// The jobs that make its two ends permanent.
    pub fn jobs(&self) -> impl Iterator<Item = JobId> {
        self.begin_job.into_iter().chain([self.end_job])
    }
}

/// Leaves by id.
#[derive(Debug)]
pub struct Leaves;

impl Table for Leaves {
    const NAME: &'static str = "leaves";
    const TAG: u16 = 0x0711;
    const VERSION: u8 = 1;
    type Key = LeaveId;
    type Row = Leave;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<LeavesByUser>(),
        IndexDef::of::<LeavesByDue>(),
        IndexDef::of::<LeavesByLaterEnd>(),
    ];
}

/// All leaves of a user, the oldest first.
#[derive(Debug)]
pub struct LeavesByUser;

impl Lookup for LeavesByUser {
    type Table = Leaves;
    const NAME: &'static str = "leaves by user";
    const TAG: u16 = 0x0712;
    const UNIQUE: bool = false;
    type Key = UserId;

    fn key(_: &LeaveId, leave: &Leave) -> Option<UserId> {
        Some(leave.user)
    }
}

/// The open leaves, by when they next do something.
#[derive(Debug)]
pub struct LeavesByDue;

impl Lookup for LeavesByDue {
    type Table = Leaves;
    const NAME: &'static str = "leaves by due time";
    const TAG: u16 = 0x0713;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(id: &LeaveId, leave: &Leave) -> Option<Timestamp> {
        leave.state.is_open().then(|| leave.open(*id).due())
    }
}

/// The leaves that have not begun, by when they will be over: what they do after
/// what they do next.
#[derive(Debug)]
pub struct LeavesByLaterEnd;

impl Lookup for LeavesByLaterEnd {
    type Table = Leaves;
    const NAME: &'static str = "leaves by later end";
    const TAG: u16 = 0x0714;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(_: &LeaveId, leave: &Leave) -> Option<Timestamp> {
        (leave.state == LeaveState::Planned).then_some(leave.ends)
    }
}
