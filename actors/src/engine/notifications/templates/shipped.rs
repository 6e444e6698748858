//! The texts inside the program.

use zelador_store::notice::NoticeKind;

use crate::engine::notifications::rules::tongue::Tongue;

/// The name of the text that operators are told by.
pub const ALERT: &str = "alert";
/// What the texts of a language share.
pub(super) const COMMON: &str = "common";
/// What all mails look like.
pub(super) const LAYOUT: &str = "layout.html";

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        &[$(
            ($name, [
                include_str!(concat!("../texts/pt-BR/", $name, ".txt")),
                include_str!(concat!("../texts/es/", $name, ".txt")),
                include_str!(concat!("../texts/en/", $name, ".txt")),
            ]),
        )*]
    };
}

const TEXTS: &[(&str, [&str; 3])] = texts![
    "common",
    "booking_made",
    "booking_confirmed",
    "booking_rejected",
    "booking_changed",
    "booking_cancelled",
    "booking_reminder",
    "booking_offered",
    "account_banned",
    "account_suspended",
    "account_active",
    "account_ready",
    "account_invited",
    "alert",
];

/// Every text that can be written: the notices and the alert.
pub fn names() -> impl Iterator<Item = &'static str> {
    NoticeKind::ALL.into_iter().map(NoticeKind::word).chain([ALERT])
}

/// Every shipped file: its name and what stands in it.
pub(super) fn files() -> impl Iterator<Item = (String, &'static str)> {
    let layout = (LAYOUT.to_owned(), include_str!("../texts/layout.html"));
    let texts = TEXTS.iter().flat_map(|(name, texts)| {
        let file = |tongue: Tongue| (file(name, tongue, "txt"), tongue.pick(*texts));
        Tongue::ALL.into_iter().map(file)
    });
    texts.chain([layout])
}

/// The file of a text: `pt-BR/booking_made.txt`.
pub(super) fn file(name: &str, tongue: Tongue, ending: &str) -> String {
    format!("{}/{name}.{ending}", tongue.tag())
}

/// Whether an operator's file of this name would ever be looked at.
pub(super) fn is_known(name: &str) -> bool {
    let html = |name: &str| names().any(|known| known == name);
    let of = |(tag, rest): (&str, &str)| {
        let tongue = Tongue::ALL.iter().any(|tongue| tongue.tag() == tag);
        let text = rest.strip_suffix(".txt").is_some_and(|name| name == COMMON || html(name));
        tongue && (text || rest.strip_suffix(".html").is_some_and(html))
    };
    name == LAYOUT || name.split_once('/').is_some_and(of)
}
