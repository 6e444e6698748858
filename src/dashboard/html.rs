//! Values that print themselves as markup: instants, states, bars. Everything that
//! goes into them is text, and is escaped here.

use std::borrow::Borrow;
use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;
use serde::{Deserialize, Deserializer};
use zelador_store::Timestamp;

/// An instant as the interface for programs writes it; the page's script shows it
/// in the reader's own zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At(String);

impl At {
    /// The day, as `2025-12-05`.
    pub(super) fn day(&self) -> &str {
        self.0.get(..10).unwrap_or_default()
    }

    /// The instant that a text is, if it is one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let at = text.parse::<Timestamp>().is_ok().then(|| Self(text.to_owned()))?;
        at.is_sound().then_some(at)
    }

    /// As it was written.
    pub(super) fn raw(&self) -> &str {
        &self.0
    }

    fn is_sound(&self) -> bool {
        self.0.len() >= 16
            && self.0.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ+".contains(&byte))
    }
}

impl From<Timestamp> for At {
    fn from(at: Timestamp) -> Self {
        Self(at.to_seconds_string())
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self)
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_sound() {
            return f.write_str("–");
        }
        let (day, time) = (self.day(), self.0.get(11..16).unwrap_or_default());
        write!(f, "<time datetime=\"{}\">{day} {time} UTC</time>", self.0)
    }
}

impl HtmlSafe for At {}

/// A line that is markup already: its maker has [`escaped`] what it is made of.
pub(super) struct Line(String);

impl Line {
    pub(super) fn of_markup(markup: String) -> Self {
        Self(markup)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Line {}

/// A state: a word of the daemon's as a class, and what people read.
#[derive(Debug, Clone)]
pub(super) struct State {
    class: String,
    text: String,
}

impl State {
    pub(super) fn new(word: &str, text: &str) -> Self {
        let sound = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let class = word.chars().filter(sound).collect::<String>().to_lowercase();
        Self { class, text: escaped(text) }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<span class=\"state is-{}\">{}</span>", self.class, self.text)
    }
}

impl HtmlSafe for State {}

/// Text that holds no markup.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// What an address may hold as it is within a query.
pub(super) fn encoded(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    let mut sound = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            sound.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(sound, "%{byte:02X}");
        }
    }
    sound
}

/// Seconds as people say them: `42 s`, `3 min`, `5 h`, `2 d`.
pub(super) fn spell(seconds: impl Borrow<f64>) -> String {
    match *seconds.borrow() {
        0.0 => "0 s".to_owned(),
        s if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{:.0} d", s / 86_400.0),
    }
}

/// Bytes as people say them.
#[expect(clippy::cast_precision_loss, reason = "three digits of it are shown")]
pub(super) fn bytes(count: impl Borrow<u64>) -> String {
    let count = *count.borrow();
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = count as f64;
    let mut unit = "B";
    for next in units.iter().skip(1) {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit == "B" { format!("{count} B") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_becomes_markup() {
        let hostile = "\"><script>alert('1')</script>&";
        let safe = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;";
        assert_eq!(escaped(hostile), safe);
        let state = State::new(hostile, hostile).to_string();
        assert_eq!(state, format!("<span class=\"state is-scriptalert1script\">{safe}</span>"));
        let at: At = serde_json::from_value(hostile.into()).unwrap();
        assert_eq!(at.to_string(), "–");
        let at: At = serde_json::from_value("2025-12-05T14:00:09.123Z".into()).unwrap();
        assert!(at.to_string().contains(">2025-12-05 14:00 UTC<"), "{at}");
        assert_eq!(encoded("a b&c=é/"), "a%20b%26c%3D%C3%A9%2F");
    }

    #[test]
    fn sizes_and_times_are_said_in_the_unit_that_fits() {
        let said = [0.0031, 4.25, 75.0, 600.0, 7300.0, 200_000.0].map(spell);
        assert_eq!(said, ["3 ms", "4.2 s", "75 s", "10 min", "2 h", "2 d"]);
        assert_eq!([bytes(12), bytes(2048), bytes(5 << 30)], ["12 B", "2.0 KiB", "5.0 GiB"]);
    }
}
