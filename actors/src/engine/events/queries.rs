//! What may be asked about consumers.

use zelador_store::Query;
use zelador_store::event::{Consumer, Event, Parked, ParkedEvents};
use zelador_store::external::External;
use zelador_store::kv::Term;

use super::desk::EventDesk;
use super::reader::EventFilter;
use super::rules;
use crate::error::{During, Error};

/// Waiting and parked events are counted up to here: more is a thousand too.
const COUNTED: usize = 1000;

/// Where a consumer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerView {
    /// Its name.
    pub name: String,
    /// Cursor, tries, last error, whether it is detached.
    pub row: Consumer,
    /// Whether this release has such a consumer; one it does not have holds the
    /// log back until it is detached.
    pub known: bool,
    /// Events after its cursor.
    pub lag: u64,
    /// Those that it wants, among the next thousand.
    pub pending: u64,
    /// Those that it gave up on; a thousand stands for more as well.
    pub parked: u64,
    /// What only an external one has.
    pub external: Option<External>,
    /// Events that an external one holds, not yet acknowledged.
    pub held: u64,
}

/// An event that a consumer gave up on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedView {
    /// Its sequence number.
    pub seq: u64,
    /// Why, when, after how many tries.
    pub parked: Parked,
    /// The event, if it is still kept.
    pub event: Option<Event>,
}

impl EventDesk {
    /// Every consumer that stands in the store, by name.
    pub async fn consumers(&self) -> Result<Vec<ConsumerView>, Error> {
        let tip = self.tip().await?;
        let mut views = Vec::new();
        for stored in self.rows().await? {
            let external = self.external(&stored.key).await?.map(|stored| stored.row);
            views.push(self.view(stored.key, stored.row, external, tip).await?);
        }
        Ok(views)
    }

    pub(super) async fn view(
        &self,
        name: String,
        row: Consumer,
        external: Option<External>,
        tip: u64,
    ) -> Result<ConsumerView, Error> {
        let lag = rules::lag(&row, tip);
        let held = match external {
            Some(_) => self.leases(&name).await?.len() as u64,
            None => 0,
        };
        let pending = if lag > 0 { self.wanted(&name, &row, external.as_ref()).await? } else { 0 };
        let parked = Query::under(&(Term::new(&name),)).limit(COUNTED);
        let parked = self.0.shell.store.page::<ParkedEvents>(&parked).await;
        let parked = parked.during("counting parked events")?.rows.len();
        let (pending, parked) = (pending as u64 + held, parked as u64);
        let known = external.is_some() || self.has(&name);
        Ok(ConsumerView { name, row, known, lag, pending, parked, external, held })
    }

    /// How many of the next events a consumer wants that it has not been handed.
    async fn wanted(
        &self,
        name: &str,
        row: &Consumer,
        external: Option<&External>,
    ) -> Result<usize, Error> {
        if let Some(external) = external {
            let filter = EventFilter { kinds: external.kinds.clone(), tenant: external.tenant };
            let events = self.after(external.read_to, COUNTED).await?;
            return Ok(events.iter().filter(|(_, event)| filter.takes(event)).count());
        }
        let events = self.after(row.cursor, COUNTED).await?;
        let wants = |event: &Event| match self.outlet(name) {
            Some(outlet) => outlet.wants(event),
            None => self.consumer(name).is_ok_and(|consumer| consumer.wants(event)),
        };
        Ok(events.iter().filter(|(_, event)| wants(event)).count())
    }

    /// At most `limit` parked events of a consumer after a sequence number.
    pub async fn parked(
        &self,
        name: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ParkedView>, Error> {
        self.exists(name).await?;
        let term = Term::new(name);
        let from = (term.clone(), after.saturating_add(1));
        let query = Query::under(&(term,)).from_key(&from).limit(limit);
        let page = self.0.shell.store.page::<ParkedEvents>(&query).await;
        let mut views = Vec::new();
        for stored in page.during("listing parked events")?.rows {
            let (seq, parked) = (stored.key.1, stored.row);
            views.push(ParkedView { seq, parked, event: self.event(seq).await? });
        }
        Ok(views)
    }
}
