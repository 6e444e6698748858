//! Which status leads to which, and who may lead it there.
//!
//! ```text
//! reservado ──▶ pendente | confirmado | expirado | cancelado
//! pendente ───▶ confirmado | rejeitado | cancelado
//! confirmado ─▶ concluido | nao_compareceu | cancelado
//! ```
//! Nothing leads out of the others.

use zelador_store::Timestamp;
use zelador_store::booking::{Booking, BookingStatus};

use crate::error::Refusal;

/// The status that a request for `to` leads to; `Ok(None)`: it is so already.
///
/// Who does not manage bookings may only turn a hold of their own into a booking,
/// which is confirmed where bookings are at once.
pub fn step(
    booking: &Booking,
    to: BookingStatus,
    manages: bool,
    auto_confirm: bool,
    now: Timestamp,
) -> Result<Option<BookingStatus>, Refusal> {
    use BookingStatus::{
        Cancelado, Concluido, Confirmado, Expirado, NaoCompareceu, Pendente, Rejeitado, Reservado,
    };
    let from = booking.status;
    let taken_up = from == Reservado && matches!(to, Pendente | Confirmado);
    let to = if taken_up && auto_confirm { Confirmado } else { to };
    if from == to {
        return Ok(None);
    }
    let possible = match from {
        Reservado => matches!(to, Pendente | Confirmado | Expirado | Cancelado),
        Pendente => matches!(to, Confirmado | Rejeitado | Cancelado),
        Confirmado => matches!(to, Concluido | NaoCompareceu | Cancelado),
        Expirado | Rejeitado | Cancelado | Concluido | NaoCompareceu => false,
    };
    if !possible {
        return Err(impossible(from, to));
    }
    let own = to == Cancelado || (taken_up && (to == Pendente || auto_confirm));
    if !manages && !own {
        return Err(Refusal::Forbidden { code: "forbidden" });
    }
    let over = booking.hold.as_ref().is_some_and(|hold| hold.until <= now);
    if taken_up && over {
        return Err(Refusal::conflict("hold_expired"));
    }
    Ok(Some(to))
}

/// A refusal to change what is no longer to be changed.
pub fn open(booking: &Booking) -> Result<(), Refusal> {
    if booking.status.occupies() { Ok(()) } else { Err(closed(booking.status)) }
}

fn closed(status: BookingStatus) -> Refusal {
    Refusal::Conflict {
        code: "booking_closed",
        args: vec![("status", status.word().to_owned())],
        details: serde_json::json!({ "status": status.word() }),
    }
}

fn impossible(from: BookingStatus, to: BookingStatus) -> Refusal {
    Refusal::Conflict {
        code: "status_not_reachable",
        args: vec![("from", from.word().to_owned()), ("to", to.word().to_owned())],
        details: serde_json::json!({ "status": from.word() }),
    }
}
