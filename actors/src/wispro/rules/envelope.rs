//! An answer of the upstream: both layers of its errors told apart.
//!
//! The upstream answers HTTP 200 whenever it can answer at all, and says in the
//! body's `status` what it really means. What stands between it and us (gateways,
//! proxies) answers in HTTP's own way.

use std::time::Duration;

use serde_json::{Map, Value};

/// Characters of what the upstream says that are repeated.
const SAID: usize = 200;
/// The longest wait that `Retry-After` is believed to mean.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// What came over the wire.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// `Retry-After`, as it was sent.
    pub retry_after: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Where a page stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pagination {
    /// Clients in all.
    pub total_records: Option<u64>,
    /// Pages in all.
    pub total_pages: Option<u64>,
    /// The page this is, as the upstream sees it.
    pub current_page: Option<u64>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The rows, each as it came.
    pub rows: Vec<Value>,
    /// Where it stands; `None`: the upstream did not say.
    pub pagination: Option<Pagination>,
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The token is not good: nothing goes on before somebody changes it.
    #[error("Wispro refuses the token (401): check [wispro] token")]
    Unauthorized,
    /// The licence has run out: nothing goes on before somebody pays.
    #[error("the Wispro licence has expired (402): the account must be renewed")]
    PaymentRequired,
    /// The request will not be answered, however often it is asked.
    #[error("Wispro refuses the request ({status}): {said}")]
    Refused {
        /// The status, of whichever layer.
        status: u16,
        /// What it said.
        said: String,
    },
    /// Another try may help.
    #[error("Wispro did not answer: {why}")]
    Passing {
        /// What was wrong.
        why: String,
        /// Not sooner than this.
        after: Option<Duration>,
    },
}

/// Reads an answer; `now` is in seconds since 1970, for a `Retry-After` that names
/// a date.
pub fn read(answer: &Answer, now: i64) -> Result<Sheet, Trouble> {
    let after = answer.retry_after.as_deref().and_then(|text| wait(text, now));
    judge_http(answer.status, after)?;
    let passing = |why: &str| Trouble::Passing { why: why.to_owned(), after };
    let body: Value = serde_json::from_slice(&answer.body)
        .map_err(|_| passing("an answer that is not JSON, perhaps a gateway's page"))?;
    let Value::Object(body) = body else { return Err(passing("JSON that is no envelope")) };
    judge_body(&body, after)?;
    let rows = match body.get("data") {
        Some(Value::Array(rows)) => rows.clone(),
        // A single object where a list is meant.
        Some(Value::Object(row)) => vec![Value::Object(row.clone())],
        _ => return Err(passing("an answer without data")),
    };
    Ok(Sheet { rows, pagination: pagination(&body) })
}

fn judge_http(status: u16, after: Option<Duration>) -> Result<(), Trouble> {
    let said = |text: &str| Trouble::Refused { status, said: text.to_owned() };
    match status {
        200..=299 => Ok(()),
        300..=399 => Err(said("the address redirects; is [wispro] base_url the one with www?")),
        401 | 403 => Err(Trouble::Unauthorized),
        402 => Err(Trouble::PaymentRequired),
        408 | 425 | 429 | 500.. => Err(Trouble::Passing { why: format!("HTTP {status}"), after }),
        _ => Err(said("HTTP")),
    }
}

fn judge_body(body: &Map<String, Value>, after: Option<Duration>) -> Result<(), Trouble> {
    let Some(status) = body.get("status").and_then(number) else { return Ok(()) };
    let said = said(body);
    match status {
        200..=299 => Ok(()),
        401 | 403 => Err(Trouble::Unauthorized),
        402 => Err(Trouble::PaymentRequired),
        429 | 500.. => {
            Err(Trouble::Passing { why: format!("status {status} in the body: {said}"), after })
        }
        _ => Err(Trouble::Refused { status: u16::try_from(status).unwrap_or(u16::MAX), said }),
    }
}

/// What the upstream says is wrong, bounded: the message, and which fields.
fn said(body: &Map<String, Value>) -> String {
    let message = body.get("message").and_then(Value::as_str).unwrap_or("no message");
    let fields = body.get("errors").and_then(Value::as_object);
    let fields: Vec<_> = fields.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let mut text = message.to_owned();
    if !fields.is_empty() {
        text = format!("{text} ({})", fields.join(", "));
    }
    text.chars().filter(|c| !c.is_control()).take(SAID).collect()
}

fn pagination(body: &Map<String, Value>) -> Option<Pagination> {
    let told = body.get("meta")?.get("pagination")?.as_object()?;
    let of = |name: &str| told.get(name).and_then(number);
    Some(Pagination {
        total_records: of("total_records"),
        total_pages: of("total_pages"),
        current_page: of("current_page"),
    })
}

/// A number, also one in quotes.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// `Retry-After`: seconds, or a date.
fn wait(text: &str, now: i64) -> Option<Duration> {
    let text = text.trim();
    let seconds = if let Ok(seconds) = text.parse::<u64>() {
        seconds
    } else {
        let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second();
        u64::try_from(at - now).unwrap_or(0)
    };
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// Where the reading of pages stands after one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onward {
    /// There may be more.
    Next,
    /// This was the last.
    Last,
    /// The upstream answers the same page whatever is asked for.
    Stuck,
}

/// Whether to go on after `page` of at most `cap`; `per_page` were asked for.
/// `repeats`: it held just the ids of the page before.
pub fn onward(sheet: &Sheet, page: u32, per_page: u32, cap: u32, repeats: bool) -> Onward {
    let told = sheet.pagination.unwrap_or_default();
    let other = told.current_page.is_some_and(|current| current != u64::from(page));
    if sheet.rows.is_empty() {
        return Onward::Last;
    }
    if page > 1 && (other || repeats) {
        return Onward::Stuck;
    }
    let last = match told.total_pages {
        Some(total) => u64::from(page) >= total,
        None => sheet.rows.len() < per_page as usize,
    };
    if last || page >= cap { Onward::Last } else { Onward::Next }
}

/// The wait before another try at the same page: 1, 2, 4 … 60 s, or what the
/// upstream asked for, and up to a tenth more. `chance` is from 0 to 1.
pub fn pause(failed: u32, asked: Option<Duration>, chance: f64) -> Duration {
    let doubled = Duration::from_secs(1_u64 << failed.saturating_sub(1).min(6));
    let wait = doubled.min(Duration::from_secs(60)).max(asked.unwrap_or_default());
    wait + wait.mul_f64(0.1 * chance.clamp(0.0, 1.0))
}
