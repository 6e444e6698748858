//! What the log says once something is on disk: a decision on a draft is not.

use zelador_store::author::Author;

use super::messages::{Booked, BookingRecord, Changed, Command, What};

/// Something was booked.
pub(super) fn booked(booked: &Booked) {
    let (BookingRecord { id, booking, .. }, count) =
        (&booked.first, booked.occurrences.len().max(1));
    tracing::info!(booking = %id, resource = %booking.resource, count,
        tenant_id = %booking.tenant, by = %booking.by, "booked");
}

/// What the log says of a command that changed something.
pub(super) struct Line {
    what: &'static str,
    by: Author,
}

impl Line {
    pub(super) fn of(command: &Command) -> Self {
        let what = match command.what {
            What::Revise(_) => "changed",
            What::Move(_) => "moved to another status",
            What::Cancel { .. } => "called off",
        };
        Self { what, by: command.by.clone() }
    }

    pub(super) fn log(&self, changed: &Changed) {
        let (Self { what, by }, BookingRecord { id, booking, .. }) = (self, &changed.record);
        tracing::info!(booking = %id, resource = %booking.resource, count = changed.all.len(),
            tenant_id = %booking.tenant, by = %by, what, "booking changed");
    }
}
