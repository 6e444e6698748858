//! What the concern decides. Pure.

pub mod answer;
pub mod channels;
pub mod fair;
pub mod files;
pub mod names;
pub mod notification;
pub mod preflight;
pub mod routes;
pub mod settle;
pub mod tree;

#[cfg(test)]
mod tests;
