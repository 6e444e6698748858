//! Whose file is next: nobody waits behind the thousand files of another.
//!
//! The more of a user's files are under way, the lower the priority of the next one: who
//! drops a few is served before the rest of a heap, and a heap takes what is left of the
//! queue's places. Among equals the elder is first. A heap waits for as long as others keep
//! all places busy with less.

use crate::engine::jobs::DEFAULT_PRIORITY;

/// So many under way, and more of them change nothing.
pub const MANY: usize = 1 << (DEFAULT_PRIORITY - 1);

/// The priority of a file, when so many of its user are under way before it: each doubling
/// is a step down, to 0.
pub fn priority(under_way: usize) -> u8 {
    let steps = under_way.min(MANY).checked_ilog2().map_or(0, |log| log + 1);
    DEFAULT_PRIORITY.saturating_sub(u8::try_from(steps).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_doubling_is_a_step_down() {
        let of = |range: std::ops::Range<usize>| range.map(priority).collect::<Vec<_>>();
        assert_eq!(of(0..9), [5, 4, 3, 3, 2, 2, 2, 2, 1]);
        assert_eq!(of(15..18), [1, 0, 0]);
        assert_eq!([priority(MANY), priority(usize::MAX)], [0, 0]);
    }
}
