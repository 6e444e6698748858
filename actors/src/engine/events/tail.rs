//! The end of the log, read and decoded once for all who follow it.
//!
//! Consumers are woken together, and most of them stand at the end: the first to
//! come reads what is new, the others find it here. Who stands further back, or
//! comes when what is here is no longer fresh, reads for itself.
//!
//! Invariants:
//! - What is here is a part of the log without gaps, as it was at most [`FRESH`] ago:
//!   an erasure, which changes events, is seen by whoever reads later.
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

    #[cfg(test)]
    pub(super) async fn len(&self) -> usize {
        self.0.lock().await.events.len()
    }
}

#[derive(Default)]
struct Kept {
    events: VecDeque<Numbered>,
    since: Option<Instant>,
}

impl Kept {
    fn forget_if_stale(&mut self) {
        if self.since.is_some_and(|since| since.elapsed() >= FRESH) {
            *self = Self::default();
        }
    }

    /// The number of the last event that is here.
    fn end(&self) -> Option<u64> {
        self.events.back().map(|(seq, _)| *seq)
    }

    /// Whether the event after this number is before all that is here.
    fn begins_after(&self, seq: u64) -> bool {
        self.events.front().is_some_and(|(first, _)| seq.saturating_add(1) < *first)
    }

    fn after(&self, seq: u64, limit: usize) -> Vec<Numbered> {
        let at = self.events.partition_point(|(here, _)| *here <= seq);
        self.events.range(at..).take(limit).cloned().collect()
    }

    fn add(&mut self, events: Vec<Numbered>) {
        if !events.is_empty() {
            self.since.get_or_insert_with(Instant::now);
        }
        self.events.extend(events);
        let over = self.events.len().saturating_sub(KEPT);
        self.events.drain(..over);
    }
}

impl EventDesk {
    /// The next events after a number, for one who follows the log: at most a page.
    pub(super) async fn next_after(&self, seq: u64) -> Result<Vec<Numbered>, Error> {
        let mut kept = self.0.tail.0.lock().await;
        kept.forget_if_stale();
        if kept.begins_after(seq) {
            drop(kept);
            return self.read(seq).await;
        }
        if kept.end().is_none_or(|end| seq >= end) {
            let read = self.read(seq).await?;
            if kept.end().is_some_and(|end| seq > end) {
                // What is here is of no use to those who are further on.
                *kept = Kept::default();
            }
            kept.add(read);
        }
        Ok(kept.after(seq, PAGE))
    }

    async fn read(&self, seq: u64) -> Result<Vec<Numbered>, Error> {
        let events = self.after(seq, PAGE).await?;
        Ok(events.into_iter().map(|(seq, event)| (seq, Arc::new(event))).collect())
    }
}
