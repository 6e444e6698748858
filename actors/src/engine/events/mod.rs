//! The event log: reading it, and the consumers that follow it.
//!
//! Events are appended in the commit of the change they tell of (`store::event`).
//! A consumer is a name, a filter and a handler; it follows the log with a cursor
//! that is a row.
//!
//! ```text
//!             handled: effects and cursor are one commit; unwanted: passed in bulk
//!            ┌───────────────────────────────────────────────────────────────────┐
//!            ▼                                                                   │
//!  ──▶ next event ──fails──▶ waits (tries and retry_at in the row) ──time──▶ tried again
//!            ▲                                                                   │
//!            └──── parked, passed ◀───────────── no tries left, or no use ◀──────┘
//!
//!  attached ──more than max_lag behind──▶ detached ──replay──▶ attached
//! ```
//!
//! Invariants:
//! - A consumer sees events in the order of the log, each again and again until
//!   it is handled or parked, and none after it while it fails.
//! - What a handled event did and that it is handled are one commit.
//! - An event under which the process ends again and again is parked: after a
//!   start, what is about to be handled is noted before it is.
//! - A cursor goes back by replay only.
//! - Nothing is kept in memory that the store does not hold: any loop can be
//!   ended anywhere.
//! - Retention removes from the front of the log only, and nothing that an
//!   attached consumer has not passed. The last event stays, so that the log
//!   always shows its last number.

mod bunch;
mod commands;
mod consumer;
mod desk;
pub mod external;
pub mod kinds;
mod lag;
mod metrics;
mod outlet;
mod prune;
mod queries;
mod reader;
pub mod redis;
mod replay;
pub mod rules;
mod run;
mod tail;

#[cfg(test)]
pub(crate) mod tests;

pub use commands::Retried;
pub use consumer::{Begin, Consume, EventCx};
pub use desk::EventDesk;
pub use metrics::Metrics;
pub use outlet::Outlet;
pub use prune::PruneEvents;
pub use queries::{ConsumerView, ParkedView};
pub use reader::{EventFilter, EventPage};
