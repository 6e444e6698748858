//! Formats of our own that schemas may name, beside those of JSON Schema.

use jsonschema::ValidationOptions;

/// Text a person wrote on one line: no control characters.
pub const LINE: &str = "line";
/// Text a person wrote: no control characters but line breaks and tabs.
pub const TEXT: &str = "text";
/// `08:00` or `08:00:00`.
pub const TIME_OF_DAY: &str = "time-of-day";
/// An IANA time zone that we know.
pub const TIMEZONE: &str = "timezone";

/// Teaches a validator the formats and lets it check all of them.
pub fn register(options: ValidationOptions<'_>) -> ValidationOptions<'_> {
    options
        .should_validate_formats(true)
        .with_format(LINE, is_line)
        .with_format(TEXT, is_text)
        .with_format(TIME_OF_DAY, is_time_of_day)
        .with_format(TIMEZONE, is_timezone)
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
    jiff::tz::TimeZone::get(text).is_ok()
}
