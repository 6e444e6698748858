//! Tenants: white-label organisations, their rules, and their end.
//!
//! ```text
//! registered ⇄ revised → deleted (at once invisible) → purged, by a job
//! ```
//! Invariants:
//! - No two living tenants share a domain; a deleted one's is free again.
//! - A deleted tenant is in no answer, and nothing can be registered under it:
//!   whoever adds a row to a tenant expects the tenant's row unchanged.
//! - Nothing here waits for the purge; it resumes where it was, after a restart
//!   too.

mod actor;
mod desk;
pub mod jobs;
pub mod messages;
pub mod queries;
pub mod rules;

pub(crate) use actor::load;
pub use desk::TenantDesk;
pub use messages::{Delete, Register, Revise, TenantRecord};
pub use rules::TenantDraft;

#[cfg(test)]
mod tests;
