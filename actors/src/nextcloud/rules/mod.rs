//! Every decision of the concern, as functions of facts and a time.
//!
//! ```text
//! answer of the server ─▶ ocs, occ ─▶ Seen or Trouble ─▶ repair ─▶ edits
//! ```
//! Nothing here knows a socket: answers come in as they were read, calls go out
//! as values.

pub mod account;
pub mod budget;
pub mod choice;
pub mod draft;
pub mod drift;
pub mod health;
pub mod ids;
pub mod occ;
pub mod ocs;
pub mod password;
pub mod profile;
pub mod quota;
pub mod quoting;
pub mod repair;
#[cfg(test)]
pub(crate) mod tests;
pub mod trouble;

pub use account::{AccountId, Edit, Seen, ServerStatus, Wanted};
pub use quota::{Quota, SeenQuota};
pub use trouble::{Class, Trouble};
