//! Facts: typed ids and times, rows, tables, and one way to write.

pub mod id;
pub mod time;

pub use id::Id;
pub use time::Timestamp;
