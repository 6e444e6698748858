//! Reading the log.

use zelador_store::Query;
use zelador_store::event::{Event, Events};
use zelador_store::id::TenantId;

use super::desk::EventDesk;
use crate::error::{During, Error};

/// Events read at once.
const CHUNK: usize = 500;

/// Events looked at for one page of a filtered reading, at most: a page may be
/// short, or empty, with a place to go on from.
const LOOKED_AT: usize = 5000;

/// Which events are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of one of these types; empty: of any.
    pub kinds: Vec<String>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
}

impl EventFilter {
    /// Whether an event is wanted.
    pub fn takes(&self, event: &Event) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&event.kind))
            && self.tenant.is_none_or(|tenant| event.tenant == Some(tenant))
    }
}

/// Part of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// Sequence numbers and events, in order.
    pub rows: Vec<(u64, Event)>,
    /// There may be more after this number; `None`: the end of the log was seen.
    pub next: Option<u64>,
    /// The last event that was looked at, wanted or not.
    pub seen: u64,
}

impl EventDesk {
    /// At most `limit` (at least 1) wanted events after a sequence number.
    pub async fn page(
        &self,
        after: u64,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<EventPage, Error> {
        let limit = limit.max(1);
        let mut page = EventPage { rows: Vec::new(), next: Some(after), seen: after };
        let mut looked_at = 0;
        while let Some(after) = page.next
            && page.rows.len() < limit
            && looked_at < LOOKED_AT
        {
            let chunk = CHUNK.min(if filter == &EventFilter::default() { limit } else { CHUNK });
            let events = self.after(after, chunk).await?;
            looked_at += events.len();
            page.next = None;
            let ended = events.len() < chunk;
            for (seq, event) in events {
                if page.rows.len() == limit {
                    return Ok(page);
                }
                page.next = Some(seq);
                page.seen = seq;
                if filter.takes(&event) {
                    page.rows.push((seq, event));
                }
            }
            if ended {
                page.next = None;
            }
        }
        Ok(page)
    }

    /// The number of the last event; 0: there has been none.
    pub async fn tip(&self) -> Result<u64, Error> {
        let last = Query::all().reverse().limit(1);
        let page = self.0.shell.store.page::<Events>(&last).await.during("reading the log")?;
        Ok(page.rows.first().map_or(0, |stored| stored.key))
    }

    /// The number of the oldest event that is kept; of the next one if none is.
    pub async fn oldest(&self) -> Result<u64, Error> {
        Ok(self.after(0, 1).await?.first().map_or(1, |(seq, _)| *seq))
    }

    /// Events after a number, in order, whatever they are.
    pub(super) async fn after(&self, seq: u64, limit: usize) -> Result<Vec<(u64, Event)>, Error> {
        let next = Query::all().from_key(&seq.saturating_add(1)).limit(limit);
        let page = self.0.shell.store.page::<Events>(&next).await.during("reading the log")?;
        Ok(page.rows.into_iter().map(|stored| (stored.key, stored.row)).collect())
    }
}
