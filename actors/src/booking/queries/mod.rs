//! What is answered about bookings from committed data, on the caller's task.

mod calendar;
mod list;
mod report;

use std::sync::Arc;

use zelador_store::booking::Booking;
use zelador_store::id::{BookingId, TenantId};
use zelador_store::series::SeriesTable;

pub use calendar::{Availability, Explained, Feed, availability, explain, feed};
pub use list::{BookingFilter, list};
pub use report::{Report, ResourceReport, report};

use super::change::load;
use super::load::{Footing, can_cancel};
use super::messages::{BookingRecord, Pattern};
use crate::engine::Shell;
use crate::error::{During, Error, Refusal};

/// A booking that the caller may see.
pub async fn get(
    shell: &Shell,
    id: BookingId,
    within: Option<TenantId>,
) -> Result<BookingRecord, Error> {
    let found = load(shell, id, within).await?;
    let footing = Footing::of(shell, &found.row).await?;
    let Footing { terms, tenant } = footing.ok_or(Refusal::Absent { what: "booking" })?;
    let can_cancel = can_cancel(&terms, shell.now(), &found.row);
    let pattern = pattern_of(shell, &found.row).await?;
    Ok(BookingRecord { id, booking: found.row, can_cancel, pattern, tenant })
}

/// The recurring request that a booking came from.
pub(super) async fn pattern_of(
    shell: &Shell,
    booking: &Booking,
) -> Result<Option<Arc<Pattern>>, Error> {
    let Some(place) = &booking.occurrence else { return Ok(None) };
    let found = shell.store.get::<SeriesTable>(&place.series).await.during("reading a series")?;
    Ok(found.map(|found| Arc::new(Pattern { pattern: found.row.pattern, rrule: found.row.rrule })))
}
