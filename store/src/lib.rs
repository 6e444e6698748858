//! Facts: typed ids and times, rows, tables, and one way to write.
//!
//! Everything the daemon knows is a row of a [`Table`], an entry of a
//! [`Log`] or a number in a [`Tally`]. Each is declared once, in the file of its
//! noun, and listed in [`catalog`]. Rows are changed only by a [`Write`], which
//! carries the rows, their index entries, the events they cause, the jobs they
//! start and what its author believes to be true; [`Store::commit`] applies all
//! of it or none, and answers once it is on disk.
//!
//! Nothing outside `kv` sees bytes, and nothing outside this crate sees sled.
//! The crate knows no HTTP, no actors, no configuration and no clock: times and
//! ids are handed in.

pub mod answer;
pub mod audit;
pub mod author;
pub mod booking;
pub mod catalog;
pub mod category;
pub mod delivery;
pub mod drive;
pub mod event;
pub mod external;
pub mod fold;
pub mod id;
pub mod job;
pub mod kv;
pub mod leave;
pub mod nextcloud;
pub mod notice;
pub mod plan;
pub mod resource;
pub mod sealed;
pub mod series;
pub mod session;
pub mod soundness;
pub mod tenant;
pub mod time;
pub mod token;
pub mod user;
pub mod waitlist;
pub mod webhook;
pub mod wispro;

#[cfg(test)]
mod golden;

pub use id::Id;
pub use kv::{
    Cursor, Draft, Engine, Error, IndexDef, Key, Log, Lookup, Page, Part, Query, Receipt, Store,
    Stored, Table, Tally, Write,
};
pub use time::Timestamp;
