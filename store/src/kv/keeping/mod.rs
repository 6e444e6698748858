//! Looking after a store as a whole, beyond single rows: is it consistent, can
//! it be carried elsewhere, is it of this release.
//!
//! [`check`] finds what is wrong; [`export`] and [`import`] carry everything as
//! text that people can read; [`migrate`] brings an older store to this
//! release. Backup, restore and repair work on bytes and live with the engine:
//! they are [`copies`](super::embedded::copies).

mod check;
mod migrate;
mod places;
mod transfer;

#[cfg(test)]
mod tests;

pub use self::check::{Finding, check};
pub use self::migrate::{MigrateError, Migration, migrate, versions};
pub use self::transfer::{Exported, Imported, TransferError, export, import};

use super::embedded::Snapshot;
use super::engine::EngineError;

/// Everything a store holds at one moment, to be walked in key order.
pub trait Pairs {
    /// Hands every pair to `each`.
    fn walk(
        &self,
        each: &mut dyn FnMut(&[u8], &[u8]) -> Result<(), EngineError>,
    ) -> Result<(), EngineError>;

    /// The value under a key.
    fn look(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;
}

impl Pairs for Snapshot {
    fn walk(
        &self,
        each: &mut dyn FnMut(&[u8], &[u8]) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        self.read(each)
    }

    fn look(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.get(key)
    }
}
