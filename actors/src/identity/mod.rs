//! Who may call: opaque tokens with their scopes, and people who sign in.
//!
//! ```text
//! token:   made → good → expired
//!                     ↘ revoked
//! person:  invited → has a password → session → refreshed … → expired
//!                                            ↘ revoked (logout, ban, reuse, password)
//! ```
//! Invariants:
//! - No token's text and no password stands anywhere; the store knows hashes.
//! - There is always an operator's token that works, once there was one.
//! - Nothing here remembers who may: a token revoked now, a person banned now, is
//!   refused by the next call.
//! - A session begins only in a commit that finds its user unchanged.
//! - The number of an identity card stands for a password that was never set: once,
//!   and to choose one.
//! - Passwords are hashed on blocking threads, so many at a time.

mod account;
mod desk;
pub mod keys;
mod limits;
mod login;
mod number;
pub mod passwords;
mod refresh;
pub mod scopes;
mod settings;
pub mod tokens;

#[cfg(test)]
mod tests;

pub use account::Invited;
pub use desk::{From, Granted, IdentityDesk, Person, may_book};
pub use login::Whither;
pub(crate) use login::ended;
pub use settings::IdentitySettings;
