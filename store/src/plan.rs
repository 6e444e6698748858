//! Plans: changes of a user's status that are to come, and what became of them.
//!
//! ```text
//! planned → executed     it changed the status
//!         → superseded   something weightier had decided before
//!         → replaced     by a newer plan of the same sort
//!         → cancelled    called off
//! ```
//! A planned plan also stands in its user's record; the other states are
//! history. Whoever changes a plan changes the record in the same write, and so
//! two of them never decide at once.

use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::id::{JobId, PlanId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table};
use crate::time::Timestamp;
use crate::user::Status;

/// What sort of plan it is; a user has at most one planned of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanSort {
    /// A scheduled ban.
    Ban,
    /// Any other scheduled change of status.
    Change,
}

impl PlanSort {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ban => "ban",
            Self::Change => "change",
        }
    }
}

/// Where a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanState {
    /// Its time has not come, or has come and is not yet made permanent.
    Planned,
    /// It changed the status.
    Executed,
    /// Something weightier had decided before.
    Superseded,
    /// A newer plan of the same sort took its place.
    Replaced,
    /// It was called off.
    Cancelled,
}

impl PlanState {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Executed => "executed",
            Self::Superseded => "superseded",
            Self::Replaced => "replaced",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A planned change of a user's status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Whose user.
    pub tenant: TenantId,
    /// Whose status.
    pub user: UserId,
    /// What sort.
    pub sort: PlanSort,
    /// The status it leads to.
    pub to: Status,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// Where it stands.
    pub state: PlanState,
    /// The job that makes it permanent.
    pub job: JobId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub by: Author,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// Why it ended otherwise than executed.
    pub end_reason: Option<String>,
}

/// Plans by id.
#[derive(Debug)]
pub struct Plans;

impl Table for Plans {
    const NAME: &'static str = "plans";
    const TAG: u16 = 0x0701;
    const VERSION: u8 = 1;
    type Key = PlanId;
    type Row = Plan;
    const INDEXES: &'static [IndexDef<Self>] =
        &[IndexDef::of::<PlansByUser>(), IndexDef::of::<PlansByDue>()];
}

/// All plans of a user, the oldest first.
#[derive(Debug)]
pub struct PlansByUser;

impl Lookup for PlansByUser {
    type Table = Plans;
    const NAME: &'static str = "plans by user";
    const TAG: u16 = 0x0702;
    const UNIQUE: bool = false;
    type Key = UserId;

    fn key(_: &PlanId, plan: &Plan) -> Option<UserId> {
        Some(plan.user)
    }
}

/// The plans that have not come to their end, by their time.
#[derive(Debug)]
pub struct PlansByDue;

impl Lookup for PlansByDue {
    type Table = Plans;
    const NAME: &'static str = "plans by due time";
    const TAG: u16 = 0x0703;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(_: &PlanId, plan: &Plan) -> Option<Timestamp> {
        (plan.state == PlanState::Planned).then_some(plan.at)
    }
}
