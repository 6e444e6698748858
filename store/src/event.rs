//! Events: immutable facts, appended in the commit of the change they tell of.
//!
//! The log is numbered without gaps. What concerns a person is also a line of
//! that person's timeline, which outlives the log's retention.

use serde::{Deserialize, Serialize};

use crate::id::{EventId, TenantId, UserId};
use crate::kv::{Bell, IndexDef, Log, Table, Write};
use crate::time::Timestamp;

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id, the same wherever the event is sent.
    pub id: EventId,
    /// Its type, such as `user.status_changed`.
    pub kind: String,
    /// The tenant it belongs to; `None`: the daemon itself.
    pub tenant: Option<TenantId>,
    /// The person it is about, whose timeline shows it.
    pub user: Option<UserId>,
    /// What events are kept in order for: `booking:…`, `user:…`. Consumers that
    /// work in parallel keep the order of one key.
    pub key: String,
    /// When it happened.
    pub at: Timestamp,
    /// The payload: a JSON object, as text.
    pub data: String,
}

/// The event log.
#[derive(Debug)]
pub struct Events;

impl Log for Events {
    const NAME: &'static str = "events";
    const TAG: u16 = 0x0101;
    const VERSION: u8 = 1;
    type Entry = Event;
}

/// Everything that ever happened to a person.
#[derive(Debug)]
pub struct Timeline;

impl Table for Timeline {
    const NAME: &'static str = "timeline";
    const TAG: u16 = 0x0102;
    const VERSION: u8 = 1;
    type Key = (UserId, EventId);
    type Row = Event;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// Where a consumer of the log stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Consumer {
    /// The last event it is done with; 0: none.
    pub cursor: u64,
    /// How often the next event has failed.
    pub tries: u16,
    /// Not before this instant is the next event tried again.
    pub retry_at: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// It fell too far behind and is no longer served.
    pub detached: bool,
    /// The event that it was about to handle when it last said so; 0: none.
    pub begun: u64,
    /// How often the process ended while it handled that event.
    pub interrupted: u16,
}

/// Consumers by name.
#[derive(Debug)]
pub struct Consumers;

impl Table for Consumers {
    const NAME: &'static str = "consumers";
    const TAG: u16 = 0x0103;
    const VERSION: u8 = 1;
    type Key = String;
    type Row = Consumer;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// An event that a consumer gave up on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Why.
    pub error: String,
    /// After how many tries.
    pub tries: u16,
    /// When.
    pub at: Timestamp,
}

/// Parked events, by consumer and number.
#[derive(Debug)]
pub struct ParkedEvents;

impl Table for ParkedEvents {
    const NAME: &'static str = "parked events";
    const TAG: u16 = 0x0104;
    const VERSION: u8 = 1;
    type Key = (crate::kv::Term, u64);
    type Row = Parked;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

impl Write {
    /// Appends an event, and a line to the timeline of the person it is about.
    pub fn event(&mut self, event: &Event) -> &mut Self {
        self.append_to::<Events>(event);
        if let Some(user) = event.user {
            self.insert::<Timeline>(&(user, event.id), event);
        }
        self.ring(Bell::Events)
    }
}
