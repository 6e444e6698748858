//! Several events in one commit, for consumers that take them so.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use zelador_store::Stored;
use zelador_store::event::{Consumers, Event};

use super::consumer::{Consume, EventCx};
use super::desk::EventDesk;
use super::rules;
use super::run::{Step, TIME_LIMIT};
use super::tail::Numbered;
use crate::error::{During, Error};

impl EventDesk {
    /// The next events that a consumer can take together: none if it takes each by
    /// itself, if the next one has failed before, or if one of them may be what the
    /// last process ended under.
    pub(super) fn bunch_of<'a>(
        &self,
        consumer: &dyn Consume,
        place: &Stored<Consumers>,
        events: &'a [Numbered],
    ) -> Vec<(u64, &'a Event)> {
        let first = events.first().map_or(0, |(seq, _)| *seq);
        if consumer.at_once() < 2
            || place.row.tries > 0
            || self.is_wary(consumer, place.row.cursor, first)
        {
            return Vec::new();
        }
        let wanted = events.iter().filter(|(_, event)| consumer.wants(event));
        wanted.take(consumer.at_once()).map(|(seq, event)| (*seq, event.as_ref())).collect()
    }

    /// Handles events together; `None`: they must be handled one by one.
    pub(super) async fn handle_all(
        &self,
        consumer: &dyn Consume,
        place: &Stored<Consumers>,
        events: &[(u64, &Event)],
    ) -> Result<Option<Step>, Error> {
        let Some((last, _)) = events.last().filter(|_| events.len() > 1) else { return Ok(None) };
        let cx = EventCx { shell: self.0.shell.clone(), failed: 0 };
        let work = AssertUnwindSafe(consumer.consume_all(&cx, events)).catch_unwind();
        let Ok(Ok(Ok(mut write))) = tokio::time::timeout(TIME_LIMIT, work).await else {
            return Ok(None);
        };
        if write.is_empty() {
            return Ok(Some(Step::Passed(place.clone())));
        }
        let next = rules::passed(&place.row, *last);
        write.update::<Consumers>(place, &next);
        match self.0.shell.store.commit(write).await {
            Ok(_) => {
                consumer.committed();
                let next = place.rewritten(next).map_err(zelador_store::Error::from);
                Ok(Some(Step::Committed(next.during("moving a consumer on")?)))
            }
            Err(error) if error.is_conflict() => Ok(None),
            Err(zelador_store::Error::Unfit(_)) => Ok(None),
            Err(error) => Err(Error::from_store("handling events", error)),
        }
    }
}
