//! What of a webhook's deliveries is begun now.

use std::collections::HashMap;

use zelador_store::delivery::DeliveryStatus;
use zelador_store::delivery::{Deliveries, DeliveriesDue, DeliveriesInOrder, Delivery};
use zelador_store::id::WebhookId;
use zelador_store::kv::Term;
use zelador_store::webhook::Webhooks;
use zelador_store::{Query, Stored, Write};

use super::Courier;
use super::lanes::Parcel;
use crate::error::{During, Error};

/// Deliveries looked at beyond those that may be begun.
const SPARE: u32 = 16;

/// So many that wait behind one under way are put aside.
const CROWD: usize = 8;

/// What was seen of a webhook's deliveries.
#[derive(Default)]
struct Seen {
    begun: u32,
    /// There may be more behind what was seen.
    more: bool,
    /// By the one that they wait for.
    behind: HashMap<Parcel, Vec<Stored<Deliveries>>>,
}

impl Courier {
    /// Begins what a webhook may begin now, and notes when to look again.
    pub(super) async fn serve(&self, webhook: WebhookId) -> Result<(), Error> {
        let found = self.0.shell.store.get::<Webhooks>(&webhook).await;
        let found = found.during("reading a webhook")?;
        // What is off is looked at when it is switched on.
        let Some(hook) = found.filter(|found| found.row.is_active) else { return Ok(()) };
        let (settings, now) = (self.settings(), self.0.shell.now());
        let room = {
            let mut lanes = self.0.lanes.lock();
            let room = lanes.room(webhook, hook.row.tenant, &settings, now);
            let lane = lanes.lane(webhook);
            match lane.not_before.filter(|at| now < *at) {
                Some(at) => lanes.wait(webhook, at),
                // An end of its own makes it look again anyway.
                None if room == 0 && lane.running == 0 => lanes.wait_for_places(webhook),
                None => {}
            }
            room
        };
        if room == 0 {
            return Ok(());
        }
        let seen = self.begin_due(&hook, room).await?;
        let aside = self.put_aside(seen.behind).await?;
        if seen.more && (seen.begun > 0 || aside) {
            self.0.lanes.lock().look(webhook);
        }
        Ok(())
    }

    /// Begins tries in the order in which they are due, each the first of its key.
    async fn begin_due(&self, hook: &Stored<Webhooks>, room: u32) -> Result<Seen, Error> {
        let now = self.0.shell.now();
        let window = room + self.0.lanes.lock().lane(hook.key).running + SPARE;
        let query = Query::under(&(hook.key,)).limit(window as usize);
        let page = self.0.shell.store.entries::<DeliveriesDue>(&query).await;
        let page = page.during("looking for deliveries")?;
        let mut seen = Seen { more: page.next.is_some(), ..Seen::default() };
        for ((_, due, _), parcel) in page.rows {
            if due > now {
                self.0.lanes.lock().wait(hook.key, due);
                seen.more = false;
                break;
            }
            if seen.begun == room {
                seen.more = true;
                break;
            }
            if self.0.lanes.lock().is_flying(&parcel) {
                continue;
            }
            let Some(stored) = self.delivery(&parcel).await? else { continue };
            if stored.row.status != DeliveryStatus::Pending || stored.row.held {
                continue;
            }
            match self.head(&parcel, &stored.row).await? {
                Some(head) if head != parcel => seen.behind.entry(head).or_default().push(stored),
                _ => seen.begun += u32::from(self.begin(hook, stored)),
            }
        }
        Ok(seen)
    }

    /// The first of a delivery's key.
    async fn head(&self, parcel: &Parcel, row: &Delivery) -> Result<Option<Parcel>, Error> {
        let query = Query::under(&(parcel.0, Term::new(&row.key))).limit(1);
        let page = self.0.shell.store.entries::<DeliveriesInOrder>(&query).await;
        let mut page = page.during("looking for the first of a key")?;
        Ok(page.rows.pop().map(|(_, head)| head))
    }

    pub(super) async fn delivery(
        &self,
        parcel: &Parcel,
    ) -> Result<Option<Stored<Deliveries>>, Error> {
        self.0.shell.store.get::<Deliveries>(parcel).await.during("reading a delivery")
    }

    /// Whether there was anything to put aside: what waits behind one that is not
    /// under way, or in a crowd. What is put aside is no longer in the way of others.
    pub(in crate::engine::webhooks) async fn put_aside(
        &self,
        behind: HashMap<Parcel, Vec<Stored<Deliveries>>>,
    ) -> Result<bool, Error> {
        let mut any = false;
        for (head, rows) in behind {
            if self.0.lanes.lock().is_flying(&head) && rows.len() < CROWD {
                continue;
            }
            any = true;
            let Some(first) = self.delivery(&head).await? else { continue };
            if first.row.status != DeliveryStatus::Pending {
                continue;
            }
            let mut write = Write::new();
            // Whoever ends the first one must see that others wait.
            if first.row.followed {
                write.expect(&first);
            } else {
                let next = Delivery { followed: true, ..first.row.clone() };
                write.update::<Deliveries>(&first, &next);
            }
            for stored in &rows {
                let next = Delivery { held: true, followed: true, ..stored.row.clone() };
                write.update::<Deliveries>(stored, &next);
            }
            match self.0.shell.store.commit(write).await {
                // It has moved on: looked at again.
                Err(error) if error.is_conflict() => {}
                other => other.during("putting deliveries aside").map(drop)?,
            }
        }
        Ok(any)
    }
}
