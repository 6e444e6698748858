//! What can be done, at random.

use proptest::prelude::*;

/// Where something is to stand: a room, a start in half hours from 8 on the first
/// of three days, and a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Want {
    pub(super) room: usize,
    pub(super) day: i64,
    pub(super) from: i64,
    pub(super) many: i64,
}

/// One thing that is done. What is already booked is named by its number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Book(Want),
    Hold(Want),
    /// Every day, so many times.
    Series {
        want: Want,
        count: i64,
        skip: bool,
    },
    TakeUp(usize),
    Confirm(usize),
    Reject(usize),
    Cancel(usize),
    CancelFollowing(usize),
    Move(usize, Want),
    /// The same start, another length.
    Resize(usize, i64),
    /// To another room, at the same time.
    Room(usize, usize),
    /// Minutes go by.
    Wait(u64),
}

/// A calendar's terms, and what happens to it.
#[derive(Debug, Clone)]
pub(super) struct Story {
    pub(super) seats: u32,
    /// Minutes.
    pub(super) buffer: u32,
    pub(super) steps: Vec<Step>,
}

fn want() -> impl Strategy<Value = Want> {
    let places = (0_usize..2, 0_i64..3, 0_i64..6, 1_i64..4);
    places.prop_map(|(room, day, from, many)| Want { room, day, from, many })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => want().prop_map(Step::Book),
        2 => want().prop_map(Step::Hold),
        3 => (want(), 2_i64..4, any::<bool>())
            .prop_map(|(want, count, skip)| Step::Series { want, count, skip }),
        1 => any::<usize>().prop_map(Step::TakeUp),
        1 => any::<usize>().prop_map(Step::Confirm),
        1 => any::<usize>().prop_map(Step::Reject),
        2 => any::<usize>().prop_map(Step::Cancel),
        1 => any::<usize>().prop_map(Step::CancelFollowing),
        3 => (any::<usize>(), want()).prop_map(|(of, want)| Step::Move(of, want)),
        2 => (any::<usize>(), 1_i64..5).prop_map(|(of, many)| Step::Resize(of, many)),
        2 => (any::<usize>(), 0_usize..2).prop_map(|(of, room)| Step::Room(of, room)),
        1 => (1_u64..8).prop_map(Step::Wait),
    ]
}

pub(super) fn story() -> impl Strategy<Value = Story> {
    let terms = (1_u32..4, prop::sample::select(vec![0, 0, 20, 30, 45]));
    (terms, prop::collection::vec(step(), 8..16)).prop_map(|((seats, buffer), steps)| Story {
        seats,
        buffer,
        steps,
    })
}
