//! Categories and resources: what can be booked, when, and by which rules.
//!
//! ```text
//! made ⇄ revised → deleted (at once invisible) → removed for good, by a job
//!
//! rules:  tenant → category → resource      each says only what differs
//! ```
//! Invariants:
//! - A living resource's category lives, in the same tenant: who puts a resource
//!   into a category expects the category's row, and who deletes a category
//!   expects that it counts no resource.
//! - Nothing can be made under a tenant that is being deleted: whoever adds a row
//!   expects the tenant's row unchanged.
//! - The windows of a schedule never overlap, those that run past midnight
//!   included.
//! - Nothing here looks at a calendar but to count what a deletion would cancel;
//!   cancelling it follows from `resource.deleted`.

mod actor;
mod desk;
pub mod jobs;
pub mod messages;
pub mod queries;
pub mod rules;
pub mod settings;
mod tell;

#[cfg(test)]
mod tests;

pub use desk::ResourceDesk;
pub use messages::{CategoryRecord, Delete, Foreseen, Register, ResourceRecord, Revise, Upcoming};
pub use rules::{CategoryDraft, ResourceDraft, in_force};
pub use settings::ResourceSettings;
