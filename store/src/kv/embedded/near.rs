//! Keys whose first bytes are at hand: most comparisons in a tree of them need not go
//! where the rest is.

use std::borrow::Borrow;
use std::cmp::Ordering;

use bytes::Bytes;

/// The first 16 bytes, filled up with zeros, as numbers in the order of the bytes.
type Head = (u64, u64);

fn head(bytes: &[u8]) -> Head {
    let part = |at: usize| {
        let part = bytes.get(at..).unwrap_or_default();
        let mut eight = [0; 8];
        match part.first_chunk::<8>() {
            Some(whole) => eight = *whole,
            None => eight.iter_mut().zip(part).for_each(|(to, from)| *to = *from),
        }
        u64::from_be_bytes(eight)
    };
    (part(0), part(8))
}

/// A key, and where to begin comparing it. Ordered as its bytes are.
#[derive(Debug, Clone)]
pub(super) struct Near {
    head: Head,
    bytes: Bytes,
}

impl Near {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { head: head(&bytes), bytes }
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// The same for a key that somebody else holds.
#[derive(Clone, Copy)]
pub(super) struct Probe<'a> {
    head: Head,
    bytes: &'a [u8],
}

impl<'a> Probe<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { head: head(bytes), bytes }
    }
}

/// What can be looked for in a map by [`Near`].
pub(super) trait Sought {
    fn parts(&self) -> (Head, &[u8]);
}

impl Sought for Near {
    #[inline]
    fn parts(&self) -> (Head, &[u8]) {
        (self.head, &self.bytes)
    }
}

impl Sought for Probe<'_> {
    #[inline]
    fn parts(&self) -> (Head, &[u8]) {
        (self.head, self.bytes)
    }
}

/// Where the heads differ, so do the keys, and in the same way: a head that is a part
/// of its key is less than those it begins.
#[inline]
fn compare((head, bytes): (Head, &[u8]), (other, others): (Head, &[u8])) -> Ordering {
    head.cmp(&other).then_with(|| bytes.cmp(others))
}

impl<'a> Borrow<dyn Sought + 'a> for Near {
    #[inline]
    fn borrow(&self) -> &(dyn Sought + 'a) {
        self
    }
}

impl Ord for dyn Sought + '_ {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.parts(), other.parts())
    }
}

impl PartialOrd for dyn Sought + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for dyn Sought + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for dyn Sought + '_ {}

impl Ord for Near {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.parts(), other.parts())
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Near {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Near {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Keys that are alike at the front, of lengths around those of a head.
    fn keys() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![Just(0_u8), Just(1), Just(255)];
        (0..20_usize, prop::collection::vec(byte, 0..6)).prop_map(|(front, rest)| {
            let mut key = vec![0; front];
            key.extend(rest);
            key
        })
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_bytes(a in keys(), b in keys()) {
            let (near, other) = (Near::new(a.clone().into()), Near::new(b.clone().into()));
            prop_assert_eq!(near.cmp(&other), a.cmp(&b));
            prop_assert_eq!(near == other, a == b);
            let (one, two): (&dyn Sought, &dyn Sought) = (&near, &Probe::new(&b));
            prop_assert_eq!(one.cmp(two), a.cmp(&b));
            prop_assert_eq!(near.bytes(), &a);
        }
    }
}
