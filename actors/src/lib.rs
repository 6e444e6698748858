//! Decisions: pure rules, the actors around them, and the engine they stand on.

pub mod agenda;
pub mod answer;
pub mod booking;
pub mod checks;
pub mod drive;
pub mod engine;
pub mod error;
pub mod facts;
pub mod ical;
pub mod id_number;
pub mod identity;
pub mod mode;
pub mod moment;
pub mod nextcloud;
pub mod resources;
pub mod tenants;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod users;
pub mod wispro;

pub use answer::{Keep, PendingAnswer, Rendered};
pub use error::{Error, Flaw, Refusal};
