//! When reminders of a booking fall due.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::booking::{Booking, BookingStatus};

/// Whether anybody is to be reminded of a booking that stands like this: a hold is
/// no booking yet.
pub fn is_reminded(status: BookingStatus) -> bool {
    matches!(status, BookingStatus::Pendente | BookingStatus::Confirmado)
}

/// When the reminder so many minutes before the start falls due; `None`: never, for
/// the booking does not stand, or the moment has passed.
pub fn due(booking: &Booking, minutes: u32, now: Timestamp) -> Option<Timestamp> {
    let at = before(booking.start, minutes);
    (is_reminded(booking.status) && at > now).then_some(at)
}

/// What a reminder whose job has begun finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It is to be sent.
    Due,
    /// The booking has moved on: not before this.
    Early(Timestamp),
    /// There is nothing to be reminded of.
    Void,
}

/// Looks again at a booking: it may have moved, or gone, since the job was made.
pub fn look(booking: Option<&Booking>, minutes: u32, now: Timestamp) -> Finding {
    let Some(booking) = booking.filter(|booking| is_reminded(booking.status)) else {
        return Finding::Void;
    };
    if booking.start <= now {
        return Finding::Void;
    }
    let at = before(booking.start, minutes);
    if at > now { Finding::Early(at) } else { Finding::Due }
}

fn before(start: Timestamp, minutes: u32) -> Timestamp {
    let lead = Duration::from_secs(u64::from(minutes) * 60);
    Timestamp::from_millis(
        start.as_millis().saturating_sub(i64::try_from(lead.as_millis()).unwrap_or(i64::MAX)),
    )
}
