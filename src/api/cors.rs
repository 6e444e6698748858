//! Which web pages may call, as browsers ask it (the Fetch standard's CORS).

use warp::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::config::CorsSettings;

/// What scripts of other origins may read, beside the few headers they always may.
const EXPOSED: &str =
    "ETag, Link, Location, X-Request-Id, Retry-After, Idempotent-Replayed, Content-Language";

/// Whether this is a browser's question before the call itself.
pub(super) fn is_preflight(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds what every answer to a call from another origin carries.
pub(super) fn mark(request: &HeaderMap, settings: &CorsSettings, answer: &mut HeaderMap) {
    if !settings.enabled {
        return;
    }
    if !answers_all(settings) {
        answer.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    let Some(allowed) = allowed(request, settings) else { return };
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    if settings.allow_credentials {
        let yes = HeaderValue::from_static("true");
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    }
}

/// Adds what the answer to a preflight carries besides: the methods of the route
/// and each header that was asked for by name.
pub(super) fn permit(
    request: &HeaderMap,
    settings: &CorsSettings,
    methods: &HeaderValue,
    answer: &mut HeaderMap,
) {
    if !settings.enabled || allowed(request, settings).is_none() {
        return;
    }
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods.clone());
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(settings.max_age_seconds));
    let asked = asked_headers(request);
    if let Ok(asked) = HeaderValue::from_str(&asked)
        && !asked.is_empty()
    {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
    }
    answer.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
}

fn asked_headers(request: &HeaderMap) -> String {
    let values = request.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let names = values.iter().flat_map(|value| value.to_str().unwrap_or_default().split(','));
    let known: Vec<String> = names
        .filter_map(|name| name.trim().parse::<HeaderName>().ok())
        .take(64)
        .map(|name| name.to_string())
        .collect();
    known.join(", ")
}

fn answers_all(settings: &CorsSettings) -> bool {
    settings.any_origin() && !settings.allow_credentials
}

/// The value of `Access-Control-Allow-Origin`, if the origin may call.
fn allowed(request: &HeaderMap, settings: &CorsSettings) -> Option<HeaderValue> {
    let mut origins = request.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
    if answers_all(settings) {
        return Some(HeaderValue::from_static("*"));
    }
    let text = origin.to_str().ok()?;
    let named = settings.any_origin() || settings.origins.iter().any(|known| same(known, text));
    named.then(|| origin.clone())
}

/// Origins are compared as browsers write them; a configured one may end in a slash.
fn same(known: &str, origin: &str) -> bool {
    known.trim_end_matches('/').eq_ignore_ascii_case(origin)
}
