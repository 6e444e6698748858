//! What pages say, in three languages: fluent messages under `texts/`, a folder a
//! language, a file a part.
//!
//! A word that has no message (a kind of job, a new state) is shown as it is.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::api::Language;

type Bundle = FluentBundle<FluentResource>;

macro_rules! files {
    ($tag:literal) => {
        &[
            include_str!(concat!("texts/", $tag, "/frame.ftl")),
            include_str!(concat!("texts/", $tag, "/work.ftl")),
            include_str!(concat!("texts/", $tag, "/people.ftl")),
            include_str!(concat!("texts/", $tag, "/flow.ftl")),
            include_str!(concat!("texts/", $tag, "/words.ftl")),
        ]
    };
}

/// The messages of a language.
pub(super) const fn sources(language: Language) -> &'static [&'static str] {
    match language {
        Language::Portuguese => files!("pt-BR"),
        Language::Spanish => files!("es"),
        Language::English => files!("en"),
    }
}

/// Says things in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text(pub(super) Language);

impl Text {
    /// A message.
    pub(super) fn s(self, code: &str) -> String {
        self.find(code, &[]).unwrap_or_else(|| code.to_owned())
    }

    /// A message about so many.
    pub(super) fn n(self, code: &str, count: impl Display) -> String {
        self.of(code, "count", count)
    }

    /// A message with a value in it.
    pub(super) fn v(self, code: &str, value: impl Display) -> String {
        self.of(code, "value", value)
    }

    fn of(self, code: &str, name: &'static str, value: impl Display) -> String {
        self.find(code, &[(name, value.to_string())]).unwrap_or_else(|| code.to_owned())
    }

    /// A word of the daemon's for people: the message `sort-word`, else the word.
    pub(super) fn word(self, sort: &str, word: &str) -> String {
        let code = format!("{sort}-{}", word.replace(['.', '_'], "-").to_lowercase());
        self.find(&code, &[]).unwrap_or_else(|| word.to_owned())
    }

    /// As documents name the language.
    pub(super) fn tag(self) -> &'static str {
        self.0.tag()
    }

    fn find(self, code: &str, args: &[(&'static str, String)]) -> Option<String> {
        let bundle = bundle_of(self.0);
        let pattern = bundle.get_message(code)?.value()?;
        let mut filled = FluentArgs::new();
        for (name, value) in args {
            let number = value.parse::<i64>().ok().filter(|number| number.to_string() == *value);
            match number {
                Some(number) => filled.set(*name, FluentValue::from(number)),
                None => filled.set(*name, FluentValue::from(value.as_str())),
            }
        }
        let mut flaws = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&filled), &mut flaws).into_owned();
        for flaw in flaws {
            tracing::warn!(code, language = self.tag(), %flaw, "a text of the dashboard is flawed");
        }
        Some(text)
    }
}

fn bundle_of(language: Language) -> &'static Bundle {
    static PORTUGUESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Portuguese));
    static SPANISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Spanish));
    static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
    match language {
        Language::Portuguese => &PORTUGUESE,
        Language::Spanish => &SPANISH,
        Language::English => &ENGLISH,
    }
}

/// What cannot be parsed is left out here and found by the test of the files.
fn bundle(language: Language) -> Bundle {
    let id: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    for source in sources(language) {
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*source).to_owned());
        bundle.add_resource_overriding(resource);
    }
    bundle
}
