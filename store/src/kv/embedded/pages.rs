//! An ordered map over sled in which a value of sled's is a [`Page`] of many
//! pairs: a pair costs a fraction of what it costs sled to keep it by itself.
//!
//! A page stands under a key that is not greater than any of its own. It answers
//! for all keys of its table from there up to the key of the next page; the first
//! page of a table stands under the table's tag.
//!
//! Invariants, each of which readers beside the one writer rely on, and a start
//! after a kill, which finds what sled was given up to some moment:
//! - A pair that is not changed is always in the page that answers for it: a page
//!   that is cut gives its later parts away before it lets go of them.
//! - Whoever reads down may have passed the place to which pairs then move, so each
//!   move is counted before the page that they were in is written.
//! - A page may still hold pairs that the next one answers for; they count for
//!   nothing, and are gone when it is written again. A page that has become empty
//!   goes only after the one before it holds none of its pairs.

use std::ops::{Bound, Deref, Range};
use std::sync::atomic::{AtomicU64, Ordering};

use sled::{IVec, Result, Tree};

use super::page::{self, Growth, Page, between, cut, merged, tag};

/// Why a value of sled's is no page.
const NO_PAGE: &str = "a page cannot be read";

/// A key or a value within a page, which it keeps alive.
#[derive(Debug, Clone)]
pub(super) struct Part {
    page: IVec,
    at: Range<usize>,
}

impl Deref for Part {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.page.get(self.at.clone()).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// A page and the key it stands under.
type Placed = (IVec, IVec);

fn read(page: &IVec) -> Result<Page<'_>> {
    Page::read(page).ok_or_else(|| sled::Error::Unsupported(NO_PAGE.to_owned()))
}

/// The page that answers for a key; `None`: there is none yet.
fn answering(tree: &Tree, key: &[u8]) -> Result<Option<Placed>> {
    let found = tree.range::<&[u8], _>(..=key).next_back().transpose()?;
    Ok(found.filter(|(place, _)| tag(place) == tag(key)))
}

/// The value under a key.
pub(super) fn get(tree: &Tree, key: &[u8]) -> Result<Option<Part>> {
    let Some((_, page)) = answering(tree, key)? else { return Ok(None) };
    let pairs = read(&page)?;
    let found = pairs.find(key).and_then(|at| pairs.spans(at));
    Ok(found.map(|(_, at)| Part { page, at }))
}

/// Applies changes in key order, and counts moves. Not atomic: the caller applies
/// them again after a failure.
pub(super) fn apply<'a>(
    tree: &Tree,
    changes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    moves: &AtomicU64,
) -> Result<()> {
    let mut changes = changes.peekable();
    let mut walk: Option<Walk> = None;
    let mut here = Vec::new();
    while let Some((key, _)) = changes.peek() {
        let step = match walk.take() {
            Some(walk) => walk.to(tree, key)?,
            None => Walk::begin(tree, key)?,
        };
        while let Some(change) = changes.next_if(|(key, _)| step.answers_for(key)) {
            here.push(change);
        }
        step.change(tree, &here, moves)?;
        here.clear();
        walk = Some(step);
    }
    Ok(())
}

/// The writer's way through the pages, from left to right.
struct Walk {
    /// Where the page stands, or is to stand.
    place: IVec,
    page: Option<IVec>,
    /// The page after it.
    next: Option<Placed>,
    /// Those after that.
    rest: sled::Iter,
}

impl Walk {
    fn begin(tree: &Tree, key: &[u8]) -> Result<Self> {
        let (place, page) = match answering(tree, key)? {
            Some((place, page)) => (place, Some(page)),
            None => (tag(key).into(), None),
        };
        let mut rest = tree.range::<&[u8], _>((Bound::Excluded(place.as_ref()), Bound::Unbounded));
        let next = rest.next().transpose()?;
        Ok(Self { place, page, next, rest })
    }

    /// On to the page that answers for a later key, which is often the next one.
    fn to(mut self, tree: &Tree, key: &[u8]) -> Result<Self> {
        let Some((place, page)) = self.next.take().filter(|(place, _)| place.as_ref() <= key)
        else {
            return Self::begin(tree, key);
        };
        let next = self.rest.next().transpose()?;
        let step = Self { place, page: Some(page), next, rest: self.rest };
        if step.answers_for(key) { Ok(step) } else { Self::begin(tree, key) }
    }

