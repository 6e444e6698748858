//! What ties an answer to its log lines: the request's id and the trace's.

use std::sync::Arc;

use warp::http::header::{HeaderMap, HeaderName};
use zelador_actors::engine::clock::Dice;
use zelador_store::Timestamp;

/// The header with the request's id, both ways.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The caller's id for the request, if it is one, else a new one.
pub(super) fn request_id(headers: &HeaderMap, dice: &Dice, now: Timestamp) -> Arc<str> {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    match given {
        Some(id) if is_request_id(id) => Arc::from(id),
        _ => Arc::from(dice.id::<zelador_store::id::Event>(now).to_string()),
    }
}

fn is_request_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

/// The trace of a valid `traceparent` (W3C Trace Context), else a new one: 32
/// lower-case hexadecimal digits.
pub(super) fn trace_id(headers: &HeaderMap, dice: &Dice) -> Arc<str> {
    let mut given = headers.get_all(TRACEPARENT).iter();
    if let (Some(value), None) = (given.next(), given.next())
        && let Some(id) = value.to_str().ok().and_then(of_traceparent)
    {
        return Arc::from(id);
    }
    Arc::from(hex::encode(dice.secret().get(..16).unwrap_or_default()))
}

/// `00-<trace id>-<parent id>-<flags>`; later versions may add more.
fn of_traceparent(value: &str) -> Option<&str> {
    let mut parts = value.trim().split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let more = parts.next().is_some();
    let sound = is_hex(version, 2)
        && version != "ff"
        && (version != "00" || !more)
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && is_hex(flags, 2)
        && [trace, parent].iter().all(|id| id.bytes().any(|byte| byte != b'0'));
    sound.then_some(trace)
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_trace_has_the_form_of_one_that_is_given() {
        for seed in 0..100 {
            let made = trace_id(&HeaderMap::new(), &Dice::seeded(seed));
            assert!(is_hex(&made, 32), "{made}");
            let given = format!("00-{made}-00f067aa0ba902b7-01");
            let headers = [(TRACEPARENT, given.parse().unwrap())].into_iter().collect();
            assert_eq!(trace_id(&headers, &Dice::seeded(seed + 1)), made);
        }
    }
}
