//! The drive concern: folders on the VM and on Google Drive for each user, and what
//! users drop into them.
//!
//! ```text
//! POST /folders ─▶ row + job drive.create_folder ─▶ native | script ─▶ ready | failed
//!                                                          └─▶ event, job drive.callback
//! push, poll, look ─▶ journey + job drive.process_file ─▶ processed | failed ─▶ event, drive.callback
//! ```
//! Invariants:
//! - No HTTP request waits for Google.
//! - What is made on Drive is made under an id that was durable before: a repeat
//!   makes nothing twice.
//! - What the operator's programs and Google say is bounded, and judged, never
//!   trusted.

mod actor;
pub mod google;
pub mod jobs;
pub mod messages;
pub mod port;
pub mod queries;
pub mod rules;
pub mod settings;
pub mod summary;
mod vm;
mod watch;

#[cfg(test)]
mod tests;

pub use actor::DriveDesk;
pub use google::Google;
pub use messages::{Asked, FileView, FolderView};
pub use settings::{
    CallbackSettings, DriveSettings, Hidden, Mode, ProgramSettings, Provider, Speech,
};
pub use watch::{Left, Watcher};