    fn answers_for(&self, key: &[u8]) -> bool {
        tag(key) == tag(&self.place)
            && self.next.as_ref().is_none_or(|(next, _)| key < next.as_ref())
    }

    /// Makes the changes, all of which are this page's.
    fn change(
        &self,
        tree: &Tree,
        changes: &[(&[u8], Option<&[u8]>)],
        moves: &AtomicU64,
    ) -> Result<()> {
        let old = self.page.as_ref().map(read).transpose()?;
        let own = old.map_or(0, |page| match &self.next {
            Some((next, _)) => page.before(next),
            None => page.len(),
        });
        let all = merged(old.into_iter().flat_map(|page| page.entries(own)), changes);
        if all.is_empty() {
            return self.remove(tree);
        }
        let mut cuts = cut(&all, Growth::of(old, own, &all)).into_iter();
        let own = cuts.next().unwrap_or(0..all.len());
        let parted = cuts.len() > 0;
        for later in cuts.rev() {
            let (Some((left, _)), Some((right, _))) =
                (later.start.checked_sub(1).and_then(|at| all.get(at)), all.get(later.start))
            else {
                continue;
            };
            let place = between(left, right);
            tree.insert(place, page::write(all.get(later).unwrap_or_default()))?;
        }
        if parted {
            moves.fetch_add(1, Ordering::SeqCst);
        }
        tree.insert(&self.place, page::write(all.get(own).unwrap_or_default()))?;
        Ok(())
    }

    /// Takes the page away, once the one before it holds nothing of its own: that
    /// one answers for its keys from then on.
    fn remove(&self, tree: &Tree) -> Result<()> {
        if self.page.is_none() {
            return Ok(());
        }
        let before = tree.range::<&[u8], _>(..&*self.place).next_back().transpose()?;
        if let Some((place, page)) = before.filter(|(place, _)| tag(place) == tag(&self.place)) {
            let pairs = read(&page)?;
            let own = pairs.before(&self.place);
            if own < pairs.len() {
                let kept: Vec<_> = pairs.entries(own).collect();
                tree.insert(place, page::write(&kept))?;
            }
        }
        tree.remove(&self.place)?;
        Ok(())
    }
}

/// Bounds of keys.
pub(super) type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The pairs of a range, in either direction.
pub(super) struct Pairs {
    /// `None`: it came to the end, and what is added there is none of ours.
    pages: Option<sled::Iter>,
    /// The page that comes next, already read to know where the one before it ends.
    ahead: Option<Placed>,
    bounds: Bounds,
    reverse: bool,
    page: Option<IVec>,
    /// What is still to come of the page.
    left: Range<usize>,
    /// For a walk through all there is; see [`Pairs::passing`].
    passing: Option<Tree>,
    /// Going down: where the page read last begins.
    ceiling: Option<IVec>,
    ended: bool,
}

impl Pairs {
    pub(super) fn new(tree: &Tree, bounds: Bounds, reverse: bool) -> Result<Self> {
        if !reverse && let Some(pairs) = Self::within_one(tree, &bounds)? {
            return Ok(pairs);
        }
        let from = match &bounds.0 {
            Bound::Included(key) | Bound::Excluded(key) => {
                tree.range::<&[u8], _>(..=key.as_slice()).next_back().transpose()?
            }
            Bound::Unbounded => None,
        };
        let from = from.map_or(Bound::Unbounded, |(place, _)| Bound::Included(place));
        // No page that stands past the end holds anything of the range, but the
        // first of them tells where the last that does ends.
        let to = match &bounds.1 {
            Bound::Included(key) | Bound::Excluded(key) if reverse => {
                Bound::Included(IVec::from(key.as_slice()))
            }
            _ => Bound::Unbounded,
        };
        Ok(Self::over(Some(tree.range((from, to))), bounds, reverse))
    }

    fn over(pages: Option<sled::Iter>, bounds: Bounds, reverse: bool) -> Self {
        Self {
            pages,
            ahead: None,
            bounds,
            reverse,
            page: None,
            left: 0..0,
            passing: None,
            ceiling: None,
            ended: false,
        }
    }

