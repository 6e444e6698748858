//! A page: neighbouring pairs as one value of sled's. Pure.
//!
//! ```text
//! page = count:u32 (key_end:u32 value_end:u32)*count (key value)*count
//! ```
//! Ends count from the first key on; keys ascend. All pairs of a page belong to
//! one table: their keys begin with the same [`tag`]. A page that was read is
//! believed only as far as its bounds go: what lies outside is no pair.

use std::ops::Range;

/// Bytes above which a page is cut in two, if it has two pairs. sled reads, writes
/// and forgets up to 17 neighbouring values at once, and forgets late: up to 64 such
/// leaves for each of its 256 shards. Twice of this is some percent quicker, and takes
/// twice the memory after a walk through a large store.
pub(super) const PAGE_BYTES: usize = 1024;
/// What a page takes beyond its pairs, and beyond each of them.
const HEAD: usize = 4;
const PLACE: usize = 8;

/// A stored pair.
pub(super) type Entry<'a> = (&'a [u8], &'a [u8]);

/// What the keys of a page have in common: the two bytes of their table.
pub(super) fn tag(key: &[u8]) -> &[u8] {
    key.get(..2).unwrap_or(key)
}

/// A page's bytes, to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'a> {
    places: &'a [[u8; PLACE]],
    pairs: &'a [u8],
}

impl<'a> Page<'a> {
    /// The page that these bytes are; `None` if they are none.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<HEAD>()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        let (places, pairs) = rest.split_at_checked(count.checked_mul(PLACE)?)?;
        let (places, _) = places.as_chunks::<PLACE>();
        let page = Self { places, pairs };
        let whole = page.places.last().map_or(0, |place| ends(*place).1) == pairs.len();
        whole.then_some(page)
    }

    /// How many pairs it holds.
    pub(super) fn len(self) -> usize {
        self.places.len()
    }

    /// Where in the pairs' bytes the key and the value of a pair are.
    fn place(self, at: usize) -> Option<(Range<usize>, Range<usize>)> {
        let before = at.checked_sub(1).map_or(Some(0), |at| Some(ends(*self.places.get(at)?).1))?;
        let (key, value) = ends(*self.places.get(at)?);
        Some((before..key, key..value))
    }

    /// Where in the page's bytes the key and the value of a pair are.
    pub(super) fn spans(self, at: usize) -> Option<(Range<usize>, Range<usize>)> {
        let (key, value) = self.place(at)?;
        let head = HEAD + PLACE * self.places.len();
        Some((head + key.start..head + key.end, head + value.start..head + value.end))
    }

    /// A pair.
    pub(super) fn entry(self, at: usize) -> Option<Entry<'a>> {
        let (key, value) = self.place(at)?;
        Some((self.pairs.get(key)?, self.pairs.get(value)?))
    }

    /// How many pairs come before a key.
    pub(super) fn before(self, key: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.entry(middle) {
                Some((here, _)) if here < key => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// Which pair has this key.
    pub(super) fn find(self, key: &[u8]) -> Option<usize> {
        let at = self.before(key);
        self.entry(at).filter(|(here, _)| *here == key).map(|_| at)
    }

    /// The first so many pairs.
    pub(super) fn entries(self, count: usize) -> impl Iterator<Item = Entry<'a>> {
        (0..count.min(self.len())).map_while(move |at| self.entry(at))
    }
}

/// Where a pair's key and its value end: the lower and the upper half.
fn ends(place: [u8; PLACE]) -> (usize, usize) {
    let both = u64::from_le_bytes(place);
    let end = |half: u64| usize::try_from(half & u64::from(u32::MAX)).unwrap_or(usize::MAX);
    (end(both), end(both >> 32))
}

/// The page of these pairs, whose keys ascend.
pub(super) fn write(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + entries.iter().map(size).sum::<usize>());
    bytes.extend_from_slice(&number(entries.len()));
    let mut end = 0;
    for (key, value) in entries {
        bytes.extend_from_slice(&number(end + key.len()));
        end += key.len() + value.len();
        bytes.extend_from_slice(&number(end));
    }
    for (key, value) in entries {
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(value);
    }
    bytes
}

/// Keys and rows are far below 4 GiB.
fn number(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes()
}

fn size((key, value): &Entry<'_>) -> usize {
    PLACE + key.len() + value.len()
}

