//! The model: bookings in a list, minutes counted one by one.

use zelador_store::booking::BookingStatus;

/// A booking, as the model knows it. Times are minutes since the first day's
/// midnight, local.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) room: usize,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) status: BookingStatus,
    pub(super) series: Option<usize>,
    /// Minutes since the beginning of the story.
    pub(super) held_until: Option<u64>,
}

impl Entry {
    pub(super) fn is_open(&self) -> bool {
        matches!(
            self.status,
            BookingStatus::Reservado | BookingStatus::Pendente | BookingStatus::Confirmado
        )
    }
}

/// What became of a step: it was done, the seats were taken, or the booking was
/// not in a state for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Collides,
    Closed,
    Unreachable,
}

/// All bookings there are.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) seats: u32,
    pub(super) buffer: i64,
    pub(super) entries: Vec<Entry>,
    pub(super) minute: u64,
}

impl List {
    /// Whether a seat is free in every minute of a stay, and of the buffer after
    /// it; each booking keeps its seat through the buffer after it, too.
    fn fits(&self, stay: &Entry, but: Option<usize>) -> bool {
        (stay.start..stay.end + self.buffer).all(|minute| {
            let mut there = 0;
            for (number, other) in self.entries.iter().enumerate() {
                let counts = Some(number) != but && other.is_open() && other.room == stay.room;
                if counts && other.start <= minute && minute < other.end + self.buffer {
                    there += 1;
                }
            }
            there < self.seats
        })
    }

    /// Adds a booking if there is a seat.
    pub(super) fn book(&mut self, entry: Entry) -> Outcome {
        if !self.fits(&entry, None) {
            return Outcome::Collides;
        }
        self.entries.push(entry);
        Outcome::Done
    }

    /// Adds those that find a seat, or none at all.
    pub(super) fn book_all(&mut self, all: Vec<Entry>, skip: bool) -> Outcome {
        let (before, count) = (self.entries.len(), all.len());
        for entry in all {
            self.book(entry);
        }
        let booked = self.entries.len() - before;
        if booked == 0 || (booked < count && !skip) {
            self.entries.truncate(before);
            return Outcome::Collides;
        }
        Outcome::Done
    }

    /// Puts a booking elsewhere if there is a seat.
    pub(super) fn put(&mut self, of: usize, room: usize, (start, end): (i64, i64)) -> Outcome {
        let moved = Entry { room, start, end, ..self.entries[of].clone() };
        if !moved.is_open() {
            return Outcome::Closed;
        }
        if !self.fits(&moved, Some(of)) {
            return Outcome::Collides;
        }
        self.entries[of] = moved;
        Outcome::Done
    }

    /// Moves to another status along the arrows of the specification.
    pub(super) fn to(&mut self, of: usize, to: BookingStatus) -> Outcome {
        use BookingStatus::{Confirmado, Pendente, Rejeitado, Reservado};
        let entry = &mut self.entries[of];
        let arrow = matches!(
            (entry.status, to),
            (Reservado, Pendente | Confirmado) | (Pendente, Confirmado | Rejeitado)
        );
        if !arrow && entry.status != to {
            return Outcome::Unreachable;
        }
        entry.status = to;
        Outcome::Done
    }

    /// Calls a booking off, or all of its series from there on.
    pub(super) fn cancel(&mut self, of: usize, following: bool) -> Outcome {
        let named = self.entries[of].clone();
        if !named.is_open() {
            return Outcome::Closed;
        }
        for (number, entry) in self.entries.iter_mut().enumerate() {
            let follows = following
                && named.series.is_some()
                && entry.series == named.series
                && entry.start >= named.start;
            if entry.is_open() && (number == of || follows) {
                entry.status = BookingStatus::Cancelado;
            }
        }
        Outcome::Done
    }

    /// Minutes go by; the holds whose time is up.
    pub(super) fn wait(&mut self, minutes: u64) -> Vec<usize> {
        self.minute += minutes;
        let mut expired = Vec::new();
        for (number, entry) in self.entries.iter_mut().enumerate() {
            let over = entry.held_until.is_some_and(|until| until <= self.minute);
            if over && entry.status == BookingStatus::Reservado {
                entry.status = BookingStatus::Expirado;
                expired.push(number);
            }
        }
        expired
    }
}
