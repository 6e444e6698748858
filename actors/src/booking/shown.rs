//! A booking as the audit shows it.

use serde::Serialize;
use serde_json::{Value, json};
use zelador_store::Timestamp;
use zelador_store::booking::{Booking, BookingStatus, Cancellation, Hold, Occurrence};
use zelador_store::id::{ResourceId, UserId};

/// Members that the entry says by itself, or that say again what others do.
const UNSHOWN: [&str; 4] = ["tenant", "by", "start_local", "zone"];

/// The record as the audit compares it.
pub(super) fn shown(booking: &Booking) -> Value {
    let mut shown = json!(booking);
    if let Some(members) = shown.as_object_mut() {
        for name in UNSHOWN {
            members.remove(name);
        }
    }
    shown
}

/// What is left of [`shown`] where there was nothing before: written as it is,
/// because most of what the audit hears of are new bookings.
#[derive(Serialize)]
pub(super) struct New<'a> {
    resource: ResourceId,
    user: UserId,
    client: UserId,
    start: Timestamp,
    end: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<&'a str>,
    status: BookingStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<&'a Hold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurrence: Option<&'a Occurrence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation: Option<&'a Cancellation>,
    sequence: u32,
}

impl<'a> New<'a> {
    pub(super) fn of(booking: &'a Booking) -> Self {
        // By name, so that a new member is not forgotten.
        let Booking {
            resource,
            user,
            client,
            start,
            end,
            notes,
            status,
            hold,
            occurrence,
            cancellation,
            sequence,
            tenant: _,
            by: _,
            start_local: _,
            zone: _,
            version: _,
            created_at: _,
            updated_at: _,
        } = booking;
        Self {
            resource: *resource,
            user: *user,
            client: *client,
            start: *start,
            end: *end,
            notes: notes.as_deref(),
            status: *status,
            hold: hold.as_ref(),
            occurrence: occurrence.as_ref(),
            cancellation: cancellation.as_ref(),
            sequence: *sequence,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{DateTime, date};
    use proptest::option::of;
    use proptest::prelude::*;
    use zelador_store::Id;
    use zelador_store::author::{Author, AuthorKind};
    use zelador_store::id::Kind;

    use super::*;
    use crate::engine::audit::Deed;

    fn id<K: Kind>() -> impl Strategy<Value = Id<K>> {
        (at(), any::<[u8; 10]>()).prop_map(|(at, random)| Id::new(at, random))
    }

    fn at() -> impl Strategy<Value = Timestamp> {
        (0..4_000_000_000_000_i64).prop_map(Timestamp::from_millis)
    }

    fn local() -> impl Strategy<Value = DateTime> {
        (2000..2100_i16, 1..=12_i8, 1..=28_i8, 0..24_i8, 0..60_i8).prop_map(
            |(year, month, day, hour, minute)| date(year, month, day).at(hour, minute, 0, 0),
        )
    }

    /// Anything that has to be escaped, and now and then what no row has room for.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![8 => ".{0,40}", 1 => "[\"\\\\\n\u{0}-\u{1f}é…]{0,20}", 1 => "x{23000,26000}"]
    }

    fn author() -> impl Strategy<Value = Author> {
        let kinds = [AuthorKind::Operator, AuthorKind::Service, AuthorKind::User, AuthorKind::Job];
        (prop::sample::select(kinds.to_vec()), text(), of(text()))
            .prop_map(|(kind, id, request)| Author { kind, id, request, address: None })
    }

    fn booking() -> impl Strategy<Value = Booking> {
        let ids = (id(), id(), id(), id());
        let times = (at(), at(), local(), text(), at(), at());
        let held =
            (at(), id(), of(id())).prop_map(|(until, job, waitlist)| Hold { until, job, waitlist });
        let place = (id(), any::<u32>(), local(), any::<bool>()).prop_map(
            |(series, index, original, dst_adjusted)| Occurrence {
                series,
                index,
                original,
                dst_adjusted,
            },
        );
        let end = (at(), author(), of(text())).prop_map(|(at, by, reason)| Cancellation {
            at,
            by,
            reason,
        });
        let parts = (of(text()), of(held), of(place), of(end), author());
        let status = prop::sample::select(BookingStatus::ALL.to_vec());
        (ids, times, parts, status, any::<u32>(), any::<u64>()).prop_map(
            |(ids, times, parts, status, sequence, version)| Booking {
                tenant: ids.0,
                resource: ids.1,
                user: ids.2,
                client: ids.3,
                start: times.0,
                end: times.1,
                start_local: times.2,
                zone: times.3,
                notes: parts.0,
                status,
                hold: parts.1,
                occurrence: parts.2,
                cancellation: parts.3,
                sequence,
                by: parts.4,
                version,
                created_at: times.4,
                updated_at: times.5,
            },
        )
    }

    proptest! {
        #[test]
        fn a_new_booking_reads_as_one_that_is_compared_with_nothing(booking in booking()) {
            let deed = Deed::new("booking.create", "x");
            let made = deed.clone().made(&New::of(&booking));
            prop_assert_eq!(made, deed.change(&Value::Null, &shown(&booking)));
        }
    }
}
