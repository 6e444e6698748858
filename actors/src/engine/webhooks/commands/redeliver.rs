//! Sending again, and sending to see.

use serde_json::json;
use zelador_store::author::Author;
use zelador_store::delivery::{Deliveries, Delivery, DeliveryStatus};
use zelador_store::event::{Event, Events};
use zelador_store::id::EventId;
use zelador_store::webhook::{Webhook, Webhooks};
use zelador_store::{Query, Stored, Write};

use crate::answer::Keep;
use crate::engine::audit::{Deed, note, note_alone};
use crate::engine::webhooks::consumer::delivery;
use crate::engine::webhooks::desk::WebhookDesk;
use crate::engine::webhooks::messages::{DeliveryRecord, Range, Redelivered, Since, Test, Which};
use crate::engine::webhooks::queries::{self, load};
use crate::engine::webhooks::rules::{filter, turn};
use crate::engine::{Shell, Tries};
use crate::error::{During, Error, Refusal};
use crate::facts::about_tenant;

/// Events looked at in one step, and sent again in one commit at most.
const STEP: usize = 200;

/// Events sent again by one command; it says where to go on.
const MOST: u64 = 10_000;

/// Events looked at by one command.
const LOOKED_AT: u64 = 200_000;

/// Nothing is sent to a webhook that is off.
async fn active(shell: &Shell, which: Which) -> Result<Stored<Webhooks>, Error> {
    let found = load(shell, which).await?;
    if found.row.is_active { Ok(found) } else { Err(Refusal::conflict("webhook_inactive").into()) }
}

/// Sends an event of its own making.
pub(in crate::engine::webhooks) async fn test(
    desk: &WebhookDesk,
    command: Test,
) -> Result<DeliveryRecord, Error> {
    let Test { which, by, keep } = command;
    let shell = &desk.shell;
    let mut tries = Tries::of("testing a webhook");
    loop {
        let hook = active(shell, which).await?;
        let data = json!({ "webhook_id": which.id, "tenant_id": which.tenant });
        let mut event = about_tenant(shell, "webhook.test", which.tenant, &by, data);
        event.key = format!("test:{}", event.id);
        let payload = Some(event.data.clone());
        let row = Delivery { payload, ..delivery(which.tenant, 0, &event, shell.now()) };
        let mut write = Write::new();
        write.expect(&hook);
        write.insert::<Deliveries>(&(which.id, event.id), &row);
        let deed = Deed::new("webhook.test", which.id).of(which.tenant);
        note(shell, &mut write, &by, deed.with(&json!({ "event_id": event.id })));
        let record = DeliveryRecord { id: event.id, webhook: which.id, delivery: row };
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => {
                desk.courier.look([which.id]);
                return Ok(record);
            }
            Err(error) => tries.again(error)?,
        }
    }
}

/// Sends one event again.
pub(in crate::engine::webhooks) async fn one(
    desk: &WebhookDesk,
    which: Which,
    event: EventId,
    by: &Author,
    keep: Option<Keep<DeliveryRecord>>,
) -> Result<DeliveryRecord, Error> {
    let shell = &desk.shell;
    let mut tries = Tries::of("sending an event again");
    loop {
        let hook = active(shell, which).await?;
        let found = shell.store.get::<Deliveries>(&(which.id, event)).await;
        let found = found.during("reading a delivery")?;
        let found = found.ok_or(Refusal::Absent { what: "delivery" })?;
        still_kept(shell, &found.row).await?;
        let next = turn::again(&found.row, shell.now());
        let mut write = Write::new();
        write.expect(&hook);
        write.update::<Deliveries>(&found, &next);
        let deed = Deed::new("webhook.redeliver", which.id).of(which.tenant);
        note(shell, &mut write, by, deed.with(&json!({ "event_id": event })));
        let record = DeliveryRecord { id: event, webhook: which.id, delivery: next };
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => {
                desk.courier.look([which.id]);
                return Ok(record);
            }
            Err(error) => tries.again(error)?,
        }
    }
}

async fn still_kept(shell: &Shell, row: &Delivery) -> Result<(), Error> {
    if row.payload.is_some() {
        return Ok(());
    }
    let event = shell.store.get::<Events>(&row.seq).await.during("reading the log")?;
    event.map(drop).ok_or_else(|| Refusal::conflict("event_gone").into())
}

