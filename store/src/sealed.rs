//! Secrets at rest: bytes that nobody reads without the key, which is no fact.

use serde::{Deserialize, Serialize};

/// A secret as it lies in a row: sealed elsewhere, opaque here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Of the bytes a sealer made.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What the sealer made.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}
