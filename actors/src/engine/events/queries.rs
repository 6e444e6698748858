//! What may be asked about consumers.

use zelador_store::Query;
use zelador_store::event::{Consumer, Event, Parked, ParkedEvents};
use zelador_store::kv::Term;

use super::desk::EventDesk;
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
            views.push(self.view(stored.key, stored.row, tip).await?);
        }
        Ok(views)
    }

    async fn view(&self, name: String, row: Consumer, tip: u64) -> Result<ConsumerView, Error> {
        let lag = rules::lag(&row, tip);
        let consumer = self.consumer(&name).ok();
        let pending = match consumer {
            Some(consumer) if lag > 0 => {
                let events = self.after(row.cursor, COUNTED).await?;
                events.iter().filter(|(_, event)| consumer.wants(event)).count()
            }
            _ => 0,
        };
        let parked = Query::under(&(Term::new(&name),)).limit(COUNTED);
        let parked = self.0.shell.store.page::<ParkedEvents>(&parked).await;
        let parked = parked.during("counting parked events")?.rows.len();
        let (pending, parked) = (pending as u64, parked as u64);
        Ok(ConsumerView { known: consumer.is_some(), name, row, lag, pending, parked })
    }

    /// At most `limit` parked events of a consumer after a sequence number.
    pub async fn parked(
        &self,
        name: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ParkedView>, Error> {
        self.consumer(name)?;
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
