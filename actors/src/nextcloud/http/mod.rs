//! An instance over HTTP: the provisioning interface (OCS, version 2).
//!
//! Invariants:
//! - Redirects are not followed, and nothing is sent but to the instance's own
//!   address.
//! - Answers are judged by their envelope, and read up to a bound.
//! - All that an account is to be goes into the one call that makes it, for edits
//!   are scarce.

mod client;
mod target;

pub use client::HttpPort;
pub use target::{HttpTarget, Trust, Unusable};
