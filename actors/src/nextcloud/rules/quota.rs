//! Quotas. Nextcloud's `GB` is binary, it reads `5 GiB` as five bytes and `1,5 GB`
//! as one, and stores what it is sent over HTTP as a text with one decimal. So
//! only plain texts are taken, and what is shown is compared with that tolerance.

use std::fmt;

use serde::{Deserialize, Serialize};

const KILO: u64 = 1024;
const MEGA: u64 = KILO * KILO;

/// Units by name, in bytes.
const UNITS: [(&str, u64); 3] = [("TB", MEGA * MEGA), ("GB", KILO * MEGA), ("MB", MEGA)];

/// How much an account may store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Quota {
    /// As much as there is.
    Unlimited,
    /// This many bytes: whole megabytes (of 1,048,576 bytes), at least one.
    Limit(u64),
}

/// The text is no quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a quota is written like `5 GB`, `1.5 TB`, `500 MB` or `none`")]
pub struct NotAQuota;

impl Quota {
    /// Reads `5 GB`, `1.5 TB`, `500MB` or `none`.
    pub fn parse(text: &str) -> Result<Self, NotAQuota> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::Unlimited);
        }
        let upper = text.to_ascii_uppercase();
        let (number, unit) = UNITS
            .iter()
            .find_map(|(name, unit)| Some((upper.strip_suffix(name)?.trim_end(), *unit)))
            .ok_or(NotAQuota)?;
        let bytes = scaled(number, unit).ok_or(NotAQuota)?;
        if bytes == 0 || bytes % MEGA != 0 {
            return Err(NotAQuota);
        }
        Ok(Self::Limit(bytes))
    }

    /// As servers are told.
    pub fn text(self) -> String {
        let Self::Limit(bytes) = self else { return "none".to_owned() };
        let fit = UNITS.iter().find(|(_, unit)| bytes % unit == 0);
        let (name, unit) = fit.copied().unwrap_or(("MB", MEGA));
        format!("{} {name}", bytes / unit)
    }

    /// Whether a server that shows this means this quota.
    pub fn is_shown_as(self, seen: SeenQuota) -> bool {
        match (self, seen) {
            (Self::Unlimited, SeenQuota::Unlimited) => true,
            (Self::Limit(wanted), SeenQuota::Bytes(seen)) => {
                wanted.abs_diff(seen) <= tolerance(wanted)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// A number with at most three decimals, times a unit.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 3 {
        return None;
    }
    let part: u64 = format!("{decimals:0<3}").parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    let thousandths = whole.checked_mul(1000)?.checked_add(part)?;
    Some(thousandths.checked_mul(unit / 1024)?.checked_mul(1024)? / 1000)
}

/// Half of the last decimal that a server keeps.
fn tolerance(bytes: u64) -> u64 {
    let unit = UNITS.iter().map(|(_, unit)| *unit).find(|unit| bytes >= *unit).unwrap_or(MEGA);
    // A server that shows whole numbers of the next unit down rounds less.
    unit / 20 + 1
}

/// How much an account may store, as a server shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenQuota {
    /// As much as there is, or the server's default: they look the same.
    Unlimited,
    /// This many bytes.
    Bytes(u64),
    /// Something that means nothing.
    Unreadable,
}

impl SeenQuota {
    /// Of a number of bytes; negative ones stand for "none".
    pub fn of_number(number: f64) -> Self {
        if number.is_nan() {
            return Self::Unreadable;
        }
        if number < 0.0 {
            return Self::Unlimited;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and what is too large becomes the largest"
        )]
        Self::Bytes(number as u64)
    }

    /// Of the text that `occ` shows.
    pub fn of_text(text: &str) -> Self {
        let text = text.trim();
        if matches!(text, "none" | "default" | "") {
            return Self::Unlimited;
        }
        if let Ok(bytes) = text.trim_end_matches(" B").parse::<u64>() {
            return Self::Bytes(bytes);
        }
        match Quota::parse(text) {
            Ok(Quota::Limit(bytes)) => Self::Bytes(bytes),
            _ => approximate(text),
        }
    }
}

/// Of a text that a server rounded, such as `1.2 TB` of no whole megabytes.
fn approximate(text: &str) -> SeenQuota {
    let units = [("KB", KILO), ("MB", MEGA), ("GB", KILO * MEGA), ("TB", MEGA * MEGA)];
    let found = units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)));
    found
        .and_then(|(number, unit)| scaled(number.trim_end(), unit))
        .map_or(SeenQuota::Unreadable, SeenQuota::Bytes)
}
