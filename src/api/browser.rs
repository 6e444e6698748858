//! What a browser says beside what programs say: cookies, where a form comes from,
//! what is in it. Pages ask for it; the interface for programs never looks at it.

use warp::http::header::{self, HeaderMap, HeaderName};
use warp::http::uri::Authority;
use warp::http::{StatusCode, Uri};

use super::problem::Problem;

const LOOK: HeaderName = HeaderName::from_static("x-zelador-look");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// What a form is sent as.
const FORM: &str = "application/x-www-form-urlencoded";
/// Fields of a form, and parameters of a page, that are looked at.
const MOST_FIELDS: usize = 100;

/// A browser's request.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    cookies: Vec<(String, String)>,
    origin: Option<String>,
    site: Option<String>,
    host: String,
    path: String,
    is_fetch: bool,
    is_form: bool,
    proto: Option<String>,
    /// The query as it was written, without its `?`.
    pub(crate) query: String,
    parameters: Vec<(String, String)>,
    fields: Vec<(String, String)>,
}

impl Browser {
    /// What the head says; `form` is the body of a form.
    pub(super) fn new(headers: &HeaderMap, uri: &Uri, form: Option<&[u8]>) -> Self {
        let host = uri.authority().map_or("", Authority::as_str);
        let query = uri.query().unwrap_or_default();
        let text = |name: &HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Self {
            cookies: cookies(headers),
            origin: text(&header::ORIGIN),
            site: text(&FETCH_SITE),
            host: text(&header::HOST).unwrap_or_else(|| host.to_owned()),
            path: uri.path().to_owned(),
            is_fetch: headers.contains_key(&LOOK),
            is_form: form.is_some(),
            proto: text(&FORWARDED_PROTO),
            query: query.to_owned(),
            parameters: fields(query.as_bytes()),
            fields: fields(form.unwrap_or_default()),
        }
    }

    /// The cookie of this name; the first, if there are several.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        of(&self.cookies, name)
    }

    /// The path as it was written, without the `/api` that may stand before it.
    pub(crate) fn path(&self) -> &str {
        self.path.strip_prefix("/api").filter(|rest| rest.starts_with('/')).unwrap_or(&self.path)
    }

    /// Whether the page's script looks again, and nobody reads what is not live.
    pub(crate) fn is_fetch(&self) -> bool {
        self.is_fetch
    }

    /// Whether it is a form.
    pub(crate) fn is_form(&self) -> bool {
        self.is_form
    }

    /// A field of the form; empty if it is not there.
    pub(crate) fn field(&self, name: &str) -> &str {
        of(&self.fields, name).unwrap_or_default()
    }

    /// A parameter of the address; empty if it is not there.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        of(&self.parameters, name).unwrap_or_default()
    }

    /// Whether a form was sent by a page of ours, as far as the browser says: a
    /// script of another origin cannot change these headers.
    pub(crate) fn is_own(&self) -> bool {
        let from_us = |origin: &String| {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(&self.host))
        };
        let site = self.site.as_deref().is_none_or(|site| site == "same-origin" || site == "none");
        site && self.origin.as_ref().is_none_or(from_us)
    }

    /// Whether what stands before the daemon says that the browser speaks plainly.
    pub(crate) fn speaks_plainly(&self) -> bool {
        self.proto.as_deref() == Some("http")
    }
}

fn of<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .take(MOST_FIELDS)
        .collect()
}

/// Names and values as forms and addresses write them.
fn fields(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().take(MOST_FIELDS).collect()
}

/// Refuses a body that is no form.
pub(super) fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = given.map(|text| text.split(';').next().unwrap_or_default().trim());
    if kind.is_some_and(|kind| kind.eq_ignore_ascii_case(FORM)) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json").header(header::ACCEPT, FORM))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(headers: &[(&'static str, &str)], form: &str) -> Browser {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        Browser::new(&map, &Uri::from_static("/x?a=b%20c&to=%2Fjobs"), Some(form.as_bytes()))
    }

    #[test]
    fn cookies_fields_and_parameters_are_found_by_name() {
        let seen = browser(&[("cookie", "a=1; b=x=y"), ("cookie", "c=3")], "name=Z%C3%A9+S&empty");
        assert_eq!([seen.cookie("a"), seen.cookie("b")], [Some("1"), Some("x=y")]);
        assert_eq!([seen.cookie("c"), seen.cookie("d")], [Some("3"), None]);
        assert_eq!([seen.field("name"), seen.field("empty"), seen.field("no")], ["Zé S", "", ""]);
        assert_eq!([seen.parameter("a"), seen.parameter("to")], ["b c", "/jobs"]);
    }

    #[test]
    fn only_forms_of_our_own_pages_are_own() {
        let host = ("host", "127.0.0.1:8000");
        let own = |more: &[(&'static str, &str)]| browser(&[&[host], more].concat(), "").is_own();
        assert!(own(&[]), "a program that has the form's token");
        assert!(own(&[("origin", "http://127.0.0.1:8000"), ("sec-fetch-site", "same-origin")]));
        assert!(own(&[("sec-fetch-site", "none")]));
        for foreign in ["http://127.0.0.1:3000", "https://evil.example", "null", ""] {
            assert!(!own(&[("origin", foreign)]), "{foreign}");
        }
        assert!(!own(&[("sec-fetch-site", "same-site")]) && !own(&[("sec-fetch-site", "x")]));
    }
}
