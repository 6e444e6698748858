//! Whether what was told of a calendar can have happened in some order that those
//! who asked could have seen (linearizability): the search of Wing and Gong, with
//! the memory of Lowe.
//!
//! An operation that was cut off may have happened at any time since, or never.

use std::collections::HashSet;

/// Half an hour of this number, or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stay {
    pub(super) from: u8,
    pub(super) many: u8,
}

/// What was asked for; bookings are named by the number of the operation that made
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Book(Stay),
    Cancel(usize),
    Move(usize, Stay),
    Look(usize),
    /// All that stand.
    Survey,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Done,
    Collides,
    /// It was called off before.
    Closed,
    /// It stands there, or not at all.
    Seen(Option<Stay>),
    All(Vec<Stay>),
}

/// One operation, with its place in time.
#[derive(Debug, Clone)]
pub(super) struct Op {
    pub(super) deed: Deed,
    pub(super) asked: u64,
    /// When it was answered, and what; `None`: it was cut off.
    pub(super) told: Option<(u64, Told)>,
}

/// A calendar of one resource: for every operation, the booking that it made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Calendar {
    seats: usize,
    stays: Vec<Option<Stay>>,
}

impl Calendar {
    /// What is told of a deed that happens now.
    fn serve(&mut self, number: usize, deed: Deed) -> Told {
        match deed {
            Deed::Book(stay) => self.put(number, stay),
            Deed::Cancel(of) => match self.stays[of].take() {
                Some(_) => Told::Done,
                None => Told::Closed,
            },
            Deed::Move(of, _) if self.stays[of].is_none() => Told::Closed,
            Deed::Move(of, stay) => self.put(of, stay),
            Deed::Look(of) => Told::Seen(self.stays[of]),
            Deed::Survey => {
                let mut all: Vec<_> = self.stays.iter().copied().flatten().collect();
                all.sort_unstable();
                Told::All(all)
            }
        }
    }

    fn put(&mut self, name: usize, stay: Stay) -> Told {
        let others = || self.stays.iter().enumerate().filter(|(other, _)| *other != name);
        let at = |hour: u8| {
            let there = others().filter_map(|(_, other)| *other);
            there.filter(|other| other.from <= hour && hour < other.from + other.many).count()
        };
        if (stay.from..stay.from + stay.many).any(|hour| at(hour) >= self.seats) {
            return Told::Collides;
        }
        self.stays[name] = Some(stay);
        Told::Done
    }
}

/// Operations that one search can tell apart, at most.
const MOST: usize = 256;

/// Which operations have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Done([u64; MOST / 64]);

impl Done {
    fn has(&self, number: usize) -> bool {
        self.0[number / 64] & 1 << (number % 64) != 0
    }

    fn and(mut self, number: usize) -> Self {
        self.0[number / 64] |= 1 << (number % 64);
        self
    }
}

/// Whether there is such an order.
pub(super) fn has_an_order(seats: usize, ops: &[Op]) -> bool {
    assert!(ops.len() <= MOST);
    let start = Calendar { seats, stays: vec![None; ops.len()] };
    let mut seen = HashSet::new();
    let mut stack = vec![(Done::default(), start)];
    while let Some((done, calendar)) = stack.pop() {
        let open = || ops.iter().enumerate().filter(|(number, _)| !done.has(*number));
        // Whatever was answered before something was asked came before it.
        let answers = open().filter_map(|(_, op)| op.told.as_ref().map(|(at, _)| *at));
        let Some(bound) = answers.min() else { return true };
        if !seen.insert((done, calendar.clone())) {
            continue;
        }
        for (number, op) in open().filter(|(_, op)| op.asked < bound) {
            let mut next = calendar.clone();
            let told = next.serve(number, op.deed);
            if op.told.as_ref().is_none_or(|(_, heard)| *heard == told) {
                stack.push((done.and(number), next));
            }
        }
    }
    false
}

fn op(deed: Deed, asked: u64, answered: u64, told: Told) -> Op {
    Op { deed, asked, told: Some((answered, told)) }
}

const FIRST: Stay = Stay { from: 0, many: 1 };

#[test]
fn what_happened_in_turn_has_an_order() {
    let cut_off = Op { deed: Deed::Cancel(0), asked: 5, told: None };
    let ops = [
        op(Deed::Book(FIRST), 0, 1, Told::Done),
        op(Deed::Book(FIRST), 2, 3, Told::Collides),
        cut_off,
        op(Deed::Book(FIRST), 6, 7, Told::Done),
        op(Deed::Survey, 8, 9, Told::All(vec![FIRST])),
    ];
    assert!(has_an_order(1, &ops));
}

#[test]
fn what_contradicts_itself_has_none() {
    let twice = [op(Deed::Book(FIRST), 0, 3, Told::Done), op(Deed::Book(FIRST), 1, 2, Told::Done)];
    assert!(!has_an_order(1, &twice), "two in one seat");
    assert!(has_an_order(2, &twice));
    let lost =
        [op(Deed::Book(FIRST), 0, 1, Told::Done), op(Deed::Survey, 2, 3, Told::All(Vec::new()))];
    assert!(!has_an_order(1, &lost), "acknowledged, and gone");
    let stale = [
        op(Deed::Book(FIRST), 0, 1, Told::Done),
        op(Deed::Cancel(0), 2, 3, Told::Done),
        op(Deed::Look(0), 4, 5, Told::Seen(Some(FIRST))),
    ];
    assert!(!has_an_order(1, &stale), "seen after it was called off");
    let refused = [op(Deed::Book(FIRST), 0, 1, Told::Collides)];
    assert!(!has_an_order(1, &refused), "nothing was in the way");
}