/// Sends events again, in many commits; or counts them.
pub(in crate::engine::webhooks) async fn range(
    desk: &WebhookDesk,
    which: Which,
    range: Range,
    by: &Author,
    on_trial: bool,
) -> Result<Redelivered, Error> {
    let shell = &desk.shell;
    let hook = if on_trial { load(shell, which).await? } else { active(shell, which).await? };
    let from = match range.from {
        Since::Seq(seq) => Some(seq),
        Since::LastSuccess => queries::webhook(shell, which).await?.replay_from(),
    };
    let Some(from) = from else { return Ok(Redelivered { count: 0, from, next: None }) };
    if !on_trial {
        let deed = Deed::new("webhook.redeliver", which.id).of(which.tenant);
        let what = json!({ "from": from, "until": range.until, "only_failed": range.only_failed });
        note_alone(shell, by, deed.with(&what)).await?;
    }
    let mut walk = Walk { desk, which, range, on_trial, count: 0, seq: from };
    let next = walk.run(&hook).await?;
    if range.from == Since::LastSuccess && next.is_none() && !on_trial {
        forget_missed(desk, which).await?;
    }
    desk.courier.look([which.id]);
    Ok(Redelivered { count: walk.count, from: Some(from), next })
}

/// A walk over the log.
struct Walk<'a> {
    desk: &'a WebhookDesk,
    which: Which,
    range: Range,
    on_trial: bool,
    count: u64,
    /// The next event to look at.
    seq: u64,
}

impl Walk<'_> {
    /// Where to go on; `None`: the end was reached.
    async fn run(&mut self, hook: &Stored<Webhooks>) -> Result<Option<u64>, Error> {
        let last = self.range.until.unwrap_or(u64::MAX);
        let began = self.seq;
        let store = &self.desk.shell.store;
        loop {
            let query = Query::all().from_key(&self.seq).limit(STEP);
            let page = store.page::<Events>(&query).await.during("reading the log")?;
            let ended = page.rows.len() < STEP;
            let events: Vec<_> = page.rows.into_iter().filter(|one| one.key <= last).collect();
            let Some(end) = events.last().map(|one| one.key) else { return Ok(None) };
            let wanted: Vec<_> = events
                .into_iter()
                .filter(|one| one.row.tenant == Some(self.which.tenant))
                .filter(|one| filter::takes(&hook.row.events, &one.row.kind))
                .map(|one| (one.key, one.row))
                .collect();
            self.send(&wanted).await?;
            if ended || end >= last {
                return Ok(None);
            }
            self.seq = end + 1;
            if self.count >= MOST || self.seq - began >= LOOKED_AT {
                return Ok(Some(self.seq));
            }
            tokio::task::consume_budget().await;
        }
    }

    /// Sends events of one step again.
    async fn send(&mut self, events: &[(u64, Event)]) -> Result<(), Error> {
        let shell = &self.desk.shell;
        let mut tries = Tries::of("sending events again");
        loop {
            let hook = load(shell, self.which).await?;
            let mut write = Write::new();
            write.expect(&hook);
            let mut count = 0;
            for (seq, event) in events {
                count += u64::from(self.stage(&mut write, *seq, event).await?);
            }
            if count == 0 || self.on_trial {
                self.count += count;
                return Ok(());
            }
            match shell.store.commit(write).await {
                Ok(_) => {
                    self.count += count;
                    return Ok(());
                }
                Err(error) => tries.again(error)?,
            }
        }
    }

    /// Stages one; whether it is meant.
    async fn stage(&self, write: &mut Write, seq: u64, event: &Event) -> Result<bool, Error> {
        let shell = &self.desk.shell;
        let key = (self.which.id, event.id);
        let found = shell.store.get::<Deliveries>(&key).await.during("reading a delivery")?;
        let meant = match found.as_ref().map(|found| found.row.status) {
            None => !self.range.only_failed,
            // It is on its way.
            Some(DeliveryStatus::Pending) => false,
            Some(DeliveryStatus::Failed) => true,
            Some(DeliveryStatus::Delivered) => self.range.delivered_too && !self.range.only_failed,
        };
        match found.filter(|_| meant) {
            Some(found) => {
                write.update::<Deliveries>(&found, &turn::again(&found.row, shell.now()));
            }
            None if meant => {
                let row = delivery(self.which.tenant, seq, event, shell.now());
                write.insert::<Deliveries>(&key, &row);
            }
            None => {}
        }
        Ok(meant)
    }
}

/// What was missed is on its way.
async fn forget_missed(desk: &WebhookDesk, which: Which) -> Result<(), Error> {
    let shell = &desk.shell;
    let mut tries = Tries::of("noting what is sent again");
    loop {
        let found = load(shell, which).await?;
        if found.row.replay_from.is_none() {
            return Ok(());
        }
        let mut write = Write::new();
        write.update::<Webhooks>(&found, &Webhook { replay_from: None, ..found.row.clone() });
        match shell.store.commit(write).await {
            Ok(_) => return Ok(()),
            Err(error) => tries.again(error)?,
        }
    }
}
