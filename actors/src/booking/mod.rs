//! Booking: calendars that cannot collide.

pub mod rules;
