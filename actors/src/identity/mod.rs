//! Who may call: opaque tokens, and the scopes they carry.
//!
//! ```text
//! made → good → expired
//!           ↘ revoked
//! ```
//! Invariants:
//! - No token's text stands anywhere; the store knows its SHA-256.
//! - There is always an operator's token that works, once there was one.
//! - Nothing here remembers tokens: one revoked now is refused by the next call.

pub mod scopes;
pub mod tokens;

#[cfg(test)]
mod tests;
