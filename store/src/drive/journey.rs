//! A file's journey from `novos` to its folder, and what it is found by.

use serde::{Deserialize, Serialize};

use super::Leftover;
use crate::id::{JobId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table, Term};
use crate::time::Timestamp;

/// Where a file was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// On Google Drive.
    Drive,
    /// On the VM.
    Vm,
}

impl Side {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Drive => "drive",
            Self::Vm => "vm",
        }
    }
}

/// Where a file's journey stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JourneyState {
    /// It was seen, and waits.
    New,
    /// A job is about it.
    Processing,
    /// It has reached its folder.
    Processed,
    /// It is in `erros`, with a note.
    Failed,
}

impl JourneyState {
    /// Whether it is under way.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::New | Self::Processing)
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Processing => "processing",
            Self::Processed => "processed",
            Self::Failed => "failed",
        }
    }

    /// Its number in an index; never another's.
    pub const fn number(self) -> u8 {
        match self {
            Self::New => 0,
            Self::Processing => 1,
            Self::Processed => 2,
            Self::Failed => 3,
        }
    }
}

/// A version of a file, from `novos` to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    /// Whose user.
    pub tenant: TenantId,
    /// Where it was dropped.
    pub side: Side,
    /// Its name there.
    pub name: String,
    /// Its type, if it is known.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Its id on Drive, or its path on the VM.
    pub place: String,
    /// MD5 of its content, in hexadecimal, once it is known.
    pub md5: Option<String>,
    /// SHA-256 of its content, in hexadecimal, once it is known.
    pub sha256: Option<String>,
    /// Where it stands.
    pub state: JourneyState,
    /// The folder it is to reach, once that is decided: from then on it is moved there
    /// and nothing else is done to it.
    pub to: Option<String>,
    /// The very path that it is to have on the VM, once that is chosen.
    pub target: Option<String>,
    /// The job that is about it.
    pub job: Option<JobId>,
    /// Why it failed.
    pub error: Option<String>,
    /// The id of the note beside it on Drive.
    pub note: Option<String>,
    /// A program that is at work for it.
    pub program: Option<Leftover>,
    /// When it was seen first.
    pub seen_at: Timestamp,
    /// When its journey ended.
    pub ended_at: Option<Timestamp>,
}

/// Journeys by user and version of the file.
#[derive(Debug)]
pub struct Journeys;

impl Table for Journeys {
    const NAME: &'static str = "drive journeys";
    const TAG: u16 = 0x1204;
    const VERSION: u8 = 1;
    type Key = (UserId, Term);
    type Row = Journey;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<JourneysByTime>(),
        IndexDef::of::<JourneysByContent>(),
        IndexDef::of::<JourneysUnderWay>(),
        IndexDef::of::<JourneysByState>(),
    ];
}

/// Journeys of a user by the time they began.
#[derive(Debug)]
pub struct JourneysByTime;

impl Lookup for JourneysByTime {
    type Table = Journeys;
    const NAME: &'static str = "drive journeys by time";
    const TAG: u16 = 0x1205;
    const UNIQUE: bool = false;
    type Key = (UserId, Timestamp);

    fn key(key: &(UserId, Term), journey: &Journey) -> Option<Self::Key> {
        Some((key.0, journey.seen_at))
    }
}

/// Journeys of a user by content: the same on both sides is handled once.
#[derive(Debug)]
pub struct JourneysByContent;

impl Lookup for JourneysByContent {
    type Table = Journeys;
    const NAME: &'static str = "drive journeys by content";
    const TAG: u16 = 0x1206;
    const UNIQUE: bool = false;
    type Key = (UserId, Term);

    fn key(key: &(UserId, Term), journey: &Journey) -> Option<Self::Key> {
        Some((key.0, Term::new(journey.sha256.as_deref()?)))
    }
}

/// Journeys of a user that have not ended.
#[derive(Debug)]
pub struct JourneysUnderWay;

impl Lookup for JourneysUnderWay {
    type Table = Journeys;
    const NAME: &'static str = "drive journeys under way";
    const TAG: u16 = 0x1209;
    const UNIQUE: bool = false;
    type Key = UserId;

    fn key(key: &(UserId, Term), journey: &Journey) -> Option<Self::Key> {
        journey.state.is_live().then_some(key.0)
    }
}

/// Journeys that go on, by when they began, and those that failed, by when; one that
/// has reached its folder has no entry.
#[derive(Debug)]
pub struct JourneysByState;

impl Lookup for JourneysByState {
    type Table = Journeys;
    const NAME: &'static str = "drive journeys by state";
    const TAG: u16 = 0x120a;
    const UNIQUE: bool = false;
    type Key = (u8, Timestamp, TenantId);

    fn key(_: &(UserId, Term), journey: &Journey) -> Option<Self::Key> {
        let when = match journey.state {
            JourneyState::New | JourneyState::Processing => journey.seen_at,
            JourneyState::Failed => journey.ended_at.unwrap_or(journey.seen_at),
            JourneyState::Processed => return None,
        };
        Some((journey.state.number(), when, journey.tenant))
    }
}
