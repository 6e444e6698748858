//! The greatest key of each table, or one that was it: what lies beyond is not there,
//! and need not be looked for. Ids are made in the order of time, so most of what is
//! expected absent lies beyond.
//!
//! Invariant: the key that is noted for a tag is no less than any of that tag in sled.
//! A tag is noted before anything is put there, by the one writer or by whoever asks
//! first, under one lock.

use std::collections::HashMap;

use parking_lot::RwLock;

use super::page::tag;

/// The greatest keys by tag.
#[derive(Default)]
pub(super) struct Tops(RwLock<HashMap<Vec<u8>, Vec<u8>>>);

impl Tops {
    /// Whether nothing can be there. `greatest`: the greatest key of a tag as of now, if
    /// there is any.
    pub(super) fn is_beyond<E>(
        &self,
        key: &[u8],
        greatest: impl FnOnce(&[u8]) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<bool, E> {
        if let Some(top) = self.0.read().get(tag(key)) {
            return Ok(key > top.as_slice());
        }
        let mut tops = self.0.write();
        let top = known(&mut tops, tag(key), greatest)?;
        Ok(key > top.as_slice())
    }

    /// Keys in ascending order are about to be put.
    pub(super) fn raise<'a, E>(
        &self,
        keys: impl Iterator<Item = &'a [u8]>,
        mut greatest: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<(), E> {
        let mut tops = self.0.write();
        let mut keys = keys.peekable();
        while let Some(key) = keys.next() {
            // The last of its tag is the greatest.
            if keys.peek().is_none_or(|next| tag(next) != tag(key)) {
                let top = known(&mut tops, tag(key), &mut greatest)?;
                if key > top.as_slice() {
                    *top = key.to_vec();
                }
            }
        }
        Ok(())
    }
}

/// What is noted for a tag; nothing yet: what it is now. An empty key is less than any.
fn known<'a, E>(
    tops: &'a mut HashMap<Vec<u8>, Vec<u8>>,
    tag: &[u8],
    greatest: impl FnOnce(&[u8]) -> Result<Option<Vec<u8>>, E>,
) -> Result<&'a mut Vec<u8>, E> {
    if !tops.contains_key(tag) {
        let top = greatest(tag)?.unwrap_or_default();
        tops.insert(tag.to_vec(), top);
    }
    Ok(tops.entry(tag.to_vec()).or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Never = std::convert::Infallible;

    fn beyond(tops: &Tops, key: &[u8], greatest: Option<&[u8]>) -> bool {
        let greatest = greatest.map(<[u8]>::to_vec);
        tops.is_beyond::<Never>(key, |_| Ok(greatest)).unwrap()
    }

    #[test]
    fn what_lies_beyond_the_greatest_key_is_not_there() {
        let tops = Tops::default();
        assert!(!beyond(&tops, b"aa5", Some(b"aa5")));
        assert!(beyond(&tops, b"aa6", None), "it was noted");
        assert!(beyond(&tops, b"bb", None), "the table is empty");
        tops.raise::<Never>([&b"aa7"[..], b"aa8", b"bb", b"cc1"].into_iter(), |tag| {
            assert_eq!(tag, b"cc");
            Ok(Some(b"cc9".to_vec()))
        })
        .unwrap();
        for (key, is_beyond) in
            [(&b"aa8"[..], false), (b"aa81", true), (b"bb", false), (b"cc9", false), (b"cd", true)]
        {
            assert_eq!(beyond(&tops, key, None), is_beyond, "{key:?}");
        }
        tops.raise::<Never>([&b"aa3"[..]].into_iter(), |_| Ok(None)).unwrap();
        assert!(!beyond(&tops, b"aa8", None), "it never falls");
    }

    #[test]
    fn what_could_not_be_found_out_is_not_noted() {
        let tops = Tops::default();
        assert!(tops.is_beyond(b"aa5", |_| Err("no")).is_err());
        assert!(!beyond(&tops, b"aa5", Some(b"aa7")));
    }
}
