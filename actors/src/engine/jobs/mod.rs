//! Durable background work.
//!
//! A job is a row. Whoever needs one stages it in the same commit as the change
//! that calls for it; the desk's loop does the rest.
//!
//! ```text
//!             its time comes        a place is free          work committed
//!  scheduled ────────────────▶ ready ─────────────▶ running ────────────────▶ succeeded
//!      ▲                         ▲                   │ │ │
//!      │   failed, tries left    │ stopping, crash   │ │ └── failed, no tries left ─▶ failed
//!      └─────────────────────────┼───────────────────┘ │
//!                                └─────────────────────┘       called off anywhere ─▶ cancelled
//! ```
//!
//! Invariants:
//! - A try is counted, durably, before it starts, and starts at most once.
//! - What a job did and that it is done are one commit.
//! - A job that kills the process comes to its end: after its tries it is failed.
//! - Stopping the daemon costs no try.
//! - Nothing is kept in memory that the store does not hold, but how far running
//!   jobs are; a million scheduled jobs cost no memory.

mod admit;
mod batches;
mod call_off;
mod claim;
mod commands;
mod deeds;
mod desk;
mod diagnostic;
mod dispatch;
mod draft;
mod handler;
mod progress;
mod prune;
mod queries;
pub mod rules;
mod run;
mod sweeps;

#[cfg(test)]
mod tests;

pub use batches::{BatchView, Started};
pub use call_off::call_off;
pub use commands::Enqueued;
pub use deeds::{note_batch, note_enqueued, note_scheduled};
pub use desk::{Handlers, JobDesk, JobSettings};
pub use diagnostic::Diagnostic;
pub use draft::{DEFAULT_PRIORITY, NewJob};
pub use handler::{Failure, Handler, JobCx};
pub use progress::{Progress, ProgressBoard};
pub use prune::Prune;
pub use queries::{JobQuery, QueueView};
pub use run::said;
pub use sweeps::Filter;
