//! Opaque tokens of operators and services. Only their hashes are kept.

use serde::{Deserialize, Serialize};

use crate::id::{TenantId, TokenId};
use crate::kv::{IndexDef, Lookup, Table};
use crate::time::Timestamp;

/// What the bearer of a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May do everything.
    Operator,
    /// May do what its scopes say.
    Service,
}

/// An opaque token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What it is for, in its maker's words.
    pub name: String,
    /// SHA-256 of the token's text.
    pub hash: [u8; 32],
    /// What its bearer is.
    pub role: Role,
    /// Such as `folders:write`; empty for operators, who need none.
    pub scopes: Vec<String>,
    /// The one tenant it is good for; `None`: all.
    pub tenant: Option<TenantId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Tokens by id.
#[derive(Debug)]
pub struct Tokens;

impl Table for Tokens {
    const NAME: &'static str = "tokens";
    const TAG: u16 = 0x0301;
    const VERSION: u8 = 1;
    type Key = TokenId;
    type Row = Token;
    const INDEXES: &'static [IndexDef<Self>] =
        &[IndexDef::of::<TokensByHash>(), IndexDef::of::<TokensByExpiry>()];
}

/// The token of a hash.
#[derive(Debug)]
pub struct TokensByHash;

impl Lookup for TokensByHash {
    type Table = Tokens;
    const NAME: &'static str = "tokens by hash";
    const TAG: u16 = 0x0302;
    const UNIQUE: bool = true;
    type Key = [u8; 32];

    fn key(_: &TokenId, token: &Token) -> Option<[u8; 32]> {
        Some(token.hash)
    }
}

/// The tokens that still work and will not for ever, by when they end.
#[derive(Debug)]
pub struct TokensByExpiry;

impl Lookup for TokensByExpiry {
    type Table = Tokens;
    const NAME: &'static str = "tokens by expiry";
    const TAG: u16 = 0x0303;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(_: &TokenId, token: &Token) -> Option<Timestamp> {
        token.expires_at.filter(|_| token.revoked_at.is_none())
    }
}
