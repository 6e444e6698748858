//! An instance over SSH: `occ`, run by the login shell of the other side.
//!
//! Invariants:
//! - The host key is pinned. An unknown or changed one ends the connection before
//!   anything is said of who we are.
//! - A password travels on standard input, and is in no argument, no variable of
//!   ours, no command text.
//! - Every value stands in single quotes, behind its option's name or behind `--`.
//! - A command counts as done if it says so, whatever its exit code.

mod client;
mod command;
mod connection;
mod pin;
mod target;

pub use client::SshPort;
pub use pin::{HostPin, NotAHostKey};
pub use target::{SshAuth, SshTarget, Unusable, is_key};
