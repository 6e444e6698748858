//! What the concerns stand on: time, jobs, schedules, events, supervision.

pub mod audit;
pub mod clock;
pub mod copies;
pub mod events;
pub mod jobs;
pub mod notifications;
pub mod programs;
pub mod schedules;
pub mod seal;
pub mod settings;
pub mod supervisor;
pub mod ticks;
mod tries;
pub mod webhooks;

pub use clock::{Clock, Dice, Hand, Shell};
pub use tries::Tries;
