//! The three languages that people are written to in.

use serde::{Deserialize, Serialize};

/// A language that every text exists in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Tongue {
    /// Brazilian Portuguese.
    #[default]
    #[serde(rename = "pt-BR")]
    Portuguese,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Tongue {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Portuguese, Self::Spanish, Self::English];

    /// As mails and folders say it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            Self::Spanish => "es",
            Self::English => "en",
        }
    }

    /// The language of a tag such as `pt`, `es-CL` or `en-GB`, in any letter case.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "pt" => Some(Self::Portuguese),
            "es" => Some(Self::Spanish),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// One of three texts, in the order of [`Tongue::ALL`].
    pub const fn pick(self, texts: [&str; 3]) -> &str {
        let [portuguese, spanish, english] = texts;
        match self {
            Self::Portuguese => portuguese,
            Self::Spanish => spanish,
            Self::English => english,
        }
    }
}
