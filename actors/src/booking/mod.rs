//! The booking concern: a calendar that cannot collide.
//!
//! ```text
//!  request ─▶ actor of the resource ─▶ load: rules, people, calendar at a revision
//!                                        │
//!                                        ▼ rules::judge, one function for all
//!                   commit: booking + event + audit + revision raised ◀── bookable
//!                     │ somebody was faster: load and judge again
//!                     ▼
//!                   answer            refused: verdicts + nearest free places
//! ```
//! Invariants:
//! - What occupies a resource never exceeds its seats at any instant. Whatever
//!   places a booking expects the calendar's revision as it was before the calendar
//!   was read, and raises it: of two writers that saw the same calendar, one wins.
//!   The actor only spares them the race.
//! - Explaining, previewing and booking are one function ([`rules::judge`]).
//! - A series is placed in one commit or not at all.
//! - Nothing is kept in memory that the store does not hold.

mod actor;
mod book;
pub mod cascades;
mod change;
mod desk;
pub mod feed;
pub mod jobs;
mod load;
mod log;
pub mod messages;
pub mod queries;
pub mod rules;
pub mod settings;
mod shown;
pub mod stage;
pub mod waitlist;

pub use book::HOLD;
pub use cascades::Cascades;
pub use desk::BookingDesk;
pub use messages::{
    Book, Booked, BookingRecord, Changed, Command, Decided, Failing, Recurring, Revision, Rights,
    Scope, Unbookable, What,
};
pub use settings::BookingSettings;

#[cfg(test)]
mod tests;