    /// The pairs of a range that lies within one page, as most short ones do: the
    /// last page that stands before its end answers for its beginning, too. `None`:
    /// it does not.
    fn within_one(tree: &Tree, bounds: &Bounds) -> Result<Option<Self>> {
        let (Bound::Included(from), Bound::Excluded(to)) = bounds else { return Ok(None) };
        let mut pages = tree.range::<&[u8], _>(..to.as_slice());
        let last = pages.next_back().transpose()?;
        let Some((_, page)) = last.filter(|(place, _)| place.as_ref() <= from.as_slice()) else {
            return Ok(None);
        };
        let pairs = read(&page)?;
        let left = pairs.before(from)..pairs.before(to);
        Ok(Some(Self { left, page: Some(page), ..Self::over(None, bounds.clone(), false) }))
    }

    /// All pairs, upwards, by somebody who does not come back to any. sled lets go of
    /// what it has read only after 64 visits to a shard of its cache, and a walk visits
    /// a leaf once: it would gather far more than the cache is to hold. So each page
    /// is visited once more.
    pub(super) fn passing(tree: &Tree) -> Result<Self> {
        let all = Self::new(tree, (Bound::Unbounded, Bound::Unbounded), false)?;
        Ok(Self { passing: Some(tree.clone()), ..all })
    }

    /// Goes to the next page; false: there is none.
    fn turn(&mut self) -> Result<bool> {
        let found = if self.reverse { self.turn_down()? } else { self.turn_up()? };
        let Some((page, ceiling)) = found else { return Ok(false) };
        let pairs = read(&page)?;
        let end = ceiling.map_or(pairs.len(), |next| pairs.before(&next));
        let from = match &self.bounds.0 {
            Bound::Included(key) => pairs.before(key),
            Bound::Excluded(key) => past(pairs, key),
            Bound::Unbounded => 0,
        };
        let to = match &self.bounds.1 {
            Bound::Included(key) => past(pairs, key),
            Bound::Excluded(key) => pairs.before(key),
            Bound::Unbounded => end,
        };
        self.left = from..to.min(end);
        self.page = Some(page);
        Ok(true)
    }

    fn turn_up(&mut self) -> Result<Option<(IVec, Option<IVec>)>> {
        let here = match self.ahead.take() {
            Some(here) => Some(here),
            None => self.following()?,
        };
        let Some((place, page)) = here.filter(|(place, _)| !self.is_past(place)) else {
            return Ok(None);
        };
        if let Some(tree) = &self.passing {
            tree.get(&place)?;
        }
        self.ahead = self.following()?;
        let ceiling = self.ahead.as_ref().map(|(next, _)| next.clone());
        Ok(Some((page, ceiling)))
    }

    /// The next page of sled's, in the direction of the reading.
    fn following(&mut self) -> Result<Option<Placed>> {
        let next = self
            .pages
            .as_mut()
            .and_then(|pages| if self.reverse { pages.next_back() } else { pages.next() });
        if !matches!(next, Some(Ok(_))) {
            self.pages = None;
        }
        next.transpose()
    }

    fn turn_down(&mut self) -> Result<Option<(IVec, Option<IVec>)>> {
        let Some((place, page)) = self.following()? else { return Ok(None) };
        Ok(Some((page, self.ceiling.replace(place))))
    }

    /// Whether a page that stands here begins after the end.
    fn is_past(&self, place: &[u8]) -> bool {
        match &self.bounds.1 {
            Bound::Included(key) => place > key.as_slice(),
            Bound::Excluded(key) => place >= key.as_slice(),
            Bound::Unbounded => false,
        }
    }

    fn step(&mut self) -> Result<Option<(Part, Part)>> {
        loop {
            let at = if self.reverse { self.left.next_back() } else { self.left.next() };
            if let (Some(at), Some(page)) = (at, &self.page) {
                let spans = read(page)?.spans(at);
                let part = |at| Part { page: page.clone(), at };
                return Ok(spans.map(|(key, value)| (part(key), part(value))));
            }
            if !self.turn()? {
                return Ok(None);
            }
        }
    }
}

/// How many pairs come before what follows a key.
fn past(pairs: Page<'_>, key: &[u8]) -> usize {
    let at = pairs.before(key);
    at + usize::from(pairs.entry(at).is_some_and(|(here, _)| here == key))
}

impl Iterator for Pairs {
    type Item = Result<(Part, Part)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.step().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

#[cfg(test)]
mod tests;
