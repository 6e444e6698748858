//! What is told to whom, when, and in which words: pure, from facts and a time.

pub mod alerts;
pub mod dates;
pub mod facts;
pub mod news;
pub mod remind;
pub mod tongue;

#[cfg(test)]
mod tests;
