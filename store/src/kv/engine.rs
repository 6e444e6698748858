//! The seam: an ordered key space with atomic batches.
//!
//! An engine keeps bytes under byte keys, in byte order. It promises:
//! - [`Engine::apply`] applies a batch whole or not at all, after checking its
//!   expectations against everything applied before it, and answers only when
//!   the batch survives a power cut;
//! - [`Engine::get`] and [`Engine::scan`] show only batches that were so
//!   answered or are about to be; a page of a scan is one moment's data;
//! - entries of a log are numbered without gaps from 1, in order of application;
//! - all bounds are refusals ([`EngineError::Overloaded`]), never waits.
//!
//! `kv/tests.rs` is the conformance suite that every engine passes.

use std::path::PathBuf;

use async_trait::async_trait;
use bytes::Bytes;

/// Something a batch believes about the state it is applied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// There is nothing under this key.
    Absent(Bytes),
    /// Exactly this value stands under this key.
    Equals(Bytes, Bytes),
}

/// One change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Stores a value under a key.
    Put {
        /// Where.
        key: Bytes,
        /// What.
        value: Bytes,
        /// The author knows that nothing stands under the key yet: the batch
        /// expects it absent, or it is an entry derived from a row whose
        /// previous state the batch expects. An engine may use this to forget
        /// the key altogether when it is deleted soon after.
        fresh: bool,
    },
    /// Removes a key, if it is there.
    Delete {
        /// Which.
        key: Bytes,
    },
    /// Appends to a log: stored under the tag and the next number of that log
    /// (8 bytes, big-endian).
    Append {
        /// The log's tag.
        log: [u8; 2],
        /// The entry.
        value: Bytes,
    },
    /// Adds to the number under a key (8 bytes, little-endian; 0 if absent).
    /// A number that becomes 0 is removed.
    Add {
        /// Where.
        key: Bytes,
        /// How much.
        delta: i64,
    },
}

impl Op {
    /// About how many bytes the change takes in a journal.
    pub fn weight(&self) -> usize {
        match self {
            Self::Put { key, value, .. } => key.len() + value.len() + 8,
            Self::Delete { key } => key.len() + 4,
            Self::Append { value, .. } => value.len() + 16,
            Self::Add { key, .. } => key.len() + 16,
        }
    }
}

/// What is applied together or not at all.
///
/// Expectations are checked against the state before the batch; its changes
/// then happen in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Beliefs; one that does not hold rejects the batch.
    pub expects: Vec<Expect>,
    /// Changes.
    pub ops: Vec<Op>,
}

impl Batch {
    /// About how many bytes the batch takes in a journal.
    pub fn weight(&self) -> usize {
        self.ops.iter().map(Op::weight).sum()
    }
}

/// What an applied batch was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The number of the first entry it appended to any log; the others follow
    /// without a gap (a batch appends to one log only).
    pub first_entry: Option<u64>,
}

/// A stored key and its value.
pub type Pair = (Bytes, Bytes);

/// A range of keys, and which way to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The least key, included.
    pub from: Vec<u8>,
    /// The first key past the range; `None`: to the end.
    pub to: Option<Vec<u8>>,
    /// From the greatest key down.
    pub reverse: bool,
}

impl Span {
    /// All keys that begin with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        Self { from: prefix.to_vec(), to: successor(prefix), reverse: false }
    }
}

/// The least key greater than every key that begins with `prefix`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut next = prefix.get(..=last)?.to_vec();
    if let Some(byte) = next.last_mut() {
        *byte += 1;
    }
    Some(next)
}

/// How an engine is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why writes are refused at the moment; `None`: they are taken.
    pub read_only: Option<String>,
    /// Bytes that the engine's files take on disk, as last counted.
    pub disk_bytes: u64,
    /// Bytes free on the disk that holds it, as last looked at.
    pub free_bytes: u64,
    /// Batches waiting for the committer.
    pub waiting: usize,
}

/// Why an engine did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The belief at this place in `expects` does not hold; nothing was applied.
    #[error("expectation {0} does not hold")]
    Conflict(usize),
    /// Too much is waiting already; nothing was applied.
    #[error("the store has too much to write at the moment")]
    Overloaded,
    /// The disk is full; nothing was applied. Reads go on, and writes are taken
    /// again once there is room.
    #[error("the disk that holds the store is full")]
    Full,
    /// A file is not what it should be.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Another process holds the directory.
    #[error("{} is held by another daemon", path.display())]
    Held {
        /// The data directory.
        path: PathBuf,
    },
    /// Written by a release newer than this one.
    #[error("the store was written by a newer release ({found}); this one is {ours}")]
    Newer {
        /// The release that wrote it.
        found: String,
        /// This release.
        ours: String,
    },
    /// The system refused an operation.
    #[error("the store failed while {doing} {}", path.display())]
    Io {
        /// The operation.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The engine has stopped.
    #[error("the store is closed")]
    Closed,
}

/// An ordered key space with atomic batches; see the module.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// The value under a key.
    async fn get(&self, key: &[u8]) -> Result<Option<Bytes>, EngineError>;

    /// The first `limit` pairs of the span, in its direction: one moment's data.
    async fn scan(&self, span: &Span, limit: usize) -> Result<Vec<Pair>, EngineError>;

    /// Applies a batch, durably.
    async fn apply(&self, batch: Batch) -> Result<Receipt, EngineError>;

    /// How it is doing, without waiting for anything.
    fn health(&self) -> Health;
}
