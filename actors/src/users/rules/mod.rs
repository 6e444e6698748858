//! Every decision about users. Pure: no clock, no store, no log.
//!
//! [`guards`] says who may do what to whom, [`record`] says what a user may be; [`turn`] what one command, or one due
//! plan, does to a user; [`shown`] what is to be seen of it at a moment.

pub mod guards;
pub mod record;
pub mod shown;
pub mod turn;

#[cfg(test)]
mod tests;

pub use record::UserDraft;
pub use turn::{Cause, Ended, Move, Turn};
