//! The nextcloud concern: an account in the right instance, exactly once.
//!
//! ```text
//!             ┌ http ┐
//! port ◀──────┤      ├──▶ the instance        rules: answers ─▶ what they mean
//!             └ ssh  ┘                                wanted, seen ─▶ least edits
//! ```
//! Invariants:
//! - Creating an account is not atomic anywhere: after any doubt the account is
//!   looked at, compared, and repaired, never just asked for again.
//! - An account that zelador did not make is never taken for its own.
//! - A server's words are shown and never matched on where they are translated.

pub mod http;
pub mod jobs;
pub mod make;
pub mod pool;
pub mod port;
pub mod rules;
pub mod ssh;

pub use port::Port;
