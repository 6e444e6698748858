//! Parked events: another chance for what a consumer gave up on.

use serde_json::json;
use zelador_store::author::Author;
use zelador_store::event::{Event, Events, Parked, ParkedEvents};
use zelador_store::kv::Term;
use zelador_store::{Query, Stored, Write};

use super::desk::{EventDesk, REPEATS, busy};
use super::external::Externals;
use crate::engine::audit::{Deed, note, note_alone};
use crate::engine::jobs::Failure;
use crate::error::{During, Error, Refusal};

/// Parked events read at once.
const PAGE: usize = 200;

/// What became of a parked event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// It is handled, and parked no more.
    Handled,
    /// It is parked no more, and waits for its consumer to read it.
    Waits,
    /// It failed again and stays parked.
    Failed {
        /// In words an operator can act on.
        error: String,
    },
}

impl EventDesk {
    /// Hands a parked event to its consumer once more, out of order.
    /// An entry of the audit names the caller, if one is named.
    pub async fn retry_parked(
        &self,
        name: &str,
        seq: u64,
        by: Option<&Author>,
    ) -> Result<Retried, Error> {
        self.exists(name).await?;
        let key = (Term::new(name), seq);
        for _ in 0..REPEATS {
            let stored = self.0.shell.store.get::<ParkedEvents>(&key).await;
            let stored = stored.during("reading a parked event")?;
            let stored = stored.ok_or(Refusal::Absent { what: "parked event" })?;
            let (mut write, retried) = match Externals::reoffer(self, name, &stored).await? {
                Some(waits) => (waits, Retried::Waits),
                None => self.retry(name, &stored).await?,
            };
            if let Some(by) = by {
                let deed = Deed::new("consumer.retry_parked", name).with(&json!({ "seq": seq }));
                note(&self.0.shell, &mut write, by, deed);
            }
            if self.commit(write, "retrying a parked event").await? {
                return Ok(retried);
            }
        }
        Err(busy())
    }

    /// Hands a parked event to a built-in consumer.
    async fn retry(
        &self,
        name: &str,
        stored: &Stored<ParkedEvents>,
    ) -> Result<(Write, Retried), Error> {
        let (consumer, seq) = (self.consumer(name)?, stored.key.1);
        let event = self.event(seq).await?.ok_or(Refusal::Absent { what: "event" })?;
        match self.attempt(consumer.as_ref(), stored.row.tries, seq, &event).await {
            Ok(mut work) => {
                work.remove::<ParkedEvents>(stored);
                Ok((work, Retried::Handled))
            }
            Err(failure) => Ok(self.still_parked(stored, failure)),
        }
    }

    /// Forgets a parked event: nobody will handle it.
    pub async fn discard_parked(&self, name: &str, seq: u64, by: &Author) -> Result<(), Error> {
        self.exists(name).await?;
        let key = (Term::new(name), seq);
        for _ in 0..REPEATS {
            let stored = self.0.shell.store.get::<ParkedEvents>(&key).await;
            let stored = stored.during("reading a parked event")?;
            let stored = stored.ok_or(Refusal::Absent { what: "parked event" })?;
            let mut write = Write::new();
            write.remove::<ParkedEvents>(&stored);
            let deed = Deed::new("consumer.discard_parked", name);
            let deed = deed.with(&json!({ "seq": seq, "error": stored.row.error }));
            note(&self.0.shell, &mut write, by, deed);
            if self.commit(write, "discarding a parked event").await? {
                return Ok(());
            }
        }
        Err(busy())
    }

    /// Hands every parked event of a consumer to it once more, oldest first; how
    /// many are handled now, or wait for their reader, and how many failed again.
    pub async fn retry_all_parked(
        &self,
        name: &str,
        by: Option<&Author>,
    ) -> Result<(u64, u64), Error> {
        self.exists(name).await?;
        if let Some(by) = by {
            let matched = self.count_parked(name).await?;
            let deed = Deed::new("consumer.retry_all_parked", name);
            let deed = deed.with(&json!({ "matched": matched }));
            note_alone(&self.0.shell, by, deed).await?;
        }
        let (mut handled, mut failed) = (0, 0);
        let mut cursor = None;
        loop {
            let query = Query::under(&(Term::new(name),)).limit(PAGE).after(cursor);
            let page = self.0.shell.store.page::<ParkedEvents>(&query).await;
            let page = page.during("listing parked events")?;
            for stored in page.rows {
                match self.retry_parked(name, stored.key.1, None).await {
                    Ok(Retried::Handled | Retried::Waits) => handled += 1,
                    Ok(Retried::Failed { .. }) => failed += 1,
                    // Somebody else has seen to it.
                    Err(Error::Refused(Refusal::Absent { what: "parked event" | "event" })) => {}
                    Err(error) => return Err(error),
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok((handled, failed));
            }
        }
    }

    /// How many events are parked for a consumer.
    async fn count_parked(&self, name: &str) -> Result<usize, Error> {
        let (mut count, mut cursor) = (0, None);
        loop {
            let query = Query::under(&(Term::new(name),)).limit(PAGE).after(cursor);
            let page = self.0.shell.store.page::<ParkedEvents>(&query).await;
            let page = page.during("counting parked events")?;
            count += page.rows.len();
            cursor = page.next;
            if cursor.is_none() {
                return Ok(count);
            }
        }
    }

    fn still_parked(&self, stored: &Stored<ParkedEvents>, failure: Failure) -> (Write, Retried) {
        let error = match failure {
            Failure::Retry { error, .. } | Failure::Permanent { error } => error,
            Failure::Snooze { reason, .. } => reason,
        };
        let tries = stored.row.tries.saturating_add(1);
        let next = Parked { error: error.clone(), tries, at: self.0.shell.now() };
        let mut write = Write::new();
        write.update::<ParkedEvents>(stored, &next);
        (write, Retried::Failed { error })
    }

    /// An event by its number; `None`: there is none, or it is no longer kept.
    pub async fn event(&self, seq: u64) -> Result<Option<Event>, Error> {
        let stored = self.0.shell.store.get::<Events>(&seq).await.during("reading the log")?;
        Ok(stored.map(|stored| stored.row))
    }
}
