//! Values that were read of sled lately: what everybody asks for (a tenant, a
//! token, a popular resource) is not looked for in its pages again and again.
//!
//! A value is kept only if no drain ended since before it was read, and a drain's
//! end puts what the drain changed in the place of what was remembered. Until that
//! end the frozen layer speaks for what is being changed, so nobody sees a value that
//! is no longer so.

use bytes::Bytes;
use parking_lot::RwLock;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// What an entry takes beyond its bytes, roughly.
const ENTRY_BYTES: usize = 64;
/// A usual pair, for the first size of the table.
const USUAL_BYTES: usize = 512;

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Box<[u8]>, Bytes> for Weight {
    fn weight(&self, key: &Box<[u8]>, value: &Bytes) -> u64 {
        (ENTRY_BYTES + key.len() + value.len()) as u64
    }
}

/// How many drains had ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(u64);

/// A bounded memory of values by key.
pub(super) struct Recent {
    values: Cache<Box<[u8]>, Bytes, Weight>,
    ended: RwLock<Moment>,
}

impl Recent {
    /// One that takes about so many bytes at most.
    pub(super) fn new(bytes: usize) -> Self {
        let values = Cache::with_weighter(bytes / USUAL_BYTES, bytes as u64, Weight);
        Self { values, ended: RwLock::new(Moment(0)) }
    }

    /// The value under a key, if it is remembered.
    pub(super) fn get(&self, key: &[u8]) -> Option<Bytes> {
        self.values.get(key)
    }

    /// To be asked for before a value is read that is to be kept.
    pub(super) fn moment(&self) -> Moment {
        *self.ended.read()
    }

    /// Keeps a value that was read after a moment, unless a drain ended since.
    pub(super) fn keep(&self, key: &[u8], value: &Bytes, read_after: Moment) {
        // Held, so that a drain that ends now forgets it again.
        let ended = self.ended.read();
        if *ended == read_after {
            self.values.insert(key.into(), value.clone());
        }
    }

    /// A drain has made these changes, and is about to end.
    pub(super) fn follow<'a>(&self, changed: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>) {
        self.ended.write().0 += 1;
        for (key, value) in changed.filter(|(key, _)| self.values.contains_key(*key)) {
            // One that was let go of since is not taken up again.
            let taken = value.is_some_and(|value| {
                let value = Bytes::copy_from_slice(value);
                self.values.replace(key.into(), value, true).is_ok()
            });
            if !taken {
                self.values.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(byte: u8) -> Bytes {
        Bytes::from(vec![byte])
    }

    #[test]
    fn what_a_drain_changed_is_followed_and_what_it_took_away_is_gone() {
        let recent = Recent::new(4096);
        let now = recent.moment();
        for (key, byte) in [(b"a", 1), (b"b", 2), (b"c", 3)] {
            recent.keep(key, &value(byte), now);
        }
        let changed = [(b"a", Some([9].as_slice())), (b"b", None), (b"d", Some(&[8]))];
        recent.follow(changed.into_iter().map(|(key, value)| (key.as_slice(), value)));
        assert_eq!((recent.get(b"a"), recent.get(b"b")), (Some(value(9)), None));
        assert_eq!((recent.get(b"c"), recent.get(b"d")), (Some(value(3)), None));
    }

    #[test]
    fn what_was_read_before_a_drain_ended_is_not_kept_after_it() {
        let recent = Recent::new(4096);
        let before = recent.moment();
        recent.follow([(b"a".as_slice(), Some([2].as_slice()))].into_iter());
        recent.keep(b"a", &value(1), before);
        assert_eq!(recent.get(b"a"), None);
        recent.keep(b"a", &value(2), recent.moment());
        assert_eq!(recent.get(b"a"), Some(value(2)));
    }

    #[test]
    fn what_has_grown_too_large_is_not_remembered_as_it_was() {
        let recent = Recent::new(4096);
        recent.keep(b"a", &value(1), recent.moment());
        let large = vec![2; 100_000];
        recent.follow([(b"a".as_slice(), Some(large.as_slice()))].into_iter());
        assert_eq!(recent.get(b"a"), None);
    }

    #[test]
    fn it_is_bounded() {
        let recent = Recent::new(64 * 1024);
        for n in 0..10_000_u16 {
            recent.keep(&n.to_be_bytes(), &value(0), recent.moment());
        }
        let kept = (0..10_000_u16).filter(|n| recent.get(&n.to_be_bytes()).is_some()).count();
        assert!((100..=64 * 1024 / ENTRY_BYTES).contains(&kept), "{kept}");
    }
}
