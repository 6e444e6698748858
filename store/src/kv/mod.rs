//! The key space: how typed rows become ordered bytes, and the seam to the engine.
//!
//! ```text
//!  nouns (rows, tables)          what the rest of the daemon sees
//!  ──────────────────────────
//!  table   Table, Lookup, Log, Tally: declarations
//!  write   Write: one unit of work          query   Query, Page, Cursor
//!  draft   Draft: several, committed as one
//!  key     order-preserving keys            codec   versioned bincode rows
//!  ──────────────────────────
//!  engine  Engine: get, scan, apply         the seam
//!  embedded  journal + overlay + sled       memory  for tests
//! ```
//!
//! Invariants:
//! - An index entry exists if and only if its row does: both are derived from
//!   the row in the same batch, and an update expects the row it was made from.
//! - Nothing above the engine reads what is not on disk, but for the author of a
//!   draft, who tells nobody.
//! - A page is committed data; two pages are not one snapshot.

mod codec;
mod decoded;
mod draft;
mod engine;
mod error;
mod key;
mod query;
mod room;
mod store;
mod table;
mod write;

pub mod embedded;
pub mod keeping;
#[cfg(any(test, feature = "testkit"))]
pub mod memory;
#[cfg(test)]
mod tests;

pub use bytes::Bytes;
pub use codec::{MAX_ROW_BYTES, decode_body, decode_row, encode_row};
pub use draft::Draft;
pub use engine::{Batch, Engine, EngineError, Expect, Health, Op, Pair, Receipt, Span};
pub use error::{Clash, Damage, Error, Unfit};
pub use key::{Key, Part, PrefixOf, Term};
pub use query::{Cursor, Page, Query};
pub use store::{Bell, Store};
pub use table::{Entry, IndexDef, Log, Lookup, Shape, Stored, Table, TableDef, Tally};
pub use write::Write;
