//! Making and removing external consumers.

use serde_json::json;
use zelador_store::author::Author;
use zelador_store::event::{Consumer, Consumers};
use zelador_store::external::{External, Externals as Rows, Leases};
use zelador_store::id::TenantId;
use zelador_store::tenant::Tenants;
use zelador_store::{Query, Stored, Write};

use super::Externals;
use crate::Keep;
use crate::engine::audit::{Deed, note};
use crate::engine::events::desk::{EventDesk, REPEATS, busy};
use crate::engine::events::queries::ConsumerView;
use crate::error::{During, Error, Refusal};

/// Rows read at once; more than there may be.
const PAGE: usize = 10_000;

/// Where a new consumer begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// With the oldest event that is kept.
    Oldest,
    /// With what happens from now on.
    Now,
    /// With this event.
    At(u64),
}

/// A consumer to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its full name.
    pub name: String,
    /// The types that it wants; empty: all.
    pub kinds: Vec<String>,
    /// Whose events.
    pub tenant: Option<TenantId>,
    /// Where it begins.
    pub begins: Begins,
    /// Seconds to acknowledge in.
    pub ack_seconds: u32,
}

impl Externals {
    /// Makes a consumer. Refused: one of this name, too many.
    pub async fn make(
        &self,
        draft: Draft,
        keep: Option<&Keep<ConsumerView>>,
        by: &Author,
    ) -> Result<ConsumerView, Error> {
        let shell = &self.desk.0.shell;
        self.room_for(&draft).await?;
        let tip = self.desk.tip().await?;
        let before = match draft.begins {
            Begins::Oldest => self.desk.oldest().await?.saturating_sub(1),
            Begins::Now => tip,
            Begins::At(seq) if seq == 0 || seq > tip + 1 => {
                return Err(Refusal::field("from", "out_of_range").into());
            }
            Begins::At(seq) => seq - 1,
        };
        let place = Consumer { cursor: before, ..Consumer::default() };
        let row = External {
            kinds: draft.kinds,
            tenant: draft.tenant,
            ack_seconds: draft.ack_seconds,
            read_to: before,
            created_at: shell.now(),
        };
        let mut write = Write::new();
        write.insert::<Consumers>(&draft.name, &place).insert::<Rows>(&draft.name, &row);
        let deed = Deed::new("consumer.create", &draft.name).of(draft.tenant).with(&json!({
            "types": row.kinds, "tenant_id": row.tenant, "from": before + 1,
            "ack_seconds": row.ack_seconds,
        }));
        note(shell, &mut write, by, deed);
        let view = self.desk.view(draft.name, place, Some(row), tip).await?;
        if let Some(keep) = keep {
            keep.stage(&mut write, &view);
        }
        if self.desk.commit(write, "making an external consumer").await? {
            return Ok(view);
        }
        Err(Refusal::conflict("consumer_exists").into())
    }

    async fn room_for(&self, draft: &Draft) -> Result<(), Error> {
        if self.desk.row(&draft.name).await?.is_some() || self.desk.has(&draft.name) {
            return Err(Refusal::conflict("consumer_exists").into());
        }
        let most = self.settings.borrow().max_consumers;
        let all = self.desk.externals().await?;
        let own = all.iter().filter(|one| one.row.tenant == draft.tenant).count();
        // No tenant takes all places.
        let share = if draft.tenant.is_some() { (most / 4).max(1) } else { most };
        if all.len() >= most as usize || own >= share as usize {
            return Err(Refusal::Conflict {
                code: "too_many_consumers",
                args: vec![("max", share.to_string())],
                details: json!({ "max": share }),
            }
            .into());
        }
        Ok(())
    }

    /// Removes a consumer with all it holds.
    pub async fn remove(&self, name: &str, by: &Author) -> Result<(), Error> {
        for _ in 0..REPEATS {
            let seat = self.seat(name).await?;
            let mut write = Write::new();
            write.remove(&seat.place).remove(&seat.own);
            for lease in &seat.leases {
                write.remove::<Leases>(lease);
            }
            let row = &seat.own.row;
            let before = json!({ "types": row.kinds, "tenant_id": row.tenant });
            let deed = Deed::new("consumer.delete", name).of(row.tenant);
            let deed = deed.change(&before, &serde_json::Value::Null);
            note(&self.desk.0.shell, &mut write, by, deed);
            if self.desk.commit(write, "removing an external consumer").await? {
                metrics::gauge!("zelador_event_lag", "consumer" => name.to_owned()).set(0.0);
                return self.desk.unpark(name, None, None).await;
            }
        }
        Err(busy())
    }
}

impl EventDesk {
    pub(in crate::engine::events) async fn externals(&self) -> Result<Vec<Stored<Rows>>, Error> {
        let page = self.0.shell.store.page::<Rows>(&Query::all().limit(PAGE)).await;
        Ok(page.during("listing external consumers")?.rows)
    }

    /// Removes the external consumers of tenants that are deleted: nobody can ask
    /// for them any more, and they would hold the log back.
    pub(in crate::engine::events) async fn remove_orphans(&self) -> Result<(), Error> {
        for stored in self.externals().await? {
            let Some(tenant) = stored.row.tenant else { continue };
            let found = self.0.shell.store.get::<Tenants>(&tenant).await;
            let found = found.during("looking for a consumer's tenant")?;
            if found.is_some_and(|tenant| tenant.row.deleted_at.is_none()) {
                continue;
            }
            let mut write = Write::new();
            write.remove(&stored);
            if let Some(place) = self.row(&stored.key).await? {
                write.remove(&place);
            }
            for lease in self.leases(&stored.key).await? {
                write.remove::<Leases>(&lease);
            }
            // If somebody is reading just now, the next pruning does it.
            if self.commit(write, "removing a deleted tenant's consumer").await? {
                self.unpark(&stored.key, None, None).await?;
            }
        }
        Ok(())
    }
}
