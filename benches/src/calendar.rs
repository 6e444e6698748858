//! A tenant with resources and bookings, written into the store while no daemon
//! has it open.
//!
//! The tenant has the defaults: São Paulo, 08:00 to 18:00 every day, by half
//! hours. Booking `n` is the slot `n / resources` of the resource
//! `n % resources`: neighbours in time lie on different resources, and none
//! collide.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use zelador_actors::engine::{Dice, Shell};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::booking::{Booking, BookingStatus, Bookings, Calendar, Calendars};
use zelador_store::category::Overrides;
use zelador_store::id::{BookingId, ResourceId, TenantId, UserId};
use zelador_store::resource::Resource;
use zelador_store::{Store, Timestamp, Write};

use crate::Failure;
use crate::crowd::Script;
use crate::daemon::Daemon;
use crate::desk::open_engine;
use crate::floor::WRITERS;
use crate::wire::{Address, Wire};

/// Minutes of a slot.
const SLOT: i64 = 30;
const SLOTS_A_DAY: u64 = 20;
const DAY: i64 = 24 * 3600;
/// 08:00 in São Paulo, in seconds of a UTC day.
const OPENING: i64 = 11 * 3600;
/// Rows of a write while seeding.
const ROWS: u64 = 10;

/// What stands in a data directory.
#[derive(Debug, Clone)]
pub struct House {
    /// The tenant.
    pub tenant: TenantId,
    /// Who books.
    pub user: UserId,
    /// What is booked.
    pub resources: Arc<[ResourceId]>,
    /// The first instant of the first day that can be booked: tomorrow, UTC.
    pub first_day: Timestamp,
}

