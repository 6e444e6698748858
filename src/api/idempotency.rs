//! The same POST twice: `Idempotency-Key`.
//!
//! ```text
//! key free → in flight → answered 2xx → kept for 24 h → free
//!                      ↘ anything else → free
//! ```
//!
//! The answer is kept in the commit of the change ([`zelador_actors::Keep`]), so a
//! crash leaves both or neither. What is in flight is known to this process only:
//! after a crash nothing is. No key is looked at before its request is known to
//! be well-formed and permitted.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use warp::http::StatusCode;
use warp::http::header::{HeaderMap, HeaderName};
use zelador_actors::{Error, PendingAnswer};
use zelador_store::Timestamp;
use zelador_store::answer::Answer;

use super::problem::Problem;

/// The request header.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The response header of an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_hours(24);
/// The longest key.
const MAX_KEY: usize = 255;

/// Where kept answers are found.
#[async_trait]
pub trait AnswerSource: Send + Sync {
    /// The answer kept in this scope, as the disk has it at this moment.
    async fn find(&self, scope: &[u8; 32]) -> Result<Option<Answer>, Error>;
}

/// The key in the headers; 400 if it is empty, too long, not printable, or there
/// are two.
pub fn key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut given = headers.get_all(KEY).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let refused = || Problem::new(StatusCode::BAD_REQUEST, "bad_idempotency_key");
    let text = value.to_str().map_err(|_| refused())?;
    let sound = (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if sound && given.next().is_none() { Ok(Some(text)) } else { Err(refused()) }
}

/// Where the answer of this request is kept. `path` is the path without what is
/// optional.
pub fn place(
    bearer: Option<Uuid>,
    path: &str,
    key: &str,
    query: &Value,
    body: &Value,
    now: Timestamp,
) -> PendingAnswer {
    let bearer = bearer.map(|bearer| bearer.to_string()).unwrap_or_default();
    let scope = digest(&[bearer.as_bytes(), b"POST", path.as_bytes(), key.as_bytes()]);
    let fingerprint = digest(&[canonical(query).as_bytes(), canonical(body).as_bytes()]);
    PendingAnswer { scope, fingerprint, expires_at: now + KEPT }
}

/// SHA-256 over parts, each preceded by its length so that none runs into the next.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// One text for equal JSON values, whatever the order of keys.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let members: Vec<String> = members
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

/// What to do about a key.
#[derive(Debug, PartialEq)]
pub enum Decision {
    /// Go on, and keep the answer.
    Go,
    /// Answer this again.
    Replay(Answer),
    /// The key belongs to another request (422).
    Reused,
}

/// The rule.
pub fn decide(kept: Option<Answer>, pending: &PendingAnswer, now: Timestamp) -> Decision {
    match kept {
        Some(answer) if answer.expires_at <= now => Decision::Go,
        None => Decision::Go,
        Some(answer) if answer.fingerprint == pending.fingerprint => Decision::Replay(answer),
        Some(_) => Decision::Reused,
    }
}

/// The scopes of requests that are being answered.
#[derive(Debug, Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<[u8; 32]>>>);

impl InFlight {
    /// Takes a scope until the guard is dropped; 409 if it is taken.
    pub fn take(&self, scope: [u8; 32]) -> Result<Taken, Problem> {
        if self.0.lock().insert(scope) {
            return Ok(Taken { scope, of: self.clone() });
        }
        Err(Problem::new(StatusCode::CONFLICT, "request_in_flight")
            .retry_after(Duration::from_secs(1)))
    }
}

/// A scope that is taken.
#[derive(Debug)]
pub struct Taken {
    scope: [u8; 32],
    of: InFlight,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.of.0.lock().remove(&self.scope);
    }
}
