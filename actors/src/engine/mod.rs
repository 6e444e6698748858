//! What the concerns stand on: time, jobs, schedules, events, supervision.

pub mod clock;
pub mod settings;

pub use clock::{Clock, Dice, Hand, Shell};
