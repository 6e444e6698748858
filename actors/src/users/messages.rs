//! What the users concern can be asked to do. `Ok` means that it is on disk.

use jiff::civil::Date;
use zelador_store::Timestamp;
use zelador_store::author::Author;
use zelador_store::drive::FolderState;
use zelador_store::id::{InstanceId, LeaveId, TenantId, UserId};
use zelador_store::nextcloud::{Account, AccountState};
use zelador_store::plan::PlanSort;
use zelador_store::tenant::Tenant;
use zelador_store::user::{Status, User};

use super::rules::guards::Standing;
use super::rules::{Ended, LeaveStep, UserDraft};
use crate::answer::Keep;
use crate::moment::Spoken;

/// A user as was in force at a moment, with the tenant whose defaults apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The user's id.
    pub id: UserId,
    /// The row, with every due plan carried out.
    pub user: User,
    /// The row of the user's tenant.
    pub tenant: Tenant,
    /// The Nextcloud account; `None`: there is none.
    pub cloud: Option<CloudShown>,
    /// Where the Drive folders stand; `None`: nobody asked for any.
    pub folder: Option<FolderState>,
}

impl UserRecord {
    /// Where the Drive folders stand, in a word.
    pub fn folder_status(&self) -> &'static str {
        self.folder.map_or("none", FolderState::word)
    }
}

/// A user's Nextcloud account, as the user's record shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudShown {
    /// Where it stands.
    pub state: AccountState,
    /// On which instance.
    pub instance: Option<InstanceId>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// What went wrong last: its class, and words.
    pub error: Option<String>,
}

impl CloudShown {
    /// One that was just asked for.
    pub const fn pending() -> Self {
        Self { state: AccountState::Pending, instance: None, created_at: None, error: None }
    }
}

impl From<Account> for CloudShown {
    fn from(account: Account) -> Self {
        let error = account.error.map(|error| format!("{}: {}", error.class, error.message));
        Self {
            state: account.state,
            instance: account.place.map(|place| place.instance),
            created_at: account.created_at,
            error,
        }
    }
}

/// What a user signs in with, as somebody else has chosen it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredential {
    /// The hash of the password.
    pub hash: String,
    /// Whoever signs in must choose another one first.
    pub must_change: bool,
}

/// Registers a user. Refused if the address is taken.
#[derive(Debug)]
pub struct Register {
    /// Whose.
    pub tenant: TenantId,
    /// What the user shall be.
    pub draft: UserDraft,
    /// The status to begin with.
    pub status: Status,
    /// What the user signs in with.
    pub credential: Option<NewCredential>,
    /// How the caller stands to the tenant's users.
    pub standing: Standing,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<UserRecord>>,
}

/// Changes one user.
#[derive(Debug)]
pub struct Command {
    /// Whom.
    pub id: UserId,
    /// Users of any other tenant are invisible to the caller; `None`: none are.
    pub within: Option<TenantId>,
    /// The version that was meant; another one is refused.
    pub if_version: Option<u64>,
    /// What to do.
    pub what: What,
    /// What the user signs in with from now on; the sessions end.
    pub credential: Option<NewCredential>,
    /// How the caller stands to the tenant's users.
    pub standing: Standing,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<UserRecord>>,
}

/// What a command would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// The user as it would be.
    pub record: UserRecord,
    /// Sessions that would end.
    pub sessions_revoked: u32,
    /// Upcoming bookings for the user that would be called off, as far as they were
    /// counted: 10,000.
    pub bookings_cancelled: u32,
    /// Plans that would come to their end.
    pub plans: Vec<Ended>,
    /// What would become of leaves.
    pub leaves: Vec<LeaveStep>,
    /// Actions of `[lifecycle]` that would follow, in order.
    pub actions: Vec<&'static str>,
}

/// What to do with a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Make the record what the draft says. Refused if the address is taken.
    Revise(Box<UserDraft>),
    /// Delete the user: invisible at once, the address is free.
    Delete,
    /// Set the status now. No change if it is in force already.
    SetStatus {
        /// To what.
        to: Status,
        /// Why.
        reason: Option<String>,
    },
    /// Plan a ban, in place of one already planned. Refused if the time is not
    /// to come, or the user is banned.
    PlanBan {
        /// When.
        date: Spoken,
        /// Why.
        reason: Option<String>,
    },
    /// Plan another change of status, in place of one already planned.
    PlanChange {
        /// To what.
        to: Status,
        /// When.
        at: Spoken,
        /// Why.
        reason: Option<String>,
    },
    /// Call the plan of a sort off. Refused if there is none.
    CallOff(PlanSort),
    /// Plan a leave. Refused if it does not end after it begins, or is over; if it
    /// would begin now and the user is not active; if there are too many.
    Leave {
        /// What it is to be called.
        id: LeaveId,
        /// The first day away, local to the tenant; today: from now on.
        date_in: Date,
        /// The first day back.
        date_out: Date,
        /// Why.
        reason: Option<String>,
    },
    /// Call a leave off. Refused if it is over.
    CallOffLeave(LeaveId),
}

/// The status of a user at some instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusAt {
    /// The instant.
    pub at: Timestamp,
    /// The status then.
    pub status: Status,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// Whether a plan that has yet to come decides it.
    pub planned: bool,
}
