//! Checks that several nouns share, and the collection of what is wrong.
//!
//! Every flaw of a draft is named at once, so that a person mends a form in one
//! go. Pure: no clock, no store.

use crate::error::{Args, Flaw, Refusal};

/// Characters of a name.
pub const NAME: usize = 200;

/// Everything found wrong so far.
#[derive(Debug, Default)]
pub struct Checks(Vec<Flaw>);

impl Checks {
    /// Notes a flaw.
    pub fn flaw(&mut self, field: impl Into<String>, code: &'static str) {
        self.0.push(Flaw::new(field, code));
    }

    /// Notes a flaw with values for its message.
    pub fn flaw_with(&mut self, field: impl Into<String>, code: &'static str, args: Args) {
        self.0.push(Flaw { field: field.into(), code, args });
    }

    /// Notes a flaw unless `good`.
    pub fn holds(&mut self, field: &str, code: &'static str, good: bool) {
        if !good {
            self.flaw(field, code);
        }
    }

    /// Text or JSON of at most so many bytes.
    pub fn bytes(&mut self, field: &str, bytes: usize, most: usize) {
        if bytes > most {
            self.flaw_with(field, "too_many_bytes", vec![("limit", most.to_string())]);
        }
    }

    /// Notes a flaw unless the text has this format.
    pub fn format(&mut self, field: &str, format: &str, good: bool) {
        if !good {
            self.flaw_with(field, "format", vec![("format", format.to_owned())]);
        }
    }

    /// The same, if there is a text.
    pub fn format_if_any(
        &mut self,
        field: &str,
        format: &str,
        text: Option<&str>,
        good: impl Fn(&str) -> bool,
    ) {
        self.format(field, format, text.is_none_or(good));
    }

    /// A number between two others, both included.
    pub fn range(&mut self, field: &str, value: i64, least: i64, most: i64) {
        if value < least {
            self.flaw_with(field, "minimum", vec![("limit", least.to_string())]);
        } else if value > most {
            self.flaw_with(field, "maximum", vec![("limit", most.to_string())]);
        }
    }

    /// A text of so many characters, none of them a control character.
    pub fn text(&mut self, field: &str, text: &str, least: usize, most: usize) {
        let length = text.chars().count();
        if length == 0 && least == 1 {
            self.flaw(field, "empty");
        } else if length < least {
            self.flaw_with(field, "too_short", vec![("limit", least.to_string())]);
        } else if length > most {
            self.flaw_with(field, "too_long", vec![("limit", most.to_string())]);
        } else if text.chars().any(char::is_control) {
            self.format(field, "line", false);
        }
    }

    /// The same, if there is a text.
    pub fn text_if_any(&mut self, field: &str, text: Option<&str>, most: usize) {
        if let Some(text) = text {
            self.text(field, text, 0, most);
        }
    }

    /// A name for people: 1 to 200 characters, not all of them blank.
    pub fn name(&mut self, field: &str, name: &str) {
        if !name.is_empty() && name.trim().is_empty() {
            self.flaw(field, "empty");
        } else {
            self.text(field, name, 1, NAME);
        }
    }

    /// Refuses if anything was found.
    pub fn done(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0)) }
    }
}

/// Whether the text is a domain, in lower case: labels of letters, digits and
/// inner hyphens, with dots between them.
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.chars().count())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c == '-' || c.is_alphanumeric())
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// Whether the text is a mail address as they occur: something, an at sign, a
/// domain with a dot.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
    (1..=64).contains(&local.len())
        && text.len() <= 254
        && local.chars().all(plain)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && is_domain(&domain.to_lowercase())
}

/// Whether the text names one of the languages spoken here, with or without a
/// region: `pt-BR`, `es`, `es-VE`, `en-GB`.
pub fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let known = parts.next().is_some_and(|language| {
        ["pt", "es", "en"].iter().any(|spoken| language.eq_ignore_ascii_case(spoken))
    });
    let is_subtag = |part: &str| {
        (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    known && text.len() <= 35 && parts.all(is_subtag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for good in
            ["a@b.co", "joao.silva@academiafit.com", "o'neil+x@sub.example.com.br", "ü@é.fr"]
        {
            assert!(is_email(good), "{good}");
        }
        let long = format!("{}@b.co", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a b@c.de",
            "a@b..c",
            "a@-b.c",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.de",
            "a@b@c.de",
            "a\n@b.co",
            "<a@b.co>",
            &long,
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn domains_are_told_from_other_text() {
        for good in ["academia-fit.com", "localhost", "são.com.br", "a.b.c", "1.example"] {
            assert!(is_domain(good), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "", ".", "a.", ".a", "a..b", "-a.com", "a-.com", "a b.com", "a_b.com", "http://a",
            &long,
        ] {
            assert!(!is_domain(bad), "{bad}");
        }
    }

    #[test]
    fn languages_are_told_from_other_text() {
        for good in ["pt-BR", "pt", "es", "es-419", "ES-ve", "en-GB"] {
            assert!(is_language(good), "{good}");
        }
        for bad in ["", "fr", "pt_BR", "pt-", "portuguese", "es-a", "-es"] {
            assert!(!is_language(bad), "{bad}");
        }
    }

    #[test]
    fn all_flaws_are_named_at_once() {
        let mut checks = Checks::default();
        checks.name("name", " ");
        checks.text("a", "ab\u{7}", 1, 5);
        checks.text("b", "abcdef", 1, 5);
        checks.text("c", "", 1, 5);
        checks.range("d", -1, 0, 6);
        checks.range("e", 7, 0, 6);
        checks.range("f", 6, 0, 6);
        let Err(Refusal::Invalid(flaws)) = checks.done() else { panic!("nothing was found") };
        let found: Vec<_> = flaws.iter().map(|f| (f.field.as_str(), f.code)).collect();
        assert_eq!(
            found,
            [
                ("name", "empty"),
                ("a", "format"),
                ("b", "too_long"),
                ("c", "empty"),
                ("d", "minimum"),
                ("e", "maximum"),
            ]
        );
    }
}
