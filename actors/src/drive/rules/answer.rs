//! What Google's answers mean: done, again, later, never.

use std::time::Duration;

use serde_json::Value;

use crate::engine::jobs::Failure;

/// Characters of Google's words that are told.
const WORDS: usize = 300;
/// How long a limit that is not by the minute is waited out.
const LONG: Duration = Duration::from_secs(60 * 60);
/// The longest wait between two tries of one call.
const MOST_WAIT: f64 = 64.0;

/// Limits by the minute.
const MINUTE_LIMITS: [&str; 2] = ["userRateLimitExceeded", "rateLimitExceeded"];
/// Limits by the day.
const DAY_LIMITS: [&str; 2] = ["sharingRateLimitExceeded", "dailyLimitExceeded"];

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Another try may do it.
    #[error("Google Drive: {why}")]
    Passing {
        /// In words.
        why: String,
        /// Not sooner, if Google says so.
        after: Option<Duration>,
    },
    /// A limit that takes long to go.
    #[error("Google Drive: {why}")]
    Limited {
        /// In words.
        why: String,
    },
    /// The token is not good any more.
    #[error("Google Drive does not take the token")]
    Unauthorized,
    /// The credentials are not good: no token is to be had.
    #[error("Google gives no token: {why}")]
    Credentials {
        /// In words.
        why: String,
    },
    /// It is gone, or not ours to see.
    #[error("Google Drive: there is no such file, or it is not shared with the daemon's account")]
    Missing,
    /// It was made before.
    #[error("Google Drive: it exists already")]
    Exists,
    /// No try will do it.
    #[error("Google Drive refuses ({reason}): {why}")]
    Refused {
        /// Google's word for it.
        reason: String,
        /// In Google's words.
        why: String,
    },
}

impl Trouble {
    /// Whether the same call may be made again at once, or soon.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Passing { .. })
    }

    /// Whether Google refuses for this reason.
    pub fn is_for(&self, word: &str) -> bool {
        matches!(self, Self::Refused { reason, .. } if reason == word)
    }
}

/// A job that met it tries again, waits, or gives up.
impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let error = trouble.to_string();
        match trouble {
            Trouble::Passing { after, .. } => Self::Retry { error, after },
            Trouble::Limited { .. } => Self::Retry { error, after: Some(LONG) },
            Trouble::Unauthorized => Self::Retry { error, after: None },
            Trouble::Credentials { .. }
            | Trouble::Missing
            | Trouble::Exists
            | Trouble::Refused { .. } => Self::Permanent { error },
        }
    }
}

/// What an answer that is not a success means.
pub fn trouble(status: u16, retry_after: Option<&str>, body: &[u8]) -> Trouble {
    let after = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    let (reason, words) = said(body);
    let why = if words.is_empty() { format!("status {status}") } else { words };
    match status {
        401 => Trouble::Unauthorized,
        404 => Trouble::Missing,
        409 => Trouble::Exists,
        403 if MINUTE_LIMITS.contains(&reason.as_str()) => Trouble::Passing { why, after },
        403 if DAY_LIMITS.contains(&reason.as_str()) => Trouble::Limited { why },
        408 | 429 | 500.. => Trouble::Passing { why, after },
        _ => {
            let reason = if reason.is_empty() { format!("status {status}") } else { reason };
            Trouble::Refused { reason, why }
        }
    }
}

/// What the token endpoint's refusal means.
pub fn token_trouble(status: u16, retry_after: Option<&str>, body: &[u8]) -> Trouble {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(short);
    match (text("error"), text("error_description")) {
        (Some(word), told) if status < 500 && status != 429 => {
            let told = told.map(|told| format!(" ({told})")).unwrap_or_default();
            Trouble::Credentials { why: format!("{word}{told}{}", hint(&word)) }
        }
        _ => match trouble(status, retry_after, body) {
            Trouble::Refused { why, .. } => Trouble::Credentials { why },
            Trouble::Unauthorized | Trouble::Missing | Trouble::Exists => {
                Trouble::Credentials { why: format!("status {status}") }
            }
            other => other,
        },
    }
}

/// What an operator can do about it.
fn hint(word: &str) -> &'static str {
    match word {
        "invalid_grant" => {
            ": the key was replaced, the refresh token revoked, the subject is no user, or this machine's clock is off"
        }
        "unauthorized_client" => {
            ": the administrator of the domain has not granted this client the scope https://www.googleapis.com/auth/drive"
        }
        "invalid_client" => ": the client's id or secret is wrong",
        _ => "",
    }
}

/// Google's word for what is wrong, and its words. The list `errors` may be missing.
fn said(body: &[u8]) -> (String, String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(error) = body.get("error") else { return Default::default() };
    let reason = [
        error.pointer("/errors/0/reason"),
        error.pointer("/details/0/reason"),
        error.get("status"),
    ];
    let reason = reason.into_iter().flatten().find_map(Value::as_str).map(short);
    let words = error.get("message").and_then(Value::as_str).map(short);
    (reason.unwrap_or_default(), words.unwrap_or_default())
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(WORDS).collect()
}

/// How long to wait before the try after `tries`, which failed; `roll` is from 0 up
/// to, not including, 1.
pub fn wait(tries: u32, after: Option<Duration>, roll: f64) -> Duration {
    let own = (2_f64.powi(i32::try_from(tries).unwrap_or(6)) + roll).min(MOST_WAIT);
    // Whoever says when is believed, and not met by all at the same instant.
    let told = after.map(|after| after + Duration::from_secs_f64(roll));
    told.unwrap_or_else(|| Duration::from_secs_f64(own))
}
