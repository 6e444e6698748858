//! What the concerns stand on: time, jobs, schedules, events, supervision.

pub mod clock;
pub mod jobs;
pub mod schedules;
pub mod settings;
pub mod supervisor;
pub mod ticks;

pub use clock::{Clock, Dice, Hand, Shell};
