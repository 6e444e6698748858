//! Quotas as Nextcloud reads and writes them: binary units under decimal names,
//! stored as a rounded text.

/// What stands for "no limit of its own".
pub(crate) const UNLIMITED: &str = "none";
/// What the interface answers for accounts without a limit.
pub(crate) const NO_LIMIT: f64 = -3.0;

const KILO: f64 = 1024.0;

/// The bytes that a text means. Whatever follows the number is cut off, and an
/// unknown unit that ends in `b` means bytes: `5 GiB` is five bytes.
pub(crate) fn bytes_of(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text.get(..digits)?.parse().ok()?;
    let (_, factor) = UNITS.iter().find(|(unit, _)| text.ends_with(unit)).unwrap_or(&("", 1.0));
    Some((number * factor).floor())
}

/// The longer ending first; `gib` ends in `b`, and so is bytes.
const UNITS: [(&str, f64); 11] = [
    ("kb", KILO),
    ("mb", KILO * KILO),
    ("gb", KILO * KILO * KILO),
    ("tb", KILO * KILO * KILO * KILO),
    ("pb", KILO * KILO * KILO * KILO * KILO),
    ("k", KILO),
    ("m", KILO * KILO),
    ("g", KILO * KILO * KILO),
    ("t", KILO * KILO * KILO * KILO),
    ("p", KILO * KILO * KILO * KILO * KILO),
    ("b", 1.0),
];

/// The text that is stored for a number of bytes: one decimal at most.
pub(crate) fn text_of(bytes: f64) -> String {
    let mut left = bytes;
    let mut unit = "B";
    for next in ["KB", "MB", "GB", "TB", "PB"] {
        if left < KILO {
            break;
        }
        left /= KILO;
        unit = next;
    }
    let decimals = if matches!(unit, "B" | "KB") { 1.0 } else { 10.0 };
    format!("{} {unit}", (left * decimals).round() / decimals)
}

/// A quota that HTTP was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    /// Stored like this.
    Stored(String),
    /// Refused with words.
    Refused,
    /// The server stumbles over it.
    Stumbles,
}

/// What HTTP makes of a text.
pub(crate) fn given(text: &str) -> Given {
    if matches!(text, "none" | "default") {
        return Given::Stored(text.to_owned());
    }
    if text.starts_with('-') {
        return Given::Stumbles;
    }
    bytes_of(text).map_or(Given::Refused, |bytes| Given::Stored(text_of(bytes)))
}

/// What is answered for a stored text.
pub(crate) fn shown(stored: &str) -> f64 {
    if matches!(stored, "none" | "default") {
        return NO_LIMIT;
    }
    bytes_of(stored).unwrap_or(NO_LIMIT)
}
