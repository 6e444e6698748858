//! A page: neighbouring pairs as one value of sled's. Pure.
//!
//! ```text
//! page = count:u32 (key_end:u32 value_end:u32)*count (key value)*count
//! ```
//! Ends count from the first key on; keys ascend. All pairs of a page belong to
//! one table: their keys begin with the same [`tag`]. A page that was read is
//! believed only as far as its bounds go: what lies outside is no pair.

use std::ops::Range;

/// Bytes above which a page is cut in two, if it has two pairs: whoever changes one
/// pair writes all of it.
pub(super) const PAGE_BYTES: usize = 1024;
/// Bytes to which pages are filled by a run of pairs in the order of their keys, as
/// events, audits and rows by time are: it is seldom that one of them changes. sled
/// reads, writes and forgets up to 17 neighbouring values at once, and forgets late.
pub(super) const RUN_BYTES: usize = 4 * PAGE_BYTES;
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

/// How a page has changed, which tells how the next changes will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    /// No key is new.
    None,
    /// Keys are new in its midst.
    Within,
    /// Keys are new behind its last; the page had so many bytes.
    Behind(usize),
    /// More of them than a page holds.
    Run,
}

impl Growth {
    /// What became of the first `own` pairs of a page: `all` of these.
    pub(super) fn of(old: Option<Page<'_>>, own: usize, all: &[Entry<'_>]) -> Self {
        let last = old.and_then(|page| page.entry(own.checked_sub(1)?));
        let behind = last.map_or(0, |(last, _)| all.partition_point(|(key, _)| *key <= last));
        let bytes = |entries: Option<&[Entry<'_>]>| -> usize {
            entries.unwrap_or_default().iter().map(size).sum()
        };
        if bytes(all.get(behind..)) > PAGE_BYTES {
            Self::Run
        } else if behind > own {
            Self::Within
        } else if behind < all.len() {
            Self::Behind(bytes(all.get(..behind)))
        } else {
            Self::None
        }
    }
}

/// How pairs are laid out in pages. Where more are likely to follow at their end
/// pages are filled, else they are left some room.
pub(super) fn cut(entries: &[Entry<'_>], growth: Growth) -> Vec<Range<usize>> {
    let total: usize = entries.iter().map(size).sum();
    let pages = total.div_ceil(PAGE_BYTES).max(1);
    let room = match growth {
        Growth::None | Growth::Run => RUN_BYTES,
        // What a run has left is not taken apart for what comes behind it.
        Growth::Behind(before) => before.clamp(PAGE_BYTES, RUN_BYTES),
        Growth::Within => total.div_ceil(pages).max(PAGE_BYTES / 2),
    };
    let (mut cuts, mut first, mut bytes) = (Vec::with_capacity(pages), 0, 0);
    for (at, entry) in entries.iter().enumerate() {
        if at > first && bytes + size(entry) > room {
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
        fn a_cut_loses_nothing_and_fits(pairs in pairs(), own in 0..24_usize) {
            let all = refs(&pairs);
            let old = write(&all[..own.min(all.len())]);
            let growth = Growth::of(Page::read(&old), own, &all);
            let cuts = cut(&all, growth);
            prop_assert_eq!(cuts.iter().flat_map(Clone::clone).collect::<Vec<_>>(),
                (0..all.len()).collect::<Vec<_>>());
            let room = if growth == Growth::Within { PAGE_BYTES } else { RUN_BYTES };
            let room = room.max(old.len()) + HEAD;
            for cut in cuts {
                prop_assert!(cut.len() <= 1 || write(&all[cut]).len() <= room);
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

    /// How many pairs each page takes when these come to a page that holds those.
    fn pages(old: &[u16], new: &[u16]) -> (Growth, Vec<usize>) {
        let pair = |n: &u16| (n.to_be_bytes().to_vec(), vec![7; 90]);
        let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) =
            (old.iter().map(pair).collect(), new.iter().map(pair).collect());
        let bytes = write(&refs(&old));
        let page = Page::read(&bytes).unwrap();
        let changes: Vec<_> =
            new.iter().map(|(key, value)| (key.as_slice(), Some(value.as_slice()))).collect();
        let all = merged(page.entries(old.len()), &changes);
        let growth = Growth::of(Some(page), old.len(), &all);
        (growth, cut(&all, growth).iter().map(ExactSizeIterator::len).collect())
    }

    #[test]
    fn a_run_fills_its_pages_and_what_comes_between_its_pairs_parts_them() {
        let run: Vec<u16> = (0..100).map(|n| 2 * n).collect();
        let (small, large) = (&run[..8], &run[..40]);
        assert_eq!(pages(&[], &run), (Growth::Run, vec![40, 40, 20]));
        assert_eq!(pages(small, &run[8..]), (Growth::Run, vec![40, 40, 20]));
        assert_eq!(pages(small, &[98, 99, 100]), (Growth::Behind(800), vec![10, 1]));
        assert_eq!(pages(large, &[198]), (Growth::Behind(4000), vec![40, 1]));
        assert_eq!(pages(large, &[0, 78]), (Growth::None, vec![40]));
        assert_eq!(pages(large, &[41]), (Growth::Within, vec![8, 8, 8, 8, 8, 1]));
        assert_eq!(pages(large, &[41, 198]), (Growth::Within, vec![8, 8, 8, 8, 8, 2]));
    }
}
