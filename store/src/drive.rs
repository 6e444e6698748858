//! Drive: each user's folders on the VM and on Drive, each file's journey through
//! them, and how far the log of changes was read.
//!
//! ```text
//! folder    pending ──▶ creating ──▶ ready          file   new ──▶ processing ──▶ processed
//!              ▲            │                                │          │
//!              └─ recreate ─┴──────▶ failed                  └──────────┴───────▶ failed
//! ```
//! Invariants:
//! - The id of a folder on Drive is durable before the folder is made: made twice, it
//!   is made once.
//! - A version of a file has one journey, and the place in the log of changes moves
//!   on in the commit that begins it.

mod channel;
mod journey;

pub use channel::{Channel, Channels, LogPlace, LogPlaces};
pub use journey::{
    Journey, JourneyState, Journeys, JourneysByContent, JourneysByState, JourneysByTime,
    JourneysUnderWay, Side,
};

use serde::{Deserialize, Serialize};

use crate::id::{JobId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table, Term};
use crate::time::Timestamp;

/// Where a user's folders stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FolderState {
    /// They are asked for.
    Pending,
    /// They are being made.
    Creating,
    /// All of them are there.
    Ready,
    /// They could not be made.
    Failed,
}

impl FolderState {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Creating => "creating",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }

    /// Its number in an index; never another's.
    pub const fn number(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Creating => 1,
            Self::Ready => 2,
            Self::Failed => 3,
        }
    }
}

/// One folder of a user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderPart {
    /// `""` for the one that holds the others, else such as `novos`.
    pub name: String,
    /// Its path on the VM.
    pub path: Option<String>,
    /// Its id on Drive, handed out before it is made.
    pub drive_id: Option<String>,
    /// It was there once.
    pub made: bool,
}

/// The share of `novos`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShareState {
    /// Nobody has it.
    None,
    /// Somebody has it.
    Granted {
        /// Whose address.
        email: String,
        /// Its id on Drive.
        id: String,
    },
    /// It was taken back, for the user may not use the service now.
    Withdrawn,
}

/// By what a program is found again that a killed daemon left running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// Its process number.
    pub leader: i32,
    /// What its environment names it.
    pub name: String,
}

/// A user's folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Whose user.
    pub tenant: TenantId,
    /// Where they stand.
    pub state: FolderState,
    /// What makes them: `native` or `script`.
    pub provider: String,
    /// The job that makes them, or made them last.
    pub job: Option<JobId>,
    /// The top one first.
    pub parts: Vec<FolderPart>,
    /// The share of `novos`.
    pub share: ShareState,
    /// Where people see the top one.
    pub link: Option<String>,
    /// Why they could not be made.
    pub error: Option<String>,
    /// A program that is at work for them.
    pub program: Option<Leftover>,
    /// They are in the sandbox.
    pub sandbox: bool,
    /// When they were first asked for.
    pub created_at: Timestamp,
    /// When something about them changed last.
    pub updated_at: Timestamp,
    /// When they were ready last.
    pub ready_at: Option<Timestamp>,
}

impl Folder {
    /// Folders that are asked for, of which nothing is there yet.
    pub fn pending(tenant: TenantId, provider: &str, sandbox: bool, now: Timestamp) -> Self {
        Self {
            tenant,
            state: FolderState::Pending,
            provider: provider.to_owned(),
            job: None,
            parts: Vec::new(),
            share: ShareState::None,
            link: None,
            error: None,
            program: None,
            sandbox,
            created_at: now,
            updated_at: now,
            ready_at: None,
        }
    }

    /// One of the folders; `""` is the one that holds the others.
    pub fn part(&self, name: &str) -> Option<&FolderPart> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// Folders by user.
#[derive(Debug)]
pub struct Folders;

impl Table for Folders {
    const NAME: &'static str = "drive folders";
    const TAG: u16 = 0x1201;
    const VERSION: u8 = 1;
    type Key = UserId;
    type Row = Folder;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<FoldersByNovos>(),
        IndexDef::of::<SandboxFolders>(),
        IndexDef::of::<FoldersByState>(),
    ];
}

/// Folders by the id that `novos` has on Drive: whose a new file is.
#[derive(Debug)]
pub struct FoldersByNovos;

impl Lookup for FoldersByNovos {
    type Table = Folders;
    const NAME: &'static str = "drive folders by novos";
    const TAG: u16 = 0x1202;
    const UNIQUE: bool = true;
    type Key = Term;

    fn key(_: &UserId, folder: &Folder) -> Option<Term> {
        Some(Term::new(folder.part("novos")?.drive_id.as_deref()?))
    }
}

/// Folders that were made against the sandbox.
#[derive(Debug)]
pub struct SandboxFolders;

impl Lookup for SandboxFolders {
    type Table = Folders;
    const NAME: &'static str = "drive folders of the sandbox";
    const TAG: u16 = 0x1203;
    const UNIQUE: bool = false;
    type Key = TenantId;

    fn key(_: &UserId, folder: &Folder) -> Option<TenantId> {
        folder.sandbox.then_some(folder.tenant)
    }
}

/// Folders by where they stand, so that they are counted without being read.
#[derive(Debug)]
pub struct FoldersByState;

impl Lookup for FoldersByState {
    type Table = Folders;
    const NAME: &'static str = "drive folders by state";
    const TAG: u16 = 0x120b;
    const UNIQUE: bool = false;
    type Key = (u8, TenantId);

    fn key(_: &UserId, folder: &Folder) -> Option<Self::Key> {
        Some((folder.state.number(), folder.tenant))
    }
}