/// What stood before, with the changes made; both ascend by key.
pub(super) fn merged<'a>(
    old: impl Iterator<Item = Entry<'a>>,
    changes: &[(&'a [u8], Option<&'a [u8]>)],
) -> Vec<Entry<'a>> {
    let mut all = Vec::with_capacity(old.size_hint().0 + changes.len());
    let mut changes = changes.iter().peekable();
    let put = |all: &mut Vec<Entry<'a>>, change: &(&'a [u8], Option<&'a [u8]>)| {
        if let (key, Some(value)) = *change {
            all.push((key, value));
        }
    };
    for (key, value) in old {
        while let Some(change) = changes.next_if(|(changed, _)| *changed < key) {
            put(&mut all, change);
        }
        match changes.next_if(|(changed, _)| *changed == key) {
            Some(change) => put(&mut all, change),
            None => all.push((key, value)),
        }
    }
    changes.for_each(|change| put(&mut all, change));
    all
}

/// How pairs are laid out in pages. `grown`: at their end, where more are likely
/// to follow: then pages are filled, else they are left some room.
pub(super) fn cut(entries: &[Entry<'_>], grown: bool) -> Vec<Range<usize>> {
    let total: usize = entries.iter().map(size).sum();
    let pages = total.div_ceil(PAGE_BYTES).max(1);
    let room = if grown { PAGE_BYTES } else { total.div_ceil(pages) };
    let (mut cuts, mut first, mut bytes) = (Vec::with_capacity(pages), 0, 0);
    for (at, entry) in entries.iter().enumerate() {
        if at > first && bytes + size(entry) > room.max(PAGE_BYTES / 2) {
            cuts.push(first..at);
            (first, bytes) = (at, 0);
        }
        bytes += size(entry);
    }
    cuts.push(first..entries.len());
    cuts
}

/// The shortest key between two neighbours, the second included, by which a page
/// that begins with the second is found.
pub(super) fn between<'a>(left: &[u8], right: &'a [u8]) -> &'a [u8] {
    let same = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    right.get(..=same).unwrap_or(right)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn keys() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(0..4_u8, 2..6)
    }

    fn pairs() -> impl Strategy<Value = BTreeMap<Vec<u8>, Vec<u8>>> {
        prop::collection::btree_map(keys(), prop::collection::vec(any::<u8>(), 0..900), 0..24)
    }

    fn refs(pairs: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<Entry<'_>> {
        pairs.iter().map(|(key, value)| (key.as_slice(), value.as_slice())).collect()
    }

    proptest! {
        #[test]
        fn a_page_holds_what_was_written(pairs in pairs(), probe in keys()) {
            let bytes = write(&refs(&pairs));
            let page = Page::read(&bytes).unwrap();
            prop_assert_eq!(page.entries(usize::MAX).collect::<Vec<_>>(), refs(&pairs));
            prop_assert_eq!(page.before(&probe), pairs.range(..probe.clone()).count());
            let found = page.find(&probe).and_then(|at| page.entry(at)).map(|(_, value)| value);
            prop_assert_eq!(found, pairs.get(&probe).map(Vec::as_slice));
            for at in 0..page.len() {
                let (key, value) = page.spans(at).unwrap();
                prop_assert_eq!(page.entry(at).unwrap(), (&bytes[key], &bytes[value]));
            }
        }

        #[test]
        fn damage_is_no_pair_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(page) = Page::read(&bytes) {
                page.entries(usize::MAX).count();
                page.find(b"ab");
            }
        }

        #[test]
        fn changes_are_made_as_a_map_makes_them(
            before in pairs(),
            changes in prop::collection::btree_map(keys(), prop::option::of(keys()), 0..12),
        ) {
            let list: Vec<_> =
                changes.iter().map(|(key, value)| (key.as_slice(), value.as_deref())).collect();
            let all = refs(&before);
            let made = merged(all.into_iter(), &list);
            let mut expected = before.clone();
            for (key, value) in &changes {
                match value {
                    Some(value) => drop(expected.insert(key.clone(), value.clone())),
                    None => drop(expected.remove(key)),
                }
            }
            prop_assert_eq!(made, refs(&expected));
        }

        #[test]
        fn a_cut_loses_nothing_and_fits(pairs in pairs(), grown: bool) {
            let all = refs(&pairs);
            let cuts = cut(&all, grown);
            prop_assert_eq!(cuts.iter().flat_map(Clone::clone).collect::<Vec<_>>(),
                (0..all.len()).collect::<Vec<_>>());
            for cut in cuts {
                prop_assert!(cut.len() <= 1 || write(&all[cut]).len() <= PAGE_BYTES + HEAD);
            }
        }

        #[test]
        fn what_stands_between_parts_its_neighbours(a in keys(), b in keys()) {
            let (left, right) = (a.clone().min(b.clone()), a.max(b));
            prop_assume!(left != right);
            let middle = between(&left, &right);
            prop_assert!(left.as_slice() < middle && middle <= right.as_slice());
        }
    }
}
