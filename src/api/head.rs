//! The bounds of a request's head, and headers that may be there once only.

use warp::http::header::{self, HeaderMap, HeaderName};
use warp::http::{StatusCode, Uri};

use super::idempotency;
use super::problem::Problem;
use super::{auth, trace};

/// The longest target, in bytes.
pub(super) const MAX_URI: usize = 8 * 1024;
/// All header lines together, in bytes.
pub(super) const MAX_HEADERS: usize = 16 * 1024;
/// Header lines.
pub(super) const MAX_LINES: usize = 100;

/// Refuses heads that are too large, and those that two parsers could read in two
/// ways. A length beside chunks never gets here: the parser drops it and believes
/// the chunks, as RFC 9112 (6.3) has it.
pub(super) fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > MAX_URI {
        return Err(Problem::new(StatusCode::URI_TOO_LONG, "uri_too_long").with("limit", MAX_URI));
    }
    let too_large = size(headers) > MAX_HEADERS || headers.len() > MAX_LINES;
    if too_large {
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large"));
    }
    let once: [HeaderName; 7] = [
        header::AUTHORIZATION,
        auth::API_KEY,
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        idempotency::KEY,
        trace::REQUEST_ID,
    ];
    for name in once {
        if headers.get_all(&name).iter().count() > 1 {
            return Err(ambiguous(&name));
        }
    }
    Ok(())
}

/// As HTTP/1.1 writes them: name, colon, space, value, line end.
fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

fn ambiguous(name: &HeaderName) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "ambiguous_header").with("header", name)
}
