//! Wispro: the runs of the sync, the clients they have fetched and not dealt with
//! yet, and a line for each client that somebody should look at.
//!
//! ```text
//! page → staged clients → compared → a verdict → done     (gone with the run's end)
//!                             └────→ counted, and a line where there is something to say
//! ```
//! Invariants:
//! - A staged client holds what is synced and nothing else: no login link, no
//!   password, whatever the upstream sends.
//! - A client is counted in the commit that deals with it, so the counters of a
//!   run add up however often it was cut off.

use serde::{Deserialize, Serialize};

use crate::id::{JobId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table, Tally, Term};
use crate::time::Timestamp;

/// Where a run stands.
///
/// ```text
/// fetching → comparing → applying → completed
///     │          │  ↑        └────→ failed
///     │          ↓  │ approved
///     │        braked ──discarded──→ discarded
///     └─────────────────────────────→ failed | cancelled
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyncState {
    /// Pages are fetched; nothing is compared or changed.
    Fetching,
    /// What was fetched is compared with what is known; nothing is changed.
    Comparing,
    /// Users are created and changed.
    Applying,
    /// It stopped before it changed anything, and asks.
    Braked,
    /// Everything is done.
    Completed,
    /// Given up.
    Failed,
    /// An operator decided against it before it changed anything.
    Discarded,
}

impl SyncState {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fetching => "fetching",
            Self::Comparing => "comparing",
            Self::Applying => "applying",
            Self::Braked => "braked",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Discarded => "discarded",
        }
    }

    /// Whether nothing more will come of it.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Discarded)
    }
}

/// Why a run stopped and asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// Which rule, in a word: `too_many_changed`, `too_many_created`,
    /// `fewer_than_promised`.
    pub rule: String,
    /// What was found.
    pub found: u64,
    /// The most, or the least, that goes without asking.
    pub limit: u64,
}

/// A run of the sync; its job's id is its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRun {
    /// Whose clients.
    pub tenant: TenantId,
    /// Where it stands.
    pub state: SyncState,
    /// It changes nothing, and tells what it would change.
    pub dry_run: bool,
    /// The upstream is the sandbox.
    pub sandbox: bool,
    /// Clients asked for in a page.
    pub per_page: u32,
    /// Pages asked for at most; 0: all.
    pub max_pages: u32,
    /// Pages fetched in this pass.
    pub page: u32,
    /// Pages there are, as the upstream said last.
    pub pages: u32,
    /// Passes over the pages: one more each time clients were missed because the
    /// order of the pages changed.
    pub passes: u32,
    /// Clients there are, as the upstream said last.
    pub promised: u64,
    /// Why it stopped and asks.
    pub brake: Option<Brake>,
    /// Somebody let it go on past the brakes.
    pub approved: bool,
    /// Why it failed, or what it waits for.
    pub error: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
}

/// Runs by job, and so by time.
#[derive(Debug)]
pub struct SyncRuns;

impl Table for SyncRuns {
    const NAME: &'static str = "wispro runs";
    const TAG: u16 = 0x1101;
    const VERSION: u8 = 1;
    type Key = JobId;
    type Row = SyncRun;
    const INDEXES: &'static [IndexDef<Self>] =
        &[IndexDef::of::<SyncsByTenant>(), IndexDef::of::<CompletedSyncs>()];
}

/// The runs of a tenant.
#[derive(Debug)]
pub struct SyncsByTenant;

impl Lookup for SyncsByTenant {
    type Table = SyncRuns;
    const NAME: &'static str = "wispro runs by tenant";
    const TAG: u16 = 0x1102;
    const UNIQUE: bool = false;
    type Key = TenantId;

    fn key(_: &JobId, run: &SyncRun) -> Option<TenantId> {
        Some(run.tenant)
    }
}

/// The runs of a tenant that changed all they had to: after the first of them the
/// brakes look at new clients, too.
#[derive(Debug)]
pub struct CompletedSyncs;

