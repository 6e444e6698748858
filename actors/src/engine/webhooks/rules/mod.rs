//! Everything that is decided about webhooks: pure.

pub mod body;
pub mod filter;
pub mod lane;
pub mod sign;
pub mod turn;
pub mod url;

#[cfg(test)]
mod tests;
