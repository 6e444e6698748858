//! The pool: who is placed where.
//!
//! ```text
//! reserve ─▶ the account has a place (instance, id), the instance one place less
//! renumber ─▶ the id was somebody else's: the next one, on the same instance
//! release ─▶ nothing was made: the place is free again
//! ```
//! Invariants:
//! - A place is taken in the same write in which the account's row names it, and
//!   that write expects the occupancy as it was weighed: no two of them take the
//!   last place.
//! - An account has one place at most; asking again answers the same.
//! - A place where something may stand is not released.

mod clerk;
mod desk;
#[cfg(test)]
mod tests;

pub use clerk::{Release, Renumber, Reserve, Reserved};
pub use desk::PoolDesk;
