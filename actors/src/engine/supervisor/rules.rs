//! When something that fell is started again: a pure function of when it fell
//! before.

use std::collections::VecDeque;
use std::time::Duration;

use zelador_store::Timestamp;

/// Falls within [`WINDOW`] after which a part is marked down.
pub const LIMIT: usize = 10;
/// The time in which falls are counted together.
pub const WINDOW: Duration = Duration::from_secs(60);
/// How often a part that is down is tried again.
pub const RETRY_DOWN: Duration = Duration::from_secs(30);
/// The wait after the first fall; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(1);
/// The longest wait of a part that is not down: it works again within a second.
const LONGEST_WAIT: Duration = Duration::from_millis(800);

/// The falls of one part, the latest last.
#[derive(Debug, Clone, Default)]
pub struct Falls(VecDeque<Timestamp>);

/// What to do about a fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Start it again after this.
    Restart(Duration),
    /// Mark it down, and try again after this.
    Down(Duration),
}

impl Falls {
    /// Notes a fall and says what to do about it.
    pub fn note(&mut self, now: Timestamp) -> Verdict {
        self.forget(now);
        self.0.push_back(now);
        if self.0.len() > LIMIT {
            return Verdict::Down(RETRY_DOWN);
        }
        let doublings = u32::try_from(self.0.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(doublings));
        Verdict::Restart(wait.min(LONGEST_WAIT))
    }

    /// How many are still counted.
    pub fn recent(&mut self, now: Timestamp) -> usize {
        self.forget(now);
        self.0.len()
    }

    /// Falls older than the window count no more; nor do falls of the future,
    /// which a clock set back leaves behind.
    fn forget(&mut self, now: Timestamp) {
        self.0.retain(|fall| *fall <= now && now.since(*fall) < WINDOW);
        while self.0.len() > LIMIT {
            self.0.pop_front();
        }
    }
}
