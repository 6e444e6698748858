//! When reminders fall due.

use std::time::Duration;

use proptest::prelude::*;
use zelador_store::Timestamp;
use zelador_store::booking::{Booking, BookingStatus};

use super::super::remind::{Finding, due, look};
use crate::engine::notifications::tests::booking;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(1_764_590_400_000 + minutes * 60_000)
}

fn starting(minutes: i64, status: BookingStatus) -> Booking {
    Booking { start: at(minutes), end: at(minutes + 60), status, ..booking() }
}

#[test]
fn what_stands_and_is_ahead_is_reminded_of() {
    use BookingStatus::{Cancelado, Concluido, Confirmado, Expirado, Pendente, Reservado};
    let of = |status| due(&starting(600, status), 60, at(0));
    for status in [Pendente, Confirmado] {
        assert_eq!(of(status), Some(at(540)));
    }
    for status in [Reservado, Cancelado, Expirado, Concluido] {
        assert_eq!(of(status), None, "{status:?}");
    }
    assert_eq!(due(&starting(600, Confirmado), 600, at(0)), None, "its moment has passed");
    assert_eq!(due(&starting(600, Confirmado), 599, at(0)), Some(at(1)));
}

#[test]
fn a_reminder_looks_again() {
    use BookingStatus::{Cancelado, Confirmado};
    let look_at = |booking: &Booking, now| look(Some(booking), 60, now);
    let stands = starting(600, Confirmado);
    assert_eq!(look_at(&stands, at(540)), Finding::Due);
    assert_eq!(look_at(&stands, at(599)), Finding::Due, "late, but still of use");
    assert_eq!(look_at(&stands, at(600)), Finding::Void);
    assert_eq!(look_at(&starting(900, Confirmado), at(540)), Finding::Early(at(840)));
    assert_eq!(look_at(&starting(600, Cancelado), at(540)), Finding::Void);
    assert_eq!(look(None, 60, at(540)), Finding::Void);
}

proptest! {
    /// What is due is ahead, before the start by its lead, and then is found due.
    #[test]
    fn what_is_due_is_found_so(start in -2000_i64..200_000, lead in 0_u32..100_000) {
        let booking = starting(start, BookingStatus::Confirmado);
        if let Some(when) = due(&booking, lead, at(0)) {
            prop_assert!(when > at(0) && when <= booking.start);
            prop_assert_eq!(booking.start.since(when), Duration::from_secs(u64::from(lead) * 60));
            if lead > 0 {
                prop_assert_eq!(look(Some(&booking), lead, when), Finding::Due);
            }
        }
    }
}
