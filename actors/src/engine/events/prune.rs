//! The kind `events.prune`: forgets events and entries of the audit whose time is
//! over, and detaches consumers that hold the log back too long.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use zelador_store::event::{Consumer, Consumers, Event, Events};
use zelador_store::{Query, Stored, Timestamp, Write};

use super::desk::{EventDesk, REPEATS};
use super::rules;
use crate::engine::audit;
use crate::engine::jobs::{Failure, Handler, JobCx};
use crate::engine::settings::EventSettings;
use crate::error::{During, Error};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Events forgotten in one commit.
const PAGE: usize = 200;

/// Forgets what is over.
pub struct PruneEvents {
    desk: EventDesk,
    settings: watch::Receiver<Arc<EventSettings>>,
}

impl PruneEvents {
    /// For the log of a desk, with live settings.
    pub fn new(desk: EventDesk, settings: watch::Receiver<Arc<EventSettings>>) -> Self {
        Self { desk, settings }
    }

    async fn prune(&self, cx: &JobCx) -> Result<u64, Error> {
        let settings = self.settings.borrow().clone();
        self.desk.attach().await?;
        self.desk.remove_orphans().await?;
        self.desk.detach_lost(settings.max_lag).await?;
        let before = cx.shell.now() - DAY * settings.retention_days;
        let mut forgotten = 0;
        loop {
            let count = self.desk.forget_page(before).await?;
            forgotten += count;
            cx.progress(forgotten, forgotten, "forgetting old events");
            if count == 0 {
                break;
            }
        }
        if forgotten > 0 {
            self.desk.forget_parked().await?;
        }
        Ok(forgotten)
    }
}

#[async_trait]
impl Handler for PruneEvents {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let events = self.prune(&cx).await?;
        let days = self.settings.borrow().audit_retention_days;
        let audit = audit::prune(&cx.shell, days).await?;
        tracing::info!(events, audit, "old events and entries of the audit forgotten");
        Ok(Write::new())
    }
}

impl EventDesk {
    /// Detaches every consumer that is more than `max_lag` events behind.
    async fn detach_lost(&self, max_lag: u64) -> Result<(), Error> {
        for stored in self.holders().await? {
            for _ in 0..REPEATS {
                let tip = self.tip().await?;
                let Some(place) = self.row(&stored.key).await? else { break };
                if !rules::is_lost(&place.row, tip, max_lag) {
                    break;
                }
                if self.detach(&place, tip, max_lag).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Detaches a consumer, with an event; whether it stood where it was seen.
    async fn detach(
        &self,
        place: &Stored<Consumers>,
        tip: u64,
        max_lag: u64,
    ) -> Result<bool, Error> {
        let (name, cursor) = (&place.key, place.row.cursor);
        let data = serde_json::json!({
            "consumer": name, "cursor": cursor, "head": tip, "max_lag": max_lag,
        });
        let event = Event {
            id: self.0.shell.id(),
            kind: "consumer.detached".into(),
            tenant: None,
            user: None,
            key: format!("consumer:{name}"),
            at: self.0.shell.now(),
            data: data.to_string(),
        };
        let mut write = Write::new();
        let next = Consumer { detached: true, retry_at: None, ..place.row.clone() };
        write.update::<Consumers>(place, &next).event(&event);
        let detached = self.commit(write, "detaching a consumer").await?;
        if detached {
            tracing::error!(
                consumer = name,
                cursor,
                head = tip,
                max_lag,
                "a consumer fell too far behind and is detached; replay it to attach it again"
            );
        }
        Ok(detached)
    }

    /// Forgets at most a page of the oldest events that are older than `before`
    /// and that every attached consumer has passed; how many.
    ///
    /// A replay that comes in between finds the log begin later, as it would a
    /// moment afterwards.
    pub(super) async fn forget_page(&self, before: Timestamp) -> Result<u64, Error> {
        let tip = self.tip().await?;
        let rows = self.holders().await?;
        let floor = rules::floor(rows.iter().map(|stored| &stored.row), tip);
        let front = Query::all().to_key(&floor.saturating_add(1)).limit(PAGE);
        let page = self.0.shell.store.page::<Events>(&front).await.during("reading the log")?;
        let over: Vec<_> = page.rows.iter().take_while(|event| event.row.at < before).collect();
        if over.is_empty() {
            return Ok(0);
        }
        let mut write = Write::new();
        for event in &over {
            write.remove::<Events>(event);
        }
        let count = over.len() as u64;
        // Somebody else may have forgotten them just now: the next page tells.
        self.commit(write, "forgetting events").await?;
        Ok(count)
    }

    /// Forgets parked events that are no longer in the log.
    async fn forget_parked(&self) -> Result<(), Error> {
        let first = self.after(0, 1).await?;
        let Some((oldest, _)) = first.first() else { return Ok(()) };
        for stored in self.rows().await? {
            self.unpark(&stored.key, None, Some(*oldest)).await?;
        }
        Ok(())
    }
}
