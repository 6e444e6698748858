//! What can go wrong below a concern.

use super::engine::EngineError;

/// Bytes in the store are not what their table says they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A key does not have the shape of its table's keys.
    #[error("the key {key} does not fit its table")]
    Key {
        /// The bytes in hexadecimal.
        key: String,
    },
    /// A row's body cannot be read as the version it claims to be.
    #[error("a row of {table} (version {version}) cannot be read: {detail}")]
    Row {
        /// The table's name.
        table: &'static str,
        /// The version byte found.
        version: u8,
        /// What the decoder said.
        detail: String,
    },
    /// A row was written by a newer release.
    #[error("a row of {table} has version {version}, newer than this release knows")]
    Newer {
        /// The table's name.
        table: &'static str,
        /// The version byte found.
        version: u8,
    },
    /// A row without even a version byte.
    #[error("a row of {table} is empty")]
    Empty {
        /// The table's name.
        table: &'static str,
    },
}

/// What a rejected write believed in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// The row of this table was changed or deleted since it was read.
    Changed(&'static str),
    /// A row of this table with this key exists already.
    Exists(&'static str),
    /// The value is taken in this unique index.
    Taken(&'static str),
}

impl std::fmt::Display for Clash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed(table) => write!(f, "a row of {table} has changed since it was read"),
            Self::Exists(table) => write!(f, "a row of {table} with this key exists already"),
            Self::Taken(index) => write!(f, "the value is taken in {index}"),
        }
    }
}

/// Why a row cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is over [`MAX_ROW_BYTES`](super::MAX_ROW_BYTES).
    #[error("a row of {table} would take {bytes} bytes, over the limit of 65536")]
    TooLarge {
        /// The table's name.
        table: &'static str,
        /// The size it would have.
        bytes: usize,
    },
    /// It could not be encoded.
    #[error("a row of {table} cannot be encoded: {detail}")]
    Encode {
        /// The table's name.
        table: &'static str,
        /// What the encoder said.
        detail: String,
    },
}

/// Why the store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A belief of the write no longer holds; nothing was written. Load again
    /// and decide anew.
    #[error("the write came too late: {0}")]
    Conflict(Clash),
    /// A row cannot be stored; nothing was written.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// A stored row is unreadable.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
}

impl Error {
    /// Whether the write was rejected because what it believed no longer holds.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}
