//! The ways out: a mail server, a gateway to telephones, an address for alerts.

mod gateway;
mod mail;
mod smtp;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::settings as tests_settings;

use std::time::Duration;

pub use gateway::{Gateway, Message};
pub use mail::{Invite, Letter, bare, compose};
pub use smtp::Post;

use crate::engine::jobs::Failure;

/// How long after a refused login nobody tries again: mail servers lock accounts.
pub const LOGIN_PAUSE: Duration = Duration::from_secs(300);

/// Why something was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It can never be, to this recipient: the address is none, or is refused.
    #[error("refused for good: {0}")]
    Refused(String),
    /// The other side does not know us, whoever the recipient is.
    #[error("{0}")]
    Login(String),
    /// Another time, perhaps.
    #[error("{error}")]
    Later {
        /// What happened.
        error: String,
        /// Not sooner than this, if the other side said so.
        after: Option<Duration>,
    },
}

impl Undelivered {
    /// Another time, perhaps.
    pub fn later(error: impl std::fmt::Display) -> Self {
        Self::Later { error: error.to_string(), after: None }
    }

    /// What it means to the job that tried. A refused login is nobody's try: the
    /// notice waits until an operator has mended it.
    pub fn failure(self, now: zelador_store::Timestamp) -> Failure {
        match self {
            Self::Refused(error) => Failure::permanent(format!("refused for good: {error}")),
            Self::Login(reason) => Failure::Snooze { until: Some(now + LOGIN_PAUSE), reason },
            Self::Later { error, after } => Failure::Retry { error, after },
        }
    }
}
