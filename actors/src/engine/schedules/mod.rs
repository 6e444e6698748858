//! Recurring jobs at local times: the operator's `[schedules.NAME]`.
//!
//! Each schedule is a row that says when it fires next. When that time passes,
//! one commit enqueues the job and moves the row on; the row is what makes it
//! happen exactly once, whatever crashes, restarts or clock changes come between.
//!
//! ```text
//!  configured ─▶ waits for next_at ──its time passes──▶ one commit: job + next_at moved on ─┐
//!                     ▲    │                                                                │
//!                     │    └─ missed without catch-up, or the last job still under way:     │
//!                     │       next_at moved on, `skipped` says why ─────────────────────────┤
//!                     └─────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Invariants:
//! - A time fires at most once: `next_at` only moves on, also when the clock is
//!   set back. It is computed anew from now only when the cron line or the time
//!   zone of the configuration changes.
//! - However much was missed, it is made up for by one job, or by none.
//! - Nothing is kept in memory that the store does not hold.
//! - A schedule that cannot be read stops no other.

mod commands;
mod configure;
mod desk;
pub mod pattern;
pub mod rules;

#[cfg(test)]
mod tests;

pub use commands::ScheduleView;
pub use desk::ScheduleDesk;
pub use pattern::{Pattern, PatternError};
