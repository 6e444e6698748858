//! What became of a form, said once on the next page: sealed in a cookie, so that
//! nobody else puts words into our mouth.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zelador_actors::engine::seal::Seal;
use zelador_store::sealed::Sealed;

use super::text::Text;
use crate::api::Problem;

/// What the seal is for.
const ABOUT: &str = "dashboard/flash";
/// Characters of it; a cookie has little room.
const LONGEST: usize = 600;

/// What became of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flash {
    /// Whether it was done.
    pub(super) good: bool,
    /// In words.
    pub(super) text: String,
}

impl Flash {
    /// It was done.
    pub(super) fn done(text: impl Into<String>) -> Self {
        Self { good: true, text: cut(text.into()) }
    }

    /// It was refused, or failed.
    pub(super) fn refused(text: impl Into<String>) -> Self {
        Self { good: false, text: cut(text.into()) }
    }

    /// The cookie that holds it.
    pub(super) fn sealed(&self, seal: &Seal) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(seal.seal(ABOUT, &SecretString::from(text)).bytes())
    }

    /// What a cookie of ours holds.
    pub(super) fn opened(seal: &Seal, cookie: &str) -> Option<Self> {
        let sealed = Sealed::new(URL_SAFE_NO_PAD.decode(cookie).ok()?);
        serde_json::from_str(seal.open(ABOUT, &sealed).ok()?.expose_secret()).ok()
    }
}

fn cut(text: String) -> String {
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

/// A problem in words: its message, and what is wrong with each member.
pub(super) fn words(problem: &Problem, text: Text) -> String {
    let code = problem.code();
    let own = text.word("problem", code);
    let mut said = if own == code { problem.message(text.0) } else { own };
    for flaw in problem.flaws().iter().take(5) {
        let wrong = text.0.say(&format!("field-{}", flaw.code), &flaw.args);
        // Writing to a string does not fail.
        let _ = write!(said, " · {}: {wrong}", flaw.field);
    }
    said
}
