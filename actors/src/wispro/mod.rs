//! The Wispro concern: the client list of a CRM, kept in step every night.
//!
//! ```text
//! a schedule, a person ─▶ job wispro.sync
//!   fetch: page after page into a staging table ──────────── a checkpoint a page
//!   compare: each client with what is known ──────────────── a decision on disk
//!   brakes: too much would change? ─▶ braked, and asks ───── approve | discard
//!   apply: one client, one commit
//! ```
//! Invariants:
//! - The upstream's order of pages, its filters and its word about itself are not
//!   trusted: every client is met by its id, however often it is shown.
//! - Nothing is changed before all is fetched, compared and within the brakes.
//! - A client is dealt with in one commit: the user, its event, its audit, the
//!   counter, and that it was done. Whatever is killed in between, each user is
//!   created once and each client counted once.
//! - Nobody is ever deactivated, deleted or given another role by a sync, and only
//!   name, e-mail, address and zone of a known user change.
//! - No login link and no password of the upstream's is kept or logged, and no
//!   password is derived or hashed for a client.

mod actor;
pub mod client;
mod jobs;
pub mod messages;
pub mod port;
pub mod queries;
pub mod rules;
pub mod settings;

#[cfg(test)]
mod tests;

pub use actor::WisproDesk;
pub use client::Http;
pub use jobs::{KIND, Sync};
pub use messages::{Choice, SyncArgs, SyncView};
pub use settings::{InitialPassword, Mode, Token, WisproSettings};
