//! The end of the log, read and decoded once for all who follow it.
//!
//! Consumers are woken together, and most of them stand at the end: the first to
//! come reads what is new, the others find it here, and find as well that there is
//! no more. Who stands further back, or comes when what is here is no longer fresh,
//! reads for itself.
//!
//! Invariants:
//! - What is here is a part of the log without gaps, as it was at most [`FRESH`] ago:
//!   an erasure, which changes events, is seen by whoever reads later.
//! - That there is no more is believed only up to the ring of the bell that had been
//!   heard before it was looked for: a commit is seen before it rings. One whose
//!   author went away before it could ring is found by whoever looks after a while
//!   without a ring.
//! - A replay begins with nothing here: what was forgotten meanwhile stays so.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use zelador_store::event::Event;

use super::desk::EventDesk;
use super::run::PAGE;
use crate::error::Error;

/// An event and its number.
pub(super) type Numbered = (u64, Arc<Event>);

/// Events kept.
pub(super) const KEPT: usize = 2 * PAGE;
/// For how long after the first of them was read.
pub(super) const FRESH: Duration = Duration::from_secs(1);

/// What was read of the end of the log last.
#[derive(Default)]
pub(super) struct Tail(Mutex<Kept>);

impl Tail {
    /// Has everybody read anew.
    pub(super) async fn clear(&self) {
        *self.0.lock().await = Kept::default();
    }

    /// Has whoever comes next look whether there is more.
    pub(super) async fn doubt(&self) {
        self.0.lock().await.ended_at = None;
    }

    #[cfg(test)]
    pub(super) async fn len(&self) -> usize {
        self.0.lock().await.events.len()
    }
}

#[derive(Default)]
struct Kept {
    /// All events after this number are here, up to the last one that is.
    after: u64,
    events: VecDeque<Numbered>,
    since: Option<Instant>,
    /// The log ended with the last of them when the bell had rung so often.
    ended_at: Option<u64>,
}

impl Kept {
    fn forget_if_stale(&mut self) {
        if self.since.is_some_and(|since| since.elapsed() >= FRESH) {
            *self = Self::default();
        }
    }

    /// The number of the last event that is here; of the one before all if none is.
    fn end(&self) -> u64 {
        self.events.back().map_or(self.after, |(seq, _)| *seq)
    }

    /// Whether a look at the store would find no more than what is here, as far as
    /// somebody knows who has heard the bell ring so often.
    fn is_whole(&self, rung: u64) -> bool {
        self.ended_at.is_some_and(|ended_at| ended_at >= rung)
    }

    fn after(&self, seq: u64, limit: usize) -> Vec<Numbered> {
        let at = self.events.partition_point(|(here, _)| *here <= seq);
        self.events.range(at..).take(limit).cloned().collect()
    }

    /// Adds what a look after the end found, by one who had heard so many rings.
    fn add(&mut self, events: Vec<Numbered>, rung: u64) {
        self.ended_at = (events.len() < PAGE).then_some(rung);
        if !events.is_empty() {
            self.since.get_or_insert_with(Instant::now);
        }
        self.events.extend(events);
        let over = self.events.len().saturating_sub(KEPT);
        if let Some((seq, _)) = self.events.drain(..over).next_back() {
            self.after = seq;
        }
    }
}

impl EventDesk {
    /// The next events after a number, for one who follows the log and has heard
    /// its bell ring so often: at most a page. Empty: there are none.
    pub(super) async fn next_after(&self, seq: u64, rung: u64) -> Result<Vec<Numbered>, Error> {
        let mut kept = self.0.tail.0.lock().await;
        kept.forget_if_stale();
        if seq < kept.after {
            drop(kept);
            return self.read(seq).await;
        }
        if seq > kept.end() {
            // What is here is of no use to those who are further on.
            *kept = Kept { after: seq, ..Kept::default() };
        }
        if seq == kept.end() && !kept.is_whole(rung) {
            let read = self.read(seq).await?;
            kept.add(read, rung);
        }
        Ok(kept.after(seq, PAGE))
    }

    /// Whether that is the last event there is, as far as one knows who has heard the
    /// bell ring so often: they need not ask what comes next.
    pub(super) async fn is_end(&self, seq: u64, rung: u64) -> bool {
        let mut kept = self.0.tail.0.lock().await;
        kept.forget_if_stale();
        seq == kept.end() && kept.is_whole(rung)
    }

    async fn read(&self, seq: u64) -> Result<Vec<Numbered>, Error> {
        let events = self.after(seq, PAGE).await?;
        Ok(events.into_iter().map(|(seq, event)| (seq, Arc::new(event))).collect())
    }
}
