//! The three languages that people are answered in.
//!
//! Negotiation: what `Accept-Language` asks for, else the tenant's locale, else
//! the configured one. Messages live in `locales/*.ftl`, one message a code; a
//! test holds the three files to the same codes and the same arguments.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;
use zelador_actors::engine::notifications::Tongue;

/// A language that every text exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Brazilian Portuguese.
    #[default]
    Portuguese,
    /// Spanish.
    Spanish,
    /// English.
    English,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::Portuguese => Self::Portuguese,
            Tongue::Spanish => Self::Spanish,
            Tongue::English => Self::English,
        }
    }
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Portuguese, Self::Spanish, Self::English];

    /// As `Content-Language` says it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            Self::Spanish => "es",
            Self::English => "en",
        }
    }

    /// How a day is written, for `strftime`.
    pub const fn day_format(self) -> &'static str {
        match self {
            Self::Portuguese | Self::Spanish => "%d/%m/%Y",
            Self::English => "%Y-%m-%d",
        }
    }

    /// The language of a tag such as `pt`, `es-CL` or `en-GB`, in any letter case.
    pub fn of_tag(tag: &str) -> Option<Self> {
        Tongue::of_tag(tag).map(Self::from)
    }

    /// The language that an `Accept-Language` value asks for, if we have one of
    /// those it names: the greatest weight wins, then the earliest place.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in header.split(',').take(64) {
            let mut parts = range.split(';');
            let language = Self::of_tag(parts.next().unwrap_or_default());
            let weight = parts.find_map(weight_of).unwrap_or(1000);
            if let Some(language) = language
                && weight > best.map_or(0, |(most, _)| most)
            {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// The text of `code` with `args` filled in; the code itself where there is none.
    pub fn say(self, code: &str, args: &[(&'static str, String)]) -> String {
        self.find(code, args).unwrap_or_else(|| code.to_owned())
    }

    /// The text of `code`, if there is one.
    pub fn find(self, code: &str, args: &[(&'static str, String)]) -> Option<String> {
        let bundle = self.bundle();
        let pattern = bundle.get_message(code)?.value()?;
        let mut filled = FluentArgs::new();
        for (name, value) in args {
            filled.set(*name, fluent(value));
        }
        let mut flaws = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&filled), &mut flaws);
        for flaw in flaws {
            tracing::warn!(code, language = self.tag(), %flaw, "message lacks an argument");
        }
        Some(text.into_owned())
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static PORTUGUESE: LazyLock<FluentBundle<FluentResource>> =
            LazyLock::new(|| bundle(Language::Portuguese));
        static SPANISH: LazyLock<FluentBundle<FluentResource>> =
            LazyLock::new(|| bundle(Language::Spanish));
        static ENGLISH: LazyLock<FluentBundle<FluentResource>> =
            LazyLock::new(|| bundle(Language::English));
        match self {
            Self::Portuguese => &PORTUGUESE,
            Self::Spanish => &SPANISH,
            Self::English => &ENGLISH,
        }
    }

    pub(crate) const fn source(self) -> &'static str {
        match self {
            Self::Portuguese => include_str!("locales/pt-BR.ftl"),
            Self::Spanish => include_str!("locales/es.ftl"),
            Self::English => include_str!("locales/en.ftl"),
        }
    }
}

/// What is written like a number counts as one, so that plurals work.
fn fluent(value: &str) -> FluentValue<'_> {
    match value.parse::<i64>() {
        Ok(number) if number.to_string() == value => FluentValue::from(number),
        _ => FluentValue::from(value),
    }
}

/// `q=0.8` as 800; a weight that cannot be read counts as zero.
fn weight_of(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let value: f32 = value.trim().parse().unwrap_or(0.0);
    if !(0.0..=1.0).contains(&value) {
        return Some(0);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    Some((value * 1000.0).round() as u16)
}

/// What cannot be parsed is left out here and found by the test of the files.
fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Marks around arguments are for mixed writing directions; ours has one.
    bundle.set_use_isolating(false);
    let resource = match FluentResource::try_new(language.source().to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}