impl House {
    /// Makes the tenant and the user through a daemon, and the resources behind
    /// its back.
    pub async fn found(data: &Path, resources: usize) -> Result<Self, Failure> {
        std::fs::create_dir_all(data)?;
        let daemon = Daemon::start(data)?;
        let address = address(data)?;
        let mut wire = Wire::to(&address).await?;
        let tenant =
            r#"{"name":"Sol","domain":"sol.example","settings":{"advance_booking_days":3660}}"#;
        let tenant = made(&mut wire, &address, "/tenants", tenant).await?;
        let user = format!(r#"{{"tenant_id":"{tenant}","name":"Ana","email":"ana@sol.example"}}"#);
        let user = made(&mut wire, &address, "/users", &user).await?;
        drop(wire);
        daemon.stop()?;
        let (shell, close) = open(data)?;
        let first_day = tomorrow(shell.now());
        let ids: Arc<[ResourceId]> = (0..resources).map(|_| shell.id()).collect();
        let house =
            Self { tenant: tenant.parse()?, user: user.parse()?, resources: ids, first_day };
        let rows = house.clone();
        let now = shell.now();
        share(&shell, resources as u64, move |write, n| {
            if let Some(id) = rows.resources.get(usize::try_from(n).unwrap_or(usize::MAX)) {
                write.insert_resource(id, &resource(rows.tenant, now, Overrides::default()));
            }
        })
        .await?;
        close()?;
        Ok(house)
    }

    /// Books behind the daemon's back: the first `count` there are. Rows, their
    /// entries in every index and the calendars, but no events.
    pub async fn seed(&self, data: &Path, count: u64) -> Result<(), Failure> {
        let (shell, close) = open(data)?;
        let (house, seeder) = (self.clone(), shell.clone());
        share(&shell, count, move |write, n| {
            let id: BookingId = seeder.id();
            write.insert::<Bookings>(&id, &house.booking(n, seeder.now()));
        })
        .await?;
        let (house, each) = (self.clone(), count / self.resources.len() as u64);
        share(&shell, self.resources.len() as u64, move |write, n| {
            let calendar = Calendar { revision: each, longest_ms: 60_000 * SLOT.unsigned_abs() };
            write.insert::<Calendars>(&house.resource(n), &calendar);
        })
        .await?;
        close()
    }

    /// One more resource, whose slots are of 15 minutes, with so many bookings on
    /// its first slots: every day's all but the last four.
    pub async fn busy_resource(&self, data: &Path, count: u64) -> Result<ResourceId, Failure> {
        let (shell, close) = open(data)?;
        let (id, now): (ResourceId, _) = (shell.id(), shell.now());
        let overrides = Overrides { booking_interval: Some(15), ..Overrides::default() };
        let mut write = Write::new();
        write.insert_resource(&id, &resource(self.tenant, now, overrides));
        for n in 0..count {
            let day = i64::try_from(n / 36)?;
            let start = self.first_day.as_millis() / 1000 + day * DAY + OPENING;
            let start = Timestamp::from_seconds(start + i64::try_from(n % 36)? * 900);
            let end = start + Duration::from_secs(900);
            let booking = Booking { resource: id, start, end, ..self.booking(0, now) };
            write.insert::<Bookings>(&shell.id(), &booking);
        }
        let calendar = Calendar { revision: count, longest_ms: 900_000 };
        write.insert::<Calendars>(&id, &calendar);
        shell.store.commit(write).await?;
        close()?;
        Ok(id)
    }

    /// The row of booking `n`.
    pub fn booking(&self, n: u64, now: Timestamp) -> Booking {
        let (start, end) = self.slot(n / self.resources.len() as u64);
        Booking {
            tenant: self.tenant,
            resource: self.resource(n),
            user: self.user,
            client: self.user,
            start,
            end,
            start_local: start.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).datetime(),
            zone: "America/Sao_Paulo".to_owned(),
            notes: None,
            status: BookingStatus::Pendente,
            hold: None,
            occurrence: None,
            cancellation: None,
            sequence: 0,
            by: Author::new(AuthorKind::Operator, "bench"),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Requests for bookings, the n-th for booking `n`.
    pub fn bookings(&self, address: &Address) -> Script {
        let (house, address) = (self.clone(), address.clone());
        Arc::new(move |n| {
            let slot = n / house.resources.len() as u64;
            address.post("/bookings", &house.wish(house.resource(n), slot))
        })
    }

    /// The same, all on one resource.
    pub fn bookings_of_one(&self, address: &Address, resource: u64) -> Script {
        let (house, address) = (self.clone(), address.clone());
        let resource = house.resource(resource);
        Arc::new(move |n| address.post("/bookings", &house.wish(resource, n)))
    }

    /// The body that asks for a slot of a resource.
    pub fn wish(&self, resource: ResourceId, slot: u64) -> String {
        let (start, end) = self.slot(slot);
        let (start, end) = (start.to_seconds_string(), end.to_seconds_string());
        let user = self.user;
        format!(
            r#"{{"resource_id":"{resource}","user_id":"{user}","start_time":"{start}","end_time":"{end}"}}"#
        )
    }

    /// The resource of booking `n`.
    pub fn resource(&self, n: u64) -> ResourceId {
        let at = usize::try_from(n % self.resources.len() as u64).unwrap_or(0);
        self.resources.get(at).copied().unwrap_or_else(|| ResourceId::new(self.first_day, [0; 10]))
    }

    /// A day as the API writes it, so many days after the first.
    pub fn day(&self, after: i64) -> String {
        let at = Timestamp::from_seconds(self.first_day.as_millis() / 1000 + after * DAY);
        at.to_seconds_string().chars().take(10).collect()
    }

    fn slot(&self, slot: u64) -> (Timestamp, Timestamp) {
        let place = |n: u64| i64::try_from(n).unwrap_or(0);
        let (day, place) = (place(slot / SLOTS_A_DAY), place(slot % SLOTS_A_DAY));
        let start = self.first_day.as_millis() / 1000 + day * DAY + OPENING + place * 60 * SLOT;
        (Timestamp::from_seconds(start), Timestamp::from_seconds(start + 60 * SLOT))
    }
}

/// Where the daemon of a data directory is, with the operator's token.
pub fn address(data: &Path) -> Result<Address, Failure> {
    let read = |name| std::fs::read_to_string(data.join(name));
    let (host, token) = (read("address")?, read("operator.token")?);
    Ok(Address { host: host.trim().to_owned(), token: token.trim().to_owned() })
}

/// The store of a daemon that is down, and what closes it.
pub fn open(data: &Path) -> Result<(Shell, impl FnOnce() -> Result<(), Failure>), Failure> {
    let (clock, engine) = open_engine(data)?;
    let shell = Shell { store: Store::new(engine.clone()), clock, dice: Dice::system() };
    Ok((shell, move || Ok(engine.close()?)))
}

/// Posts, and tells the id of what was made.
async fn made(
    wire: &mut Wire,
    address: &Address,
    path: &str,
    body: &str,
) -> Result<String, Failure> {
    let answer = wire.ask(&address.post(path, body)).await?;
    let record: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let id = record.get("id").and_then(serde_json::Value::as_str);
    Ok(id.ok_or_else(|| format!("{path}: {record}"))?.to_owned())
}

/// Writes `count` rows from many writers, some at a time.
async fn share<F>(shell: &Shell, count: u64, row: F) -> Result<(), Failure>
where
    F: Fn(&mut Write, u64) + Send + Sync + 'static,
{
    let (row, writers) = (Arc::new(row), u64::from(WRITERS));
    let mut tasks: JoinSet<Result<(), Failure>> = JoinSet::new();
    for writer in 0..writers {
        let (store, row) = (shell.store.clone(), row.clone());
        tasks.spawn(async move {
            let mut from = writer * ROWS;
            while from < count {
                let mut write = Write::new();
                (from..(from + ROWS).min(count)).for_each(|n| row(&mut write, n));
                store.commit(write).await?;
                from += writers * ROWS;
            }
            Ok(())
        });
    }
    while let Some(written) = tasks.join_next().await {
        written??;
    }
    Ok(())
}

fn tomorrow(now: Timestamp) -> Timestamp {
    Timestamp::from_seconds((now.as_millis() / 1000).div_euclid(DAY) * DAY + DAY)
}

fn resource(tenant: TenantId, now: Timestamp, settings: Overrides) -> Resource {
    Resource {
        tenant,
        category: None,
        name: "Sala".to_owned(),
        description: None,
        capacity: None,
        location: None,
        attributes: "{}".to_owned(),
        is_active: true,
        concurrent_bookings: 1,
        availability_schedule: None,
        settings,
        calendar_token: None,
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}
