//! From a decision to one write: rows, holds, events and the audit.

use serde::Serialize;
use serde_json::{Value, json};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::booking::{Booking, BookingStatus, Bookings, Cancellation};
use zelador_store::event::Event;
use zelador_store::id::{BookingId, ResourceId, SeriesId, TenantId, UserId};
use zelador_store::user::Users;
use zelador_store::{Error as StoreError, Stored, Write};

use super::shown::{New, shown};
use super::waitlist;
use crate::engine::Shell;
use crate::engine::audit::{Deed, note};
use crate::engine::jobs::call_off;
use crate::facts::about;

/// Stages the changes of bookings, by one author.
pub(super) struct Stage<'a> {
    pub(super) shell: &'a Shell,
    pub(super) by: &'a Author,
    pub(super) write: Write,
}

impl<'a> Stage<'a> {
    pub(super) fn new(shell: &'a Shell, by: &'a Author) -> Self {
        Self { shell, by, write: Write::new() }
    }

    /// A new booking.
    pub(super) fn place(&mut self, id: BookingId, booking: &Booking) {
        self.write.insert::<Bookings>(&id, booking);
        self.tell("booking.created", id, booking, Payload::of(id, booking));
        self.note("booking.create", id, booking, |deed| deed.made(&New::of(booking)));
    }

    /// A booking whose interval, resource, client or notes differ.
    pub(super) fn revise(&mut self, found: &Stored<Bookings>, booking: &Booking) {
        self.write.update::<Bookings>(found, booking);
        let mut data = payload(found.key, booking);
        add(&mut data, "changes", changes(&found.row, booking));
        self.tell("booking.updated", found.key, booking, data);
        self.changed("booking.update", found, booking);
    }

    /// A booking that is called off.
    pub(super) async fn cancel(
        &mut self,
        found: &Stored<Bookings>,
        reason: Option<&str>,
    ) -> Result<Booking, StoreError> {
        let now = self.shell.now();
        let (at, by) = (now, self.by.clone());
        let cancellation = Some(Cancellation { at, by, reason: reason.map(str::to_owned) });
        let status = BookingStatus::Cancelado;
        let booking = Booking { cancellation, ..self.moved(found, status).await? };
        self.write.update::<Bookings>(found, &booking);
        let mut data = payload(found.key, &booking);
        add(&mut data, "old_status", json!(found.row.status.word()));
        add(&mut data, "reason", json!(reason));
        add(&mut data, "cancelled_by", json!(whom(self.by)));
        self.tell("booking.cancelled", found.key, &booking, data);
        self.changed("booking.cancel", found, &booking);
        Ok(booking)
    }

    /// A booking in another status, other than by being called off.
    pub(super) async fn status(
        &mut self,
        found: &Stored<Bookings>,
        to: BookingStatus,
    ) -> Result<Booking, StoreError> {
        let booking = self.moved(found, to).await?;
        self.write.update::<Bookings>(found, &booking);
        let mut data = payload(found.key, &booking);
        add(&mut data, "old_status", json!(found.row.status.word()));
        add(&mut data, "new_status", json!(to.word()));
        self.tell("booking.status_changed", found.key, &booking, data);
        self.changed("booking.set_status", found, &booking);
        Ok(booking)
    }

    /// A hold that ran out, or is ended as if it had.
    pub(super) async fn expire(&mut self, found: &Stored<Bookings>) -> Result<Booking, StoreError> {
        let booking = self.moved(found, BookingStatus::Expirado).await?;
        self.write.update::<Bookings>(found, &booking);
        let mut data = payload(found.key, &booking);
        add(&mut data, "old_status", json!(found.row.status.word()));
        self.tell("booking.hold_expired", found.key, &booking, data);
        self.changed("booking.set_status", found, &booking);
        Ok(booking)
    }

    /// The row in another status; a hold that ends by it takes its job along.
    async fn moved(
        &mut self,
        found: &Stored<Bookings>,
        to: BookingStatus,
    ) -> Result<Booking, StoreError> {
        if let Some(hold) = &found.row.hold
            && found.row.status == BookingStatus::Reservado
        {
            let (shell, now) = (self.shell, self.shell.now());
            if self.by.id != hold.job.to_string() {
                call_off(shell, &mut self.write, hold.job, "the hold has ended", now).await?;
            }
            if let Some(id) = &hold.waitlist {
                waitlist::answered(shell, &mut self.write, id, to).await?;
            }
        }
        Ok(self.in_status(found, to))
    }

