//! Erasure: what is known of a person goes, what was counted stays.
//!
//! ```text
//!  DELETE …?erase=true ─▶ one commit: the record blank and deleted, credentials and
//!                         live sessions gone, event user.erased, job user.erase
//!                               │
//!                               ▼ page by page, resumed where it was cut off
//!     history · plans · timeline · audit · sessions · jobs · kept answers · event log
//! ```
//! Invariants:
//! - Rows, their numbers and their order stay: an event's place in the log, the
//!   changes of a status, the deeds of the audit.
//! - Of an event only members that are known to say nothing personal stay, so one
//!   that a new concern adds is erased until it is listed.
//! - Erasing twice does no harm; a user deleted long ago can be erased.
//!
//! Backups made before keep what they hold until they are pruned, and so does the
//! journal until its segments go.

mod command;
mod job;
mod rules;
mod walk;

pub use command::Erase;
pub(super) use command::erase;
pub use job::{ERASE, Scrub};
