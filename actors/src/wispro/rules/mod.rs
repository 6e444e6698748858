//! What the sync decides, from what was fetched and what is known to what is to
//! be done. Pure.

pub mod alike;
pub mod brakes;
pub mod client;
pub mod envelope;
pub mod matching;
pub mod report;

#[cfg(test)]
mod tests;
