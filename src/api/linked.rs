//! The small pages behind links in mails: a line of text, what is shown, a button, or
//! a form that chooses a password.
//!
//! Nothing in them comes from elsewhere, nothing of their addresses goes elsewhere,
//! and nobody keeps them. They hold one style and no script: the policy names the
//! style by its digest.

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use warp::http::StatusCode;
use warp::http::header::{self, HeaderName, HeaderValue};

use super::language::Language;
use super::problem::Problem;
use super::reply::Reply;

const STYLE: &str = include_str!("templates/linked.css");
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'self'"
    );
    // Letters of ASCII are a header.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});
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
    /// Its form, if it has one.
    pub(super) form: Option<Chosen>,
}

/// A form in which a password is chosen: what stands in it.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Where it posts to, relative to the page's address.
    pub(super) action: &'static str,
    /// The secret that opens it.
    pub(super) token: String,
    /// The address that one signs in with, and how it is called.
    pub(super) email: Option<(String, String)>,
    /// What stands above the password.
    pub(super) password: String,
    /// What stands above the same once more.
    pub(super) again: String,
    /// What a password must be.
    pub(super) rules: String,
    /// Characters, at least and at most.
    pub(super) limits: (usize, usize),
    /// Why the last try was refused.
    pub(super) refused: Option<String>,
    /// What stands on the button.
    pub(super) label: String,
}

impl Linked {
    /// The answer.
    pub(super) fn reply(self, language: Language, status: StatusCode) -> Result<Reply, Problem> {
        let page = Self { tag: language.tag(), ..self };
        let text = page.render().map_err(|error| Problem::fault("writing a page", error))?;
        let mut reply = Reply::bytes("text/html; charset=utf-8", text)
            .header(header::CONTENT_SECURITY_POLICY, POLICY.clone())
            .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
            .header(REFERRER, HeaderValue::from_static("no-referrer"))
            .language(language);
        reply.status = status;
        Ok(reply)
    }
}
