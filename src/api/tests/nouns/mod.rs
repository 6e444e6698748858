//! The nouns over HTTP.

mod bans;
mod jobs;
mod people;
mod queues;
mod routes;
mod statuses;
mod tenants;
mod tokens;
