//! Every decision about users. Pure: no clock, no store, no log.
//!
//! [`guards`] says who may do what to whom, [`record`] what a user may be; [`turn`]
//! what one command, or one due plan, does to a user; [`leave`] what its leaves
//! do; [`shown`] what is to be seen of it at a moment.

pub mod guards;
pub mod leave;
pub mod record;
pub mod shown;
pub mod turn;

#[cfg(test)]
mod tests;

pub use leave::LeaveStep;
pub use record::UserDraft;
pub use turn::{Cause, Ended, Move, Turn};
