//! What ties an answer to its log lines: the request's id and the trace's.

use std::sync::Arc;

use uuid::Uuid;
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
        _ => {
            let id = dice.id::<zelador_store::id::Event>(now).uuid();
            Arc::from(&*id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
        }
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
    let mut bits = [0; 16];
    for (bit, byte) in bits.iter_mut().zip(dice.secret()) {
        *bit = byte;
    }
    // The digits of a UUID are those of its 128 bits.
    Arc::from(&*Uuid::from_bytes(bits).simple().encode_lower(&mut Uuid::encode_buffer()))
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
    fn a_new_trace_is_the_first_half_of_what_was_drawn() {
        for seed in 0..100 {
            let drawn = Dice::seeded(seed).secret();
            let made = trace_id(&HeaderMap::new(), &Dice::seeded(seed));
            assert_eq!(*made, hex::encode(&drawn[..16]));
        }
    }
}
