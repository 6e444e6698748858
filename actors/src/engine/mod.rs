//! What the concerns stand on: time, jobs, schedules, events, supervision.

pub mod clock;
pub mod jobs;
pub mod settings;
pub mod supervisor;
mod tries;

pub use clock::{Clock, Dice, Hand, Shell};
pub use tries::Tries;
