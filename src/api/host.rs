//! Whom a request is addressed to: the defence against DNS rebinding.
//!
//! A page that makes its own name point at this machine still sends its own name
//! as `Host`; only names we know are answered. In absolute form the target's
//! authority counts, whatever the header says (RFC 9112, 3.2.2).

use warp::http::header::{self, HeaderMap};
use warp::http::uri::Authority;
use warp::http::{StatusCode, Uri, Version};

use super::problem::Problem;

/// The names that are ours without being configured.
const OWN: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Refuses a request that is not addressed to us: 400 if it names no host or
/// several, 421 if it names another. HTTP/2 names it in the target alone.
pub(super) fn check(
    version: Version,
    headers: &HeaderMap,
    target: &Uri,
    allowed: &[String],
) -> Result<(), Problem> {
    let mut named = headers.get_all(header::HOST).iter();
    let host = match (named.next(), named.next()) {
        (Some(host), None) => Some(host.to_str().map_err(|_| unusable())?),
        (None, _) if version >= Version::HTTP_2 => None,
        _ => return Err(unusable()),
    };
    let authority = target.authority().map(Authority::as_str);
    let name = authority.or(host).ok_or_else(unusable)?;
    if is_ours(name_of(name).ok_or_else(unusable)?, allowed) {
        Ok(())
    } else {
        Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "unknown_host"))
    }
}

fn unusable() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_host")
}

/// The name without its port; `None` if it is not a name and perhaps a port.
fn name_of(authority: &str) -> Option<&str> {
    let (name, port) = if authority.starts_with('[') {
        let end = authority.find(']')? + 1;
        authority.split_at_checked(end)?
    } else {
        authority.split_at_checked(authority.find(':').unwrap_or(authority.len()))?
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    let sound = !name.is_empty()
        && !name.contains(['@', ',', ' ', '/'])
        && digits.len() <= 5
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    sound.then_some(name)
}

fn is_ours(name: &str, allowed: &[String]) -> bool {
    OWN.iter().any(|own| name.eq_ignore_ascii_case(own))
        || allowed.iter().any(|own| name.eq_ignore_ascii_case(own))
}
