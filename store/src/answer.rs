//! Answers kept for requests that carried an `Idempotency-Key`.
//!
//! An answer lands in the commit of the change it tells of, so that a repeated
//! request finds both or neither.

use serde::{Deserialize, Serialize};

use crate::kv::{IndexDef, Lookup, Table, Write};
use crate::time::Timestamp;

/// What the first request was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// SHA-256 of the request's body in canonical form.
    pub fingerprint: [u8; 32],
    /// HTTP status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The body: JSON, as text.
    pub body: String,
    /// From when on it is forgotten.
    pub expires_at: Timestamp,
}

/// Answers by SHA-256 of token, method, path and key.
#[derive(Debug)]
pub struct Answers;

impl Table for Answers {
    const NAME: &'static str = "answers";
    const TAG: u16 = 0x0401;
    const VERSION: u8 = 1;
    type Key = [u8; 32];
    type Row = Answer;
    const INDEXES: &'static [IndexDef<Self>] = &[IndexDef::of::<AnswersByExpiry>()];
}

/// Answers in the order in which they are forgotten.
#[derive(Debug)]
pub struct AnswersByExpiry;

impl Lookup for AnswersByExpiry {
    type Table = Answers;
    const NAME: &'static str = "answers by expiry";
    const TAG: u16 = 0x0402;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(_: &[u8; 32], answer: &Answer) -> Option<Timestamp> {
        Some(answer.expires_at)
    }
}

impl Write {
    /// Keeps the answer of the request that this write serves.
    pub fn answer(&mut self, scope: &[u8; 32], answer: &Answer) -> &mut Self {
        self.insert::<Answers>(scope, answer)
    }
}
