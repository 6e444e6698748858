//! Formats of our own that schemas may name, beside those of JSON Schema.

use jsonschema::ValidationOptions;
use zelador_actors::checks;
use zelador_actors::moment::{self, Spoken};
use zelador_actors::tenants::rules::{is_color, is_web_address};
use zelador_store::fold::fold_address;

/// Text a person wrote on one line: no control characters.
pub const LINE: &str = "line";
/// Text a person wrote: no control characters but line breaks and tabs.
pub const TEXT: &str = "text";
/// `08:00` or `08:00:00`.
pub const TIME_OF_DAY: &str = "time-of-day";
/// An IANA time zone that we know.
pub const TIMEZONE: &str = "timezone";
/// What a person or a thing is called: on one line, and not blank.
pub const NAME: &str = "name";
/// An e-mail address.
pub const EMAIL: &str = "email";
/// A domain.
pub const DOMAIN: &str = "domain";
/// An `http` or `https` address.
pub const WEB_ADDRESS: &str = "web-address";
/// `#RRGGBB`.
pub const COLOR: &str = "color";
/// A language tag such as `pt-BR`.
pub const LANGUAGE: &str = "language";
/// An instant, a local time or a day, in ISO 8601.
pub const MOMENT: &str = "moment";

/// Teaches a validator the formats and lets it check all of them.
pub fn register(options: ValidationOptions<'_>) -> ValidationOptions<'_> {
    options
        .should_validate_formats(true)
        .with_format(LINE, is_line)
        .with_format(TEXT, is_text)
        .with_format(TIME_OF_DAY, is_time_of_day)
        .with_format(TIMEZONE, is_timezone)
        .with_format(NAME, is_name)
        .with_format(EMAIL, checks::is_email)
        .with_format(DOMAIN, is_domain)
        .with_format(WEB_ADDRESS, is_web_address)
        .with_format(COLOR, is_color)
        .with_format(LANGUAGE, checks::is_language)
        .with_format(MOMENT, is_moment)
}

fn is_line(text: &str) -> bool {
    !text.chars().any(char::is_control) && text.trim() == text
}

fn is_text(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn is_time_of_day(text: &str) -> bool {
    let shape = matches!(text.len(), 5 | 8)
        && text.bytes().enumerate().all(|(at, byte)| match at {
            2 | 5 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    shape && text.parse::<jiff::civil::Time>().is_ok()
}

fn is_timezone(text: &str) -> bool {
    moment::zone(text).is_some()
}

fn is_name(text: &str) -> bool {
    !text.chars().any(char::is_control) && !text.trim().is_empty()
}

/// As it is kept: without case, and without the dot that ends it.
fn is_domain(text: &str) -> bool {
    checks::is_domain(&fold_address(text.trim_end_matches('.')))
}

fn is_moment(text: &str) -> bool {
    text.parse::<Spoken>().is_ok()
}
