//! The rules, by tables and properties.

mod budgets;
pub(crate) mod choice;
mod health;
mod ids;
mod occ;
mod ocs;
mod quotas;
mod quoting;
mod repairs;
