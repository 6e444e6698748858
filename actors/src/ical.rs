//! A booking as calendar programs know it (RFC 5545): the same in a feed and in a
//! mail, so that a program takes both for one appointment. Pure.

use icalendar::{Component as _, Event, EventLike as _};
use zelador_store::Timestamp;
use zelador_store::booking::{Booking, BookingStatus};
use zelador_store::id::BookingId;

/// Who made it (RFC 5545, section 3.7.3).
pub const PRODUCT: &str = "-//zelador//bookings//PT";

/// A booking as an appointment: what it is called, and where it is.
pub fn event(id: BookingId, booking: &Booking, summary: &str, location: Option<&str>) -> Event {
    let (status, shown) = match booking.status {
        BookingStatus::Reservado | BookingStatus::Pendente => ("TENTATIVE", "OPAQUE"),
        BookingStatus::Confirmado | BookingStatus::Concluido | BookingStatus::NaoCompareceu => {
            ("CONFIRMED", "OPAQUE")
        }
        BookingStatus::Expirado | BookingStatus::Rejeitado | BookingStatus::Cancelado => {
            ("CANCELLED", "TRANSPARENT")
        }
    };
    let mut event = Event::new();
    event
        .uid(&format!("{id}@zelador"))
        .summary(summary)
        .add_property("DTSTAMP", utc(booking.updated_at))
        .add_property("CREATED", utc(booking.created_at))
        .add_property("LAST-MODIFIED", utc(booking.updated_at))
        .add_property("DTSTART", utc(booking.start))
        .add_property("DTEND", utc(booking.end))
        .add_property("SEQUENCE", booking.sequence.to_string())
        .add_property("STATUS", status)
        .add_property("TRANSP", shown);
    if let Some(location) = location {
        event.location(location);
    }
    event.done()
}

/// `20251205T140000Z`.
fn utc(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}
