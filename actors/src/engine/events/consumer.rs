//! What a consumer must be able to do, and what it is given to do it with.

use async_trait::async_trait;
use zelador_store::Write;
use zelador_store::event::Event;

use crate::engine::Shell;
use crate::engine::jobs::Failure;
use crate::engine::jobs::rules::Policy;

/// Where a consumer begins that has never run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// With the oldest event that is kept.
    Oldest,
    /// With what happens from now on.
    Now,
}

/// Follows the event log.
///
/// An event may be handed over again: after a crash, within one try if what the
/// consumer read was changed under it, and by a replay. What it stages in its
/// [`Write`] happens once all the same, but for a replay.
#[async_trait]
pub trait Consume: Send + Sync + 'static {
    /// Its name; stored for ever, so renaming needs a migration.
    fn name(&self) -> &'static str;

    /// Whether it has anything to do for an event. Must be quick: it is asked for
    /// every event there is.
    fn wants(&self, event: &Event) -> bool;

    /// Handles an event. What it answers is committed together with the cursor.
    /// Where it answers nothing to write, the cursor is noted only now and then:
    /// after a crash the last few hundred such events come again.
    async fn consume(&self, cx: &EventCx, seq: u64, event: &Event) -> Result<Write, Failure>;

    /// How many events it takes in one commit, at most; 1: each by itself.
    fn at_once(&self) -> usize {
        1
    }

    /// Handles several events that it wants, in order. What it answers is committed
    /// together with the cursor behind the last of them. If it fails, each is handed
    /// over by itself, so that the one that is to blame is found.
    async fn consume_all(&self, cx: &EventCx, events: &[(u64, &Event)]) -> Result<Write, Failure> {
        let mut work = Write::new();
        for (seq, event) in events {
            work.join(self.consume(cx, *seq, event).await?);
        }
        Ok(work)
    }

    /// What it staged last is in the store.
    fn committed(&self) {}

    /// How often and when a failing event is tried again before it is parked.
    fn policy(&self) -> Policy {
        Policy { tries: 6, backoff_seconds: vec![1, 5, 30, 120, 600] }
    }

    /// Where it begins when it has never run.
    fn begins(&self) -> Begin {
        Begin::Oldest
    }
}

/// What a consumer may use.
#[derive(Clone)]
pub struct EventCx {
    /// The store, the time, chance.
    pub shell: Shell,
    /// How often this event has failed before.
    pub failed: u16,
}
