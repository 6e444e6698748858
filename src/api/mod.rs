//! The HTTP edge: a request becomes a [`Call`], a handler's [`Reply`] or
//! [`Problem`] becomes a response.
//!
//! ```text
//! connection → server → warp filter → dispatch → handler → concern
//!                                        │  Host, route, token, body, role, shape,
//!                                        │  limits, repeated requests
//!                                        └─ the same for every route
//! ```
//!
//! A noun's file declares its [`Route`]s and their handlers, and nothing else knows
//! it. No rule of a concern is here, and no handler decides how an error looks.

pub mod auth;
pub mod body;
pub mod call;
pub mod conditional;
mod flaws;
pub mod formats;
pub mod language;
pub mod merge;
pub mod page;
pub mod problem;
pub mod query;
pub mod reply;
pub mod route;
pub mod schema;

pub use auth::{Need, TokenSource, Who};
pub use call::Call;
pub use language::Language;
pub use merge::Merge;
pub use problem::Problem;
pub use reply::Reply;
pub use route::Route;

#[cfg(test)]
mod tests;
