//! Handling events again.

use zelador_store::event::{Consumers, ParkedEvents};
use zelador_store::kv::{Bell, Term};
use zelador_store::{Query, Write};

use super::desk::{EventDesk, REPEATS, busy};
use super::rules;
use crate::error::{During, Error, Refusal};

/// Parked events removed in one commit.
const PAGE: usize = 200;

impl EventDesk {
    /// Makes a consumer handle everything from a sequence number on, in order,
    /// together with `also`. From before the oldest event means from the oldest.
    /// What it had parked from there on is parked no more; a detached consumer
    /// is attached again.
    pub async fn replay(&self, name: &str, from: u64, also: &Write) -> Result<(), Error> {
        self.exists(name).await?;
        let tip = self.tip().await?;
        if from == 0 || from > tip.saturating_add(1) {
            return Err(Refusal::field("from", "out_of_range").into());
        }
        for _ in 0..REPEATS {
            let place = match self.consumer(name) {
                Ok(consumer) => self.place(consumer.as_ref()).await?,
                Err(absent) => self.row(name).await?.ok_or(absent)?,
            };
            let mut write = also.clone();
            self.rewind(name, from, &mut write).await?;
            write.update::<Consumers>(&place, &rules::replayed(from)).ring(Bell::Events);
            // Who goes back sees the log as it is now, not as it was read.
            self.0.tail.clear().await;
            if self.commit(write, "replaying events").await? {
                tracing::info!(consumer = name, from, was_at = place.row.cursor, "replay");
                return self.unpark(name, Some(from), None).await;
            }
        }
        Err(busy())
    }

    /// Forgets parked events of a consumer, from a number on, before a number.
    /// One that has been parked anew meanwhile stays.
    pub(super) async fn unpark(
        &self,
        name: &str,
        from: Option<u64>,
        before: Option<u64>,
    ) -> Result<(), Error> {
        let term = Term::new(name);
        let mut query = Query::under(&(term.clone(),)).limit(PAGE);
        if let Some(from) = from {
            query = query.from_key(&(term.clone(), from));
        }
        if let Some(before) = before {
            query = query.to_key(&(term, before));
        }
        let mut cursor = None;
        loop {
            let query = query.clone().after(cursor);
            let page = self.0.shell.store.page::<ParkedEvents>(&query).await;
            let page = page.during("listing parked events")?;
            for stored in &page.rows {
                let mut write = Write::new();
                write.remove::<ParkedEvents>(stored);
                self.commit(write, "forgetting a parked event").await?;
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }
}
