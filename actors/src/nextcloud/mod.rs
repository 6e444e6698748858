//! The nextcloud concern: an account in the right instance, exactly once.
//!
//! ```text
//! user.created, a person ─▶ account pending + job nextcloud.create_user
//!        pool: instance and id, durable ─▶ lines ─▶ port ─┬ http ┐
//!                                                         └ ssh  ┴─▶ the instance
//!        active ─▶ event, link to the first password
//! lifecycle, plans ─▶ disable_user, enable_user, set_quota, delete_user
//! watch: each instance's health ─▶ breaker ─▶ who waits is woken
//! ```
//! ```text
//! pending ──▶ creating ──▶ active ⇄ disabled
//!    ▲            │           │
//!    └── retried ─┴─▶ failed  └─ moved: creating elsewhere
//! ```
//! Invariants:
//! - Creating an account is not atomic anywhere: after any doubt the account is
//!   looked at, compared, and repaired, never just asked for again.
//! - An account that zelador did not make is never taken for its own.
//! - A server's words are shown and never matched on where they are translated.
//! - A place is given back only where nothing can stand.
//! - An instance whose login was refused is asked nothing more until somebody
//!   changed it or looked at it by hand.
//! - A secret is in no row unsealed, and in no argument, log, event or answer; a
//!   first password is shown once, to who holds its link.

mod actor;
mod consumer;
pub mod http;
pub mod jobs;
pub mod lines;
pub mod make;
pub mod messages;
mod metered;
pub mod pool;
pub mod port;
pub mod queries;
pub mod rules;
pub mod settings;
pub mod ssh;
mod stage;
mod watch;

#[cfg(test)]
mod tests;

pub use actor::{NextcloudDesk, Purged};
pub use consumer::Follow;
pub use jobs::handlers;
pub use lines::{Line, Lines, Switchboard};
pub use messages::{
    AccountRecord, AddInstance, ApiDraft, Checked, InstanceDraft, InstanceRecord, MoveAccount,
    NewSecret, Provision, RemoveInstance, Revealed, ReviseInstance, SecretChange, SshDraft,
};
pub use port::Port;
pub use settings::{HandOver, Mode, NextcloudSettings, Quotas};
pub use stage::registered;
pub use watch::Watcher;