    fn in_status(&self, found: &Stored<Bookings>, status: BookingStatus) -> Booking {
        Booking {
            status,
            sequence: found.row.sequence + 1,
            version: found.row.version + 1,
            updated_at: self.shell.now(),
            ..found.row.clone()
        }
    }

    /// Those whose timelines will tell of it are still there: a write that comes
    /// after the purge of a person would leave lines of nobody behind.
    pub(super) async fn expect_users(&mut self, users: &[UserId]) -> Result<(), StoreError> {
        for id in users {
            if let Some(user) = self.shell.store.get::<Users>(id).await? {
                self.write.expect(&user);
            }
        }
        Ok(())
    }

    fn tell(&mut self, kind: &str, id: BookingId, booking: &Booking, data: impl Serialize) {
        self.write.event(&about_booking(self.shell, kind, id, booking, self.by, data));
    }

    fn changed(&mut self, action: &'static str, found: &Stored<Bookings>, after: &Booking) {
        self.note(action, found.key, after, |deed| deed.change(&shown(&found.row), &shown(after)));
    }

    fn note(
        &mut self,
        action: &'static str,
        id: BookingId,
        of: &Booking,
        told: impl FnOnce(Deed) -> Deed,
    ) {
        // What the daemon does by itself is in the log of events; the audit is of
        // those who had it done.
        if self.by.kind != AuthorKind::Job {
            let deed = Deed::new(action, id).of(of.tenant).about(of.user);
            note(self.shell, &mut self.write, self.by, told(deed));
        }
    }
}

/// An event about a booking: in order with the others about it, and a line in the
/// timeline of whoever booked.
pub(super) fn about_booking(
    shell: &Shell,
    kind: &str,
    id: BookingId,
    booking: &Booking,
    by: &Author,
    data: impl Serialize,
) -> Event {
    let event = about(shell, kind, booking.tenant, format!("booking:{id}"), by, data);
    Event { user: Some(booking.user), ..event }
}

/// What every event about a booking says.
#[derive(Serialize)]
struct Payload {
    booking_id: BookingId,
    tenant_id: TenantId,
    user_id: UserId,
    client_id: UserId,
    resource_id: ResourceId,
    series_id: Option<SeriesId>,
    status: &'static str,
    start_time: String,
    end_time: String,
}

impl Payload {
    fn of(id: BookingId, booking: &Booking) -> Self {
        Self {
            booking_id: id,
            tenant_id: booking.tenant,
            user_id: booking.user,
            client_id: booking.client,
            resource_id: booking.resource,
            series_id: booking.occurrence.as_ref().map(|place| place.series),
            status: booking.status.word(),
            start_time: booking.start.to_seconds_string(),
            end_time: booking.end.to_seconds_string(),
        }
    }
}

/// The same, to be added to.
pub(super) fn payload(id: BookingId, booking: &Booking) -> Value {
    json!(Payload::of(id, booking))
}

/// The members that differ, as they are now.
fn changes(before: &Booking, after: &Booking) -> Value {
    let mut changes = json!({});
    let mut differs = |name: &str, differs: bool, value: Value| {
        if differs {
            add(&mut changes, name, value);
        }
    };
    differs("resource_id", before.resource != after.resource, json!(after.resource));
    differs("client_id", before.client != after.client, json!(after.client));
    differs("start_time", before.start != after.start, json!(after.start.to_seconds_string()));
    differs("end_time", before.end != after.end, json!(after.end.to_seconds_string()));
    differs("notes", before.notes != after.notes, json!(after.notes));
    changes
}

/// Who called something off, as payloads and records say it: a person's id, or
/// what else it was.
pub fn whom(by: &Author) -> String {
    match by.kind {
        AuthorKind::User => by.id.clone(),
        AuthorKind::Job => "system".to_owned(),
        other => other.word().to_owned(),
    }
}

fn add(data: &mut Value, name: &str, value: Value) {
    if let Some(members) = data.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
