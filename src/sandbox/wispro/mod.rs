//! A Wispro that is none: clients on pages over HTTP, with everything that was seen
//! to be odd about the real one.
//!
//! - Errors arrive as HTTP 200; the real code is in the body.
//! - The token goes bare; with `Bearer` before it, it is refused.
//! - `per_page` is 20 if not said, and 1000 at most; pages count from 1.
//! - Unknown filters are ignored: everything is answered.
//! - Every client has a login link, which nobody shall keep.
//!
//! `POST /sandbox/faults` (and [`Sandbox::faults`]) makes it fail in every way.

mod faults;
mod people;
mod server;

#[cfg(test)]
mod tests;

pub use faults::Faults;
pub use people::Population;
pub use server::{Sandbox, TOKEN};
