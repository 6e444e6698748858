//! The edits that an instance allows over HTTP: 50 in ten minutes by each admin.
//! Failed ones count. Whoever uses them up is answered 429 and nothing else.

use std::collections::VecDeque;
use std::time::Duration;

use zelador_store::Timestamp;

/// Over which time edits are counted.
pub const WINDOW: Duration = Duration::from_secs(600);
/// How many of the 50 are spent: the rest is for people who use the same admin.
pub const EDITS: usize = 45;

/// What was spent lately at one instance.
#[derive(Debug, Clone, Default)]
pub struct Budget {
    spent: VecDeque<Timestamp>,
    /// The server said "enough" and is believed until then.
    closed_until: Option<Timestamp>,
}

impl Budget {
    /// How many edits may still be made.
    pub fn left(&self, at: Timestamp) -> usize {
        if self.closed_until.is_some_and(|until| at < until) {
            return 0;
        }
        let recent = self.spent.iter().filter(|spent| at < **spent + WINDOW).count();
        EDITS.saturating_sub(recent)
    }

    /// Notes edits that are about to be made.
    pub fn spend(&mut self, count: usize, at: Timestamp) {
        while self.spent.front().is_some_and(|spent| *spent + WINDOW <= at) {
            self.spent.pop_front();
        }
        self.spent.extend(std::iter::repeat_n(at, count));
    }

    /// Notes that the server refused one for their number.
    pub fn refused(&mut self, at: Timestamp) {
        self.closed_until = Some(at + WINDOW);
    }

    /// When so many edits can be made at the earliest.
    pub fn free_at(&self, count: usize, at: Timestamp) -> Timestamp {
        let mut when = self.closed_until.filter(|until| at < *until).unwrap_or(at);
        for spent in &self.spent {
            let left = EDITS
                .saturating_sub(self.spent.iter().filter(|spent| when < **spent + WINDOW).count());
            if left >= count.min(EDITS) {
                break;
            }
            when = when.max(*spent + WINDOW);
        }
        when
    }
}
