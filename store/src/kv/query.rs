//! Questions to a table or a lookup: which keys, which way, how many, from where.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use super::engine::Span;
use super::key::{Key, PrefixOf};

/// Characters of the longest cursor.
const MAX_CURSOR: usize = 2048;

/// Rows a page holds when nobody says otherwise.
const DEFAULT_LIMIT: usize = 100;

/// A place in a listing, after the row it was made from. Opaque to everyone
/// above this crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub(super) Vec<u8>);

impl Cursor {
    /// The place after this key: for listings that a caller puts together.
    pub fn after<K: Key>(key: &K) -> Self {
        Self(key.to_bytes())
    }

    /// The key it was made from, if it is a `K`.
    pub fn key<K: Key>(&self) -> Option<K> {
        K::from_bytes(&self.0).ok()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

/// The text is not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this listing")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        if text.len() > MAX_CURSOR || text.bytes().any(|c| c.is_ascii_uppercase()) {
            return Err(NotACursor);
        }
        hex::decode(text).map(Self).map_err(|_| NotACursor)
    }
}

/// Part of an answer, and where the rest begins.
#[derive(Debug, Clone)]
pub struct Page<R> {
    /// What was found, in order.
    pub rows: Vec<R>,
    /// Where to go on; `None` on the last page.
    pub next: Option<Cursor>,
}

/// Which keys of type `K` to read.
#[derive(Debug, Clone)]
pub struct Query<K> {
    prefix: Vec<u8>,
    from: Option<Vec<u8>>,
    to: Option<Vec<u8>>,
    after: Option<Cursor>,
    reverse: bool,
    limit: usize,
    key: PhantomData<fn() -> K>,
}

impl<K: Key> Query<K> {
    /// All of them, in order.
    pub fn all() -> Self {
        Self::under(&())
    }

    /// Those that begin with this whole key: in a lookup, all rows found by it.
    pub fn under_key(key: &K) -> Self {
        Self { prefix: key.to_bytes(), ..Self::all() }
    }

    /// Those that begin with `prefix`.
    pub fn under<P: PrefixOf<K>>(prefix: &P) -> Self {
        let mut bytes = Vec::new();
        prefix.encode_prefix(&mut bytes);
        Self {
            prefix: bytes,
            from: None,
            to: None,
            after: None,
            reverse: false,
            limit: DEFAULT_LIMIT,
            key: PhantomData,
        }
    }

    /// Not before this one (in key order), this one included.
    pub fn from<P: PrefixOf<K>>(mut self, key: &P) -> Self {
        let mut bytes = Vec::new();
        key.encode_prefix(&mut bytes);
        self.from = Some(bytes);
        self
    }

    /// Before this one (in key order).
    pub fn to<P: PrefixOf<K>>(mut self, key: &P) -> Self {
        let mut bytes = Vec::new();
        key.encode_prefix(&mut bytes);
        self.to = Some(bytes);
        self
    }

    /// Not before this whole key, itself included.
    pub fn from_key(mut self, key: &K) -> Self {
        self.from = Some(key.to_bytes());
        self
    }

    /// Before this whole key.
    pub fn to_key(mut self, key: &K) -> Self {
        self.to = Some(key.to_bytes());
        self
    }

    /// After a place of an earlier page.
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// From the greatest key down.
    pub fn reverse(mut self) -> Self {
        self.reverse = !self.reverse;
        self
    }

    /// At most this many (at least 1).
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.max(1);
        self
    }

    pub(super) fn page_size(&self) -> usize {
        self.limit
    }

    /// The span under a tag.
    pub(super) fn span(&self, tag: u16) -> Span {
        let tagged = |bytes: &[u8]| {
            let mut key = tag.to_be_bytes().to_vec();
            key.extend_from_slice(bytes);
            key
        };
        let mut span = Span::prefix(&tagged(&self.prefix));
        span.reverse = self.reverse;
        if let Some(from) = &self.from {
            span.from = span.from.max(tagged(from));
        }
        if let Some(to) = &self.to {
            span.to = Some(earlier(span.to, tagged(to)));
        }
        match &self.after {
            Some(cursor) if self.reverse => {
                span.to = Some(earlier(span.to, tagged(&cursor.0)));
            }
            Some(cursor) => {
                // A cursor is a whole key: the next one begins behind it.
                let mut next = tagged(&cursor.0);
                next.push(0);
                span.from = span.from.max(next);
            }
            None => {}
        }
        span
    }
}

fn earlier(bound: Option<Vec<u8>>, other: Vec<u8>) -> Vec<u8> {
    match bound {
        Some(bound) => bound.min(other),
        None => other,
    }
}
