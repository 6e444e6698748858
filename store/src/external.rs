//! External consumers: programs that read the event log over the API.
//!
//! Where one stands is a row of [`Consumers`](crate::event::Consumers), as of every
//! consumer; here is what only these have: their filter, and what they hold.
//!
//! ```text
//! event ──read──▶ held until acknowledged
//!                   │  its time runs out: read again, or claimed, by any member
//!                   └──handed out too often──▶ parked
//! ```

use serde::{Deserialize, Serialize};

use crate::id::{EventId, TenantId};
use crate::kv::{IndexDef, Table, Term};
use crate::time::Timestamp;

/// What an external consumer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// The types that it wants; empty: all.
    pub kinds: Vec<String>,
    /// Whose events it is given; `None`: everybody's.
    pub tenant: Option<TenantId>,
    /// Seconds that its members have to acknowledge what they read.
    pub ack_seconds: u32,
    /// The last event that was handed out, or passed as not wanted.
    pub read_to: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// External consumers by name.
#[derive(Debug)]
pub struct Externals;

impl Table for Externals {
    const NAME: &'static str = "external consumers";
    const TAG: u16 = 0x0e01;
    const VERSION: u8 = 1;
    type Key = String;
    type Row = External;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// An event that was handed out and is not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The event.
    pub event: EventId,
    /// Who has it.
    pub member: String,
    /// Since when this member has it.
    pub since: Timestamp,
    /// Until when nobody else is given it.
    pub until: Timestamp,
    /// How often it was handed out.
    pub deliveries: u32,
}

/// Leases by consumer and sequence number.
#[derive(Debug)]
pub struct Leases;

impl Table for Leases {
    const NAME: &'static str = "event leases";
    const TAG: u16 = 0x0e02;
    const VERSION: u8 = 1;
    type Key = (Term, u64);
    type Row = Lease;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}
