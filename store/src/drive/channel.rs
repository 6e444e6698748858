//! How changes on Drive are noticed: channels that tell, a log that is read.

use serde::{Deserialize, Serialize};

use crate::kv::{IndexDef, Table, Term};
use crate::time::Timestamp;

/// A channel that notifications come through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Which Drive it is of, by its address, the shared drive and the subject.
    pub source: String,
    /// Where notifications go.
    pub address: String,
    /// SHA-256 of the secret that every notification shows.
    pub token: [u8; 32],
    /// Google's name of what is watched; `None`: the answer that opens it is awaited.
    pub resource: Option<String>,
    /// When it was asked for.
    pub opened_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The greatest number of a notification.
    pub number: u64,
}

/// Channels by their ids.
#[derive(Debug)]
pub struct Channels;

impl Table for Channels {
    const NAME: &'static str = "drive channels";
    const TAG: u16 = 0x1207;
    const VERSION: u8 = 1;
    type Key = Term;
    type Row = Channel;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// How far a log of changes was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPlace {
    /// Where the next page begins.
    pub token: String,
    /// When it was read last.
    pub read_at: Timestamp,
    /// When all folders were last looked at, one by one.
    pub looked_at: Option<Timestamp>,
}

/// Places in logs, by what the log is of: an address and a drive.
#[derive(Debug)]
pub struct LogPlaces;

impl Table for LogPlaces {
    const NAME: &'static str = "drive log places";
    const TAG: u16 = 0x1208;
    const VERSION: u8 = 1;
    type Key = Term;
    type Row = LogPlace;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}
