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

mod agenda;
pub mod audit;
pub mod auth;
pub mod body;
pub mod booking;
pub mod browser;
pub mod calendar;
pub mod call;
pub mod categories;
mod client;
pub mod conditional;
mod cors;
mod dispatch;
mod docs;
pub mod doors;
pub mod drive;
pub mod edge;
mod event_types;
pub mod events;
mod feeds;
mod finish;
mod flaws;
pub mod formats;
pub mod gate;
mod head;
pub mod health;
mod host;
pub mod idempotency;
pub mod invitation;
pub mod jobs;
pub mod language;
pub mod leaves;
pub mod limits;
mod linked;
pub mod live;
pub mod login;
pub mod merge;
mod nextcloud;
mod notifications;
mod openapi;
mod overrides;
pub mod page;
pub mod problem;
mod pulse;
pub mod query;
pub mod queues;
mod receive;
pub mod reply;
pub mod reports;
pub mod resources;
pub mod route;
pub mod routes;
pub mod sandbox;
pub mod scheduled_bans;
pub mod schedules;
pub mod schema;
pub mod server;
pub mod sessions;
pub mod sources;
pub mod status;
mod table;
pub mod tenants;
pub mod time;
pub mod tokens;
mod trace;
pub mod users;
pub mod waitlist;
pub mod webhooks;
pub mod wispro;
pub mod within;

pub use auth::{Need, PersonSource, TokenSource, Who};
pub use call::Call;
pub use edge::{Api, Foundation, LocaleSource};
pub use idempotency::AnswerSource;
pub use language::Language;
pub use merge::Merge;
pub use problem::Problem;
pub use reply::Reply;
pub use route::Route;
pub use server::{Served, serve};
pub use time::Utc;

#[cfg(test)]
mod tests;
