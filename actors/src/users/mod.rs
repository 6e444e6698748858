//! The users concern: records, five statuses, and the plans that change them.
//!
//! ```text
//!  a hand, now ──────────────────────────────┐
//!                                            ▼
//!  a plan ── row + place in the record + job ─▶ status in force ─▶ history, event
//!            (one commit)                       (computed when read,
//!                                                made permanent by the job)
//! ```
//! Invariants:
//! - The status in force is a function of the record and the time alone
//!   ([`rules::shown::in_force`]): it is exact to the second even if every job
//!   is late, and the job only writes down what has been so since its time.
//! - A plan ends once: whoever ends it changes the user's row in the same
//!   commit, and every change of a user expects that row unchanged.
//! - A plan and its job begin in one commit; a plan that is called off or
//!   replaced takes its waiting job along.
//! - What follows from a change of status is the table's to say ([`lifecycle`]).

mod access;
mod actor;
mod audit;
mod desk;
pub mod erasure;
mod foresee;
pub mod jobs;
mod leave;
pub mod lifecycle;
pub mod messages;
pub mod queries;
pub mod rules;
pub mod settings;
mod stage;

#[cfg(test)]
pub(crate) mod tests;

pub use desk::UserDesk;
pub use erasure::Erase;
pub use messages::{Command, Foreseen, NewCredential, Register, StatusAt, UserRecord, What};
pub use rules::UserDraft;
pub use settings::UserSettings;
