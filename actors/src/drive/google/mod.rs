//! Google Drive over HTTP: plain REST, one token for all calls.
//!
//! - The token goes to the configured addresses alone: no redirect is followed, no
//!   proxy asked.
//! - An answer is bounded in bytes and in time.
//! - A call that may have been done is made again only where doing it twice does it
//!   once: folders are made under ids that were handed out before.

mod calls;
mod client;
mod credentials;
mod token;
mod wire;

#[cfg(test)]
mod tests;

pub use client::Google;
pub use credentials::{Credentials, Flawed};
