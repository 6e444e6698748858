//! The small pages behind links in mails: a line of text, what is shown, a button.
//!
//! Nothing in them comes from elsewhere, nothing of their addresses goes elsewhere,
//! and nobody keeps them.

use askama::Template;
use warp::http::StatusCode;
use warp::http::header::{self, HeaderName, HeaderValue};

use super::language::Language;
use super::problem::Problem;
use super::reply::Reply;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'";
const REFERRER: HeaderName = HeaderName::from_static("referrer-policy");

/// A page; everything in it is text, and is escaped.
#[derive(Debug, Default, Template)]
#[template(path = "linked.html")]
pub(super) struct Linked {
    /// The language's tag; the answer sets it.
    pub(super) tag: &'static str,
    /// The title.
    pub(super) title: String,
    /// What it says.
    pub(super) text: String,
    /// What it shows: names and values.
    pub(super) shown: Vec<(String, String)>,
    /// Where its button posts to, relative to its own address, and what stands on it.
    pub(super) button: Option<(String, String)>,
}

impl Linked {
    /// The answer.
    pub(super) fn reply(self, language: Language, status: StatusCode) -> Result<Reply, Problem> {
        let page = Self { tag: language.tag(), ..self };
        let text = page.render().map_err(|error| Problem::fault("writing a page", error))?;
        let mut reply = Reply::bytes("text/html; charset=utf-8", text)
            .header(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
            .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
            .header(REFERRER, HeaderValue::from_static("no-referrer"))
            .language(language);
        reply.status = status;
        Ok(reply)
    }
}