impl Lookup for CompletedSyncs {
    type Table = SyncRuns;
    const NAME: &'static str = "wispro runs completed";
    const TAG: u16 = 0x1103;
    const UNIQUE: bool = false;
    type Key = TenantId;

    fn key(_: &JobId, run: &SyncRun) -> Option<TenantId> {
        (run.state == SyncState::Completed && !run.dry_run).then_some(run.tenant)
    }
}

/// Whose turn it is with a tenant's clients: two runs at once would not be one.
#[derive(Debug)]
pub struct SyncTurns;

impl Table for SyncTurns {
    const NAME: &'static str = "wispro turns";
    const TAG: u16 = 0x1104;
    const VERSION: u8 = 1;
    type Key = TenantId;
    type Row = JobId;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// A client as the upstream tells of it: mapped, bounded, and what is synced alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedClient {
    /// What the client is called.
    pub name: Option<String>,
    /// A good address.
    pub email: Option<String>,
    /// There was an address, and it was none.
    pub email_malformed: bool,
    /// Telephone number.
    pub phone: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Zone of service.
    pub zone: Option<String>,
    /// Number of the identity card, in its own form.
    pub id_number: Option<String>,
    /// The number had no letter: it means V, unless only an E user has it.
    pub letter_guessed: bool,
}

/// The clients of a run, by their ids in Wispro.
#[derive(Debug)]
pub struct StagedClients;

impl Table for StagedClients {
    const NAME: &'static str = "wispro staged";
    const TAG: u16 = 0x110c;
    const VERSION: u8 = 1;
    type Key = (JobId, Term);
    type Row = StagedClient;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// What is to be done about a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// A user is to be made; without an address if that is somebody else's.
    Create {
        /// Whether with the address.
        email: bool,
    },
    /// A user is to be changed.
    Change {
        /// Which.
        user: UserId,
        /// Whether its address, too.
        email: bool,
    },
}

/// What a run has decided and not done yet, by the clients' ids in Wispro. Clients
/// about whom nothing is to be done have no row.
#[derive(Debug)]
pub struct SyncVerdicts;

impl Table for SyncVerdicts {
    const NAME: &'static str = "wispro verdicts";
    const TAG: u16 = 0x110d;
    const VERSION: u8 = 1;
    type Key = (JobId, Term);
    type Row = Verdict;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// Something about one client that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncLine {
    /// The client's id in Wispro; `None`: it has none.
    pub client: Option<String>,
    /// The page it came with.
    pub page: u32,
    /// What counter it is in: `error`, `skipped`, or `note` for one that was
    /// synced all the same.
    pub sort: String,
    /// What it is, in a word: `duplicate`, `email_conflict`, …
    pub code: String,
    /// More of it, without personal data.
    pub detail: Option<String>,
    /// The user it is about.
    pub user: Option<UserId>,
}

/// The lines of a run, by time, then by whom they are about and why.
#[derive(Debug)]
pub struct SyncLines;

impl Table for SyncLines {
    const NAME: &'static str = "wispro lines";
    const TAG: u16 = 0x1109;
    const VERSION: u8 = 1;
    type Key = (JobId, Timestamp, Term, Term);
    type Row = SyncLine;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// What a run has counted, by the counter's number.
#[derive(Debug)]
pub struct SyncCounts;

impl Tally for SyncCounts {
    const NAME: &'static str = "wispro counts";
    const TAG: u16 = 0x110a;
    type Key = (JobId, u8);
}

/// Users that were made against the sandbox.
#[derive(Debug)]
pub struct SandboxUsers;

impl Table for SandboxUsers {
    const NAME: &'static str = "wispro sandbox users";
    const TAG: u16 = 0x110b;
    const VERSION: u8 = 1;
    type Key = UserId;
    /// When it was made.
    type Row = Timestamp;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}
