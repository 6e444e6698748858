//! Stand-ins of the foreign systems: real servers on loopback, inside the binary.
//!
//! They behave as the systems themselves were observed to, traps included, and
//! can be told to fail. Development, the demo and the tests talk to them; code
//! that passes them works against the real thing. Nothing here is used by a
//! daemon in production, and nothing here knows the concerns.

pub mod drive;
pub mod nextcloud;
pub mod wispro;
