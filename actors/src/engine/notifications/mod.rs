//! Notices to people, and alerts to operators.
//!
//! ```text
//!  event ─▶ consumer `notifications` ─┬─▶ notification.send ── mail server, gateway
//!                                     └─▶ notification.remind ── its time ──▶ notification.send
//!             a booking moves: its reminders move; it is called off: they go
//!
//!  event ─▶ consumer `alerts` ─▶ row of the cause ─▶ alert.send ─▶ alert.deliver, each address
//!  alert.watch (a tick): the disk   └── within the window: waits for others
//! ```
//! Invariants:
//! - Where neither a mail server nor a gateway is configured nothing is enqueued,
//!   and what happened before one was is never told.
//! - One cause tells one person one thing once by each way, also after a replay of
//!   the event log; a crash between the mail server's word and the commit may tell
//!   it twice, with the same `Message-ID`.
//! - A job looks again before it tells: what is not so any more is not told.
//! - A job holds ids, no address and no text; nothing here knows a concern: facts
//!   come from events and rows.
//! - No alert is the cause of another.

mod alerts;
mod choices;
mod consumer;
mod desk;
mod inviter;
mod jobs;
pub mod links;
pub mod rules;
pub mod send;
pub mod settings;
pub mod templates;

#[cfg(test)]
mod tests;

pub use alerts::Alarms;
pub use choices::{Chosen, Wishes};
pub use consumer::Notices;
pub use desk::{NoticeDesk, NoticeHealth};
pub use inviter::Inviter;
pub use jobs::{Channel, Notice, Sample, TEST};
pub use links::{Links, OptOut};
pub use rules::tongue::Tongue;
pub use settings::{AlertSettings, GatewaySettings, Hidden, MailTls, NoticeSettings, SmtpSettings};
