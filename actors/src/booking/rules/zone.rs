//! Local times and the instants they stand for.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::span::Span;
use zelador_store::Timestamp;

/// An instant, and whether the local time had to be moved to get there.
pub(super) struct Meant {
    pub(super) start: Timestamp,
    pub(super) moved: bool,
}

/// What a local time means.
pub(super) fn meant(_zone: &TimeZone, _local: DateTime) -> Option<Meant> {
    None
}

/// From the first instant of a local day to that of the next; `None`: the zone
/// left the day out.
pub fn day_span(_zone: &TimeZone, _date: Date) -> Option<Span> {
    None
}
