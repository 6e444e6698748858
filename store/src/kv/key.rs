//! Keys whose byte order is their natural order.
//!
//! A key is a tuple of parts. Fixed parts take a fixed number of big-endian
//! bytes; text inside a key is a [`Term`], closed by a NUL; plain text may only
//! stand last. Property: `a < b` exactly when `encode(a) < encode(b)`.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::Damage;
use crate::id::{Id, Kind};
use crate::time::Timestamp;

/// Something that can stand under a table.
pub trait Key:
    Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Appends the bytes.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads itself from the front of `input` and moves it on; `None` if the
    /// bytes are not such a key.
    fn decode(input: &mut &[u8]) -> Option<Self>;

    /// The bytes alone.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(USUAL_KEY_BYTES);
        self.encode(&mut out);
        out
    }

    /// Reads a whole key; bytes left over are damage.
    fn from_bytes(mut bytes: &[u8]) -> Result<Self, Damage> {
        let whole = bytes;
        match Self::decode(&mut bytes) {
            Some(key) if bytes.is_empty() => Ok(key),
            _ => Err(Damage::Key { key: hex::encode(whole) }),
        }
    }
}

/// A key that says itself where it ends, so that more may follow it.
pub trait Part: Key {}

/// A tuple that begins every key of type `K` below it: what a scan may be
/// narrowed to.
pub trait PrefixOf<K> {
    /// Appends the bytes.
    fn encode_prefix(&self, out: &mut Vec<u8>);
}

impl<K> PrefixOf<K> for () {
    fn encode_prefix(&self, _out: &mut Vec<u8>) {}
}

fn take<'a>(input: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (head, tail) = input.split_at_checked(count)?;
    *input = tail;
    Some(head)
}

/// What nearly all keys fit in.
const USUAL_KEY_BYTES: usize = 64;

/// The bytes of a key that begins with a tag.
pub(super) fn tagged(tag: u16, key: &impl Key) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_KEY_BYTES);
    bytes.extend_from_slice(&tag.to_be_bytes());
    key.encode(&mut bytes);
    bytes
}

fn take_array<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    take(input, N)?.try_into().ok()
}

macro_rules! unsigned_part {
    ($($int:ty),*) => {$(
        impl Key for $int {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
            fn decode(input: &mut &[u8]) -> Option<Self> {
                take_array(input).map(Self::from_be_bytes)
            }
        }
        impl Part for $int {}
    )*};
}
unsigned_part!(u8, u16, u32, u64);

impl Key for () {
    fn encode(&self, _out: &mut Vec<u8>) {}
    fn decode(_input: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

impl<K: Kind> Key for Id<K> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        take_array(input).map(|bytes| Self::from_uuid(uuid::Uuid::from_bytes(bytes)))
    }
}
impl<K: Kind> Part for Id<K> {}

/// Eight bytes with the sign flipped, so that instants before 1970 sort first.
impl Key for Timestamp {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.as_millis() ^ i64::MIN).to_be_bytes());
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        let millis = take_array(input).map(i64::from_be_bytes)? ^ i64::MIN;
        (Self::MIN.as_millis()..=Self::MAX.as_millis())
            .contains(&millis)
            .then(|| Self::from_millis(millis))
    }
}
impl Part for Timestamp {}

/// A fixed number of raw bytes, such as a hash.
impl Key for [u8; 32] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        take_array(input)
    }
}
impl Part for [u8; 32] {}

/// Text that fills the rest of the key.
impl Key for String {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        let bytes = std::mem::take(input);
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
}

/// Text inside a key, at most [`Term::MAX`] bytes of it, closed by a NUL.
///
/// Made for lookups by name: longer text is cut and NULs are left out, so a
/// lookup by a term must look at the row as well.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Term(String);

impl Term {
    /// Bytes of text that a term keeps.
    pub const MAX: usize = 256;

    /// The text as a term.
    pub fn new(text: &str) -> Self {
        if Self::fits(text) {
            return Self(text.to_owned());
        }
        let mut kept: String = text.chars().filter(|c| *c != '\0').collect();
        while kept.len() > Self::MAX {
            kept.pop();
        }
        Self(kept)
    }

    /// The text kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `text` fits a term whole.
    pub fn fits(text: &str) -> bool {
        text.len() <= Self::MAX && !text.contains('\0')
    }
}

impl Key for Term {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
        out.push(0);
    }
    fn decode(input: &mut &[u8]) -> Option<Self> {
        let end = input.iter().position(|byte| *byte == 0)?;
        let text = take(input, end)?;
        take(input, 1)?;
        (end <= Self::MAX).then(|| std::str::from_utf8(text).ok().map(|t| Self(t.to_owned())))?
    }
}
impl Part for Term {}

macro_rules! tuple_key {
    ($($part:ident $index:tt),+ ; $last:ident $last_index:tt) => {
        impl<$($part: Part,)+ $last: Key> Key for ($($part,)+ $last) {
            fn encode(&self, out: &mut Vec<u8>) {
                $(self.$index.encode(out);)+
                self.$last_index.encode(out);
            }
            fn decode(input: &mut &[u8]) -> Option<Self> {
                Some(($($part::decode(input)?,)+ $last::decode(input)?))
            }
        }
        impl<$($part: Part,)+ $last: Part> Part for ($($part,)+ $last) {}
    };
}
tuple_key!(A 0; B 1);
tuple_key!(A 0, B 1; C 2);
tuple_key!(A 0, B 1, C 2; D 3);
tuple_key!(A 0, B 1, C 2, D 3; E 4);

macro_rules! prefix {
    (($($have:ident $index:tt),+) of ($($all:ident),+)) => {
        impl<$($all),+> PrefixOf<($($all,)+)> for ($($have,)+)
        where $($have: Part),+
        {
            fn encode_prefix(&self, out: &mut Vec<u8>) {
                $(self.$index.encode(out);)+
            }
        }
    };
}
prefix!((A 0) of (A, B));
prefix!((A 0) of (A, B, C));
prefix!((A 0, B 1) of (A, B, C));
prefix!((A 0) of (A, B, C, D));
prefix!((A 0, B 1) of (A, B, C, D));
prefix!((A 0, B 1, C 2) of (A, B, C, D));
prefix!((A 0) of (A, B, C, D, E));
prefix!((A 0, B 1) of (A, B, C, D, E));
prefix!((A 0, B 1, C 2) of (A, B, C, D, E));
prefix!((A 0, B 1, C 2, D 3) of (A, B, C, D, E));
