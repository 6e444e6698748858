//! The operator's own programs: started without a shell, bounded in time and in
//! what they say, and ended with all that they started.
//!
//! ```text
//!  start ──(the caller notes the mark)──▶ finish: input is fed, lines are heard
//!     │                                     │
//!     │        ended by itself ◀────────────┼──── time is up: TERM, grace, KILL
//!     │              │                      │
//!     ▼              ▼                      ▼
//!  dropped: TERM, grace, KILL        what is left of its group: KILL
//! ```
//! What is run is the configuration's alone; a request gives values, never a
//! command. A program leads a process group of its own, and it is the group that
//! is signalled: a program's children end with it. One that moves itself into
//! another session escapes; what the service manager's control group is for.
//!
//! Invariants:
//! - No try outlives its [`Started`]: ended, timed out or dropped, its group goes.
//! - What a killed daemon left running carries a [`Mark`], and is ended before the
//!   same work runs again.
//! - A program that floods, or says nothing, or keeps its pipes open, holds up
//!   nobody and takes bounded memory.
//! - The environment is the configuration's; of the daemon's own nothing is passed
//!   on but what is named.

pub mod arguments;
mod group;
mod inspect;
mod lines;
mod program;
mod run;
pub mod talk;

#[cfg(test)]
mod tests;

pub use group::{Mark, end_leftover};
pub use inspect::{Finding, inspect};
pub use program::{Program, RunAs};
pub use run::{Ending, Hear, How, Started, Unstarted};
