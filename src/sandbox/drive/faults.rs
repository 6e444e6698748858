//! How the stand-in fails, when told to.

use serde::{Deserialize, Serialize};

/// The switches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are switches")]
pub struct Faults {
    /// Calls fail with this HTTP status; 0: they do not.
    pub status: u16,
    /// With this reason of Google's, such as `userRateLimitExceeded`.
    pub reason: String,
    /// With `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
    /// So many calls fail; 0: all of them.
    pub times: u32,
    /// Of 100 calls so many fail; 0: all of them.
    pub percent: u8,
    /// Only calls whose `METHOD /path` holds this.
    pub only: String,
    /// What was asked is done all the same, and the failure answered then.
    pub after: bool,
    /// The connection is cut in the place of an answer.
    pub cut: bool,
    /// A failure is a page of HTML.
    pub html: bool,
    /// Failures come without the list `errors`.
    pub bare: bool,
    /// Milliseconds that every call takes longer.
    pub slow_ms: u64,
    /// Milliseconds between reading the permissions of a file and writing them: who
    /// shares twice at once sees the last alone.
    pub permission_ms: u64,
    /// Seconds that a token lives; 0: 3599.
    pub token_seconds: u32,
    /// Token requests are refused with this word, such as `invalid_grant`.
    pub token_error: String,
    /// So many of the newest files are not found by a list yet.
    pub list_lag: u64,
    /// Lists say that they did not look everywhere.
    pub incomplete: bool,
    /// Most changes on a page; 0: as asked.
    pub change_page: usize,
    /// Of 100 notifications so many are lost.
    pub lose_percent: u8,
    /// Of 100 notifications so many are posted twice.
    pub duplicate_percent: u8,
    /// Seconds that a channel lives at most; 0: as asked.
    pub channel_seconds: u32,
    /// Channels are refused with this word, such as `push.webhookUrlUnauthorized`.
    pub watch_error: String,
}

impl Faults {
    /// Whether a call is to fail, by a roll from 0 up to, not including, 1.
    pub(super) fn hits(&self, call: &str, roll: f64) -> bool {
        let on = self.status != 0 || self.cut;
        let chosen = self.percent == 0 || roll * 100.0 < f64::from(self.percent);
        on && chosen && call.contains(&self.only)
    }
}
