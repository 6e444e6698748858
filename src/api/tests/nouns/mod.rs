//! The nouns over HTTP.

mod jobs;
mod queues;
mod routes;
mod tokens;
