//! The nouns over HTTP.

mod routes;
mod tokens;
