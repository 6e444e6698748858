//! The nouns over HTTP.

mod events;
mod jobs;
mod queues;
mod routes;
mod schedules;
mod tokens;
