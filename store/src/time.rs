//! Instants, to the millisecond, in UTC.
//!
//! Calendar arithmetic belongs to `jiff`; this type is what stands in rows and
//! keys. Nothing here reads a clock.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const SECONDS: DateTimePrinter = DateTimePrinter::new();
const MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
/// Room for the text of an instant of our days.
const TEXT: usize = "2025-12-05T14:00:00.000Z".len();

/// A UTC instant in milliseconds since 1970-01-01T00:00:00Z.
///
/// Its range is that of [`jiff::Timestamp`] (years -9999 to 9999); arithmetic
/// stops at the ends rather than overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// The first instant there is.
    pub const MIN: Self = Self(-377_705_023_201_000);
    /// The last instant there is.
    pub const MAX: Self = Self(253_402_207_200_999);

    /// The instant this many milliseconds after the epoch, or the nearest there is.
    #[inline]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// The instant this many seconds after the epoch, or the nearest there is.
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The same instant for calendar arithmetic.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// How long after `earlier` this is; zero if it is not.
    #[inline]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Without its fraction of a second, as most of the API writes it:
    /// `2025-12-05T14:00:00Z`.
    pub fn to_seconds_string(self) -> String {
        let whole = jiff::Timestamp::from_second(self.0.div_euclid(1000));
        written(&SECONDS, whole.unwrap_or(jiff::Timestamp::MIN))
    }
}

fn written(printer: &DateTimePrinter, at: jiff::Timestamp) -> String {
    let mut text = String::with_capacity(TEXT);
    // A text takes whatever is written to it.
    let _ = printer.print_timestamp(&at, &mut text);
    text
}

/// A whole number of milliseconds, rounded down.
impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        let nanos = at.as_nanosecond();
        Self::from_millis(i64::try_from(nanos.div_euclid(1_000_000)).unwrap_or(0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    #[inline]
    fn add(self, span: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(millis_of(span)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    #[inline]
    fn sub(self, span: Duration) -> Self {
        Self::from_millis(self.0.saturating_sub(millis_of(span)))
    }
}

/// Whole milliseconds, at most as many as there are. In 64 bits: a calendar adds
/// up thousands of these for one answer, and `as_millis` counts in 128.
#[inline]
fn millis_of(span: Duration) -> i64 {
    let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    seconds.saturating_mul(1000).saturating_add(span.subsec_millis().into())
}

/// With milliseconds, as jobs and events write it: `2025-12-05T14:00:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.to_jiff())
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    /// RFC 3339 with any offset.
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(Self::from)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&written(&MILLISECONDS, self.to_jiff()))
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            text.parse().map_err(serde::de::Error::custom)
        } else {
            i64::deserialize(deserializer).map(Self::from_millis)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_those_of_the_display(millis in Timestamp::MIN.0..=Timestamp::MAX.0) {
            let at = Timestamp::from_millis(millis);
            prop_assert_eq!(serde_json::to_value(at).unwrap(), at.to_string());
            let whole = Timestamp::from_seconds(millis.div_euclid(1000)).to_jiff();
            prop_assert_eq!(at.to_seconds_string(), whole.to_string());
        }
    }
}
