//! Times as people give them, and the instants they mean.
//!
//! ```text
//! 2025-12-05T14:00:00-03:00   an instant
//! 2025-12-05T14:00            a local time of the tenant
//! 2025-12-05                  a local day: its first instant
//! ```
//! A local time that a change of the clock leaves out does not exist; of one
//! that comes twice, the earlier is meant.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp as Instant};
use zelador_store::Timestamp;

/// More than any ISO 8601 time takes.
const MAX_LEN: usize = 48;

/// A time as somebody gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// With an offset from UTC: unmistakable.
    Instant(Timestamp),
    /// Without one: local to the tenant.
    Local(DateTime),
    /// A local day.
    Day(Date),
}

/// The text is no ISO 8601 date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 8601 date or time")]
pub struct NotATime;

/// A change of the clock leaves this local time out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this local time does not exist")]
pub struct NonexistentLocalTime;

impl std::str::FromStr for Spoken {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        // Annotations such as [America/Lima] would speak against the tenant's zone.
        if text.len() > MAX_LEN || text.contains('[') {
            return Err(NotATime);
        }
        if let Ok(at) = text.parse::<Instant>() {
            return Ok(Self::Instant(at.into()));
        }
        let Some((date, time)) = text.split_once(['T', 't', ' ']) else {
            return day(text).map(Self::Day);
        };
        // An offset that did not parse above must not be dropped in silence.
        if time.contains(['Z', 'z', '+', '-']) {
            return Err(NotATime);
        }
        let time = time.parse::<jiff::civil::Time>().map_err(|_| NotATime)?;
        Ok(Self::Local(day(date)?.to_datetime(time)))
    }
}

fn day(text: &str) -> Result<Date, NotATime> {
    text.parse().ok().filter(|_| text.len() == 10).ok_or(NotATime)
}

impl Spoken {
    /// The instant that is meant in this zone.
    pub fn resolve(self, zone: &TimeZone) -> Result<Timestamp, NonexistentLocalTime> {
        match self {
            Self::Instant(at) => Ok(at),
            Self::Local(local) => match zone.to_ambiguous_timestamp(local).offset() {
                AmbiguousOffset::Gap { .. } => Err(NonexistentLocalTime),
                _ => earlier(zone, local),
            },
            Self::Day(day) => first_instant(zone, day),
        }
    }
}

fn earlier(zone: &TimeZone, local: DateTime) -> Result<Timestamp, NonexistentLocalTime> {
    let meant = zone.to_ambiguous_timestamp(local).earlier();
    meant.map(Timestamp::from).map_err(|_| NonexistentLocalTime)
}

/// A day whose midnight is left out begins where the gap ends, if that is still
/// the same day.
fn first_instant(zone: &TimeZone, day: Date) -> Result<Timestamp, NonexistentLocalTime> {
    let midnight = day.to_datetime(jiff::civil::Time::midnight());
    let ambiguous = zone.to_ambiguous_timestamp(midnight);
    if !matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
        return earlier(zone, midnight);
    }
    // With the offset from before the change, midnight lies at it or just past.
    let past = ambiguous.later().map_err(|_| NonexistentLocalTime)?;
    let past = past.checked_add(SignedDuration::from_nanos(1)).map_err(|_| NonexistentLocalTime)?;
    let change = zone.preceding(past).next().ok_or(NonexistentLocalTime)?.timestamp();
    if zone.to_datetime(change).date() == day {
        Ok(change.into())
    } else {
        Err(NonexistentLocalTime)
    }
}

/// The zone of an IANA name, with the name as IANA writes it.
pub fn zone(name: &str) -> Option<(TimeZone, String)> {
    let zone = TimeZone::get(name).ok()?;
    let name = zone.iana_name()?.to_owned();
    Some((zone, name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, expected: Result<&str, NonexistentLocalTime>) {
        let spoken: Spoken = text.parse().unwrap();
        let found = spoken.resolve(&zone(name).unwrap().0).map(Timestamp::to_seconds_string);
        assert_eq!(found, expected.map(str::to_owned), "{text} in {name}");
    }

    #[test]
    fn times_mean_instants() {
        let gap = Err(NonexistentLocalTime);
        check("2025-12-05T14:00:00Z", "Asia/Tokyo", Ok("2025-12-05T14:00:00Z"));
        check("2025-12-05T14:00:00-03:00", "Asia/Tokyo", Ok("2025-12-05T17:00:00Z"));
        check("2025-12-05T14:00", "America/Sao_Paulo", Ok("2025-12-05T17:00:00Z"));
        check("2025-12-05 14:00:30", "America/Caracas", Ok("2025-12-05T18:00:30Z"));
        check("2025-12-05", "America/Sao_Paulo", Ok("2025-12-05T03:00:00Z"));
        // Sao Paulo put its clock forward at midnight, and back at midnight.
        check("2018-11-04T00:30", "America/Sao_Paulo", gap);
        check("2018-11-04", "America/Sao_Paulo", Ok("2018-11-04T03:00:00Z"));
        check("2019-02-16T23:30", "America/Sao_Paulo", Ok("2019-02-17T01:30:00Z"));
        // So does Santiago still.
        check("2025-09-07", "America/Santiago", Ok("2025-09-07T04:00:00Z"));
        check("2025-09-07T00:00", "America/Santiago", gap);
        check("2025-09-07T01:00", "America/Santiago", Ok("2025-09-07T04:00:00Z"));
        check("2025-04-05T23:30", "America/Santiago", Ok("2025-04-06T02:30:00Z"));
        // Toronto's clock once went from 23:30 to 00:30: the day began there.
        check("1919-03-31", "America/Toronto", Ok("1919-03-31T04:30:00Z"));
        // Samoa left out a whole day.
        check("2011-12-30", "Pacific/Apia", gap);
        check("2011-12-30T12:00", "Pacific/Apia", gap);
        // Half an hour's change.
        check("2025-10-05T02:15", "Australia/Lord_Howe", gap);
        check("2025-10-05T02:30", "Australia/Lord_Howe", Ok("2025-10-04T15:30:00Z"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2025-13-01",
            "2025-02-30",
            "2025-12-05T25:00",
            "2025-12-05T14:00:00+99:00",
            "2025-12-05T14:00[America/Lima]",
            "2025-12-05T14:00:00-03:00[America/Lima]",
            "20251205T",
            "14:00",
            "1764943200",
            "2025-12-05T",
        ] {
            assert_eq!(text.parse::<Spoken>(), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn zones_have_iana_names() {
        assert_eq!(zone("america/sao_paulo").unwrap().1, "America/Sao_Paulo");
        for name in ["", "Mars/Olympus", "BRT3", "+03:00", "../etc/passwd"] {
            assert!(zone(name).is_none(), "{name}");
        }
    }

    proptest! {
        /// The first instant of a day is of that day, and the one before is not.
        #[test]
        fn a_day_begins_at_its_first_instant(
            offset in 0_i32..40_000,
            name in prop::sample::select(&[
                "America/Sao_Paulo", "America/Santiago", "Pacific/Apia", "America/Toronto",
                "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "Asia/Beirut",
            ][..]),
        ) {
            let zone = zone(name).unwrap().0;
            let day = Date::constant(1930, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
            if let Ok(first) = Spoken::Day(day).resolve(&zone) {
                prop_assert_eq!(zone.to_datetime(first.to_jiff()).date(), day);
                let before = Timestamp::from_millis(first.as_millis() - 1);
                prop_assert!(zone.to_datetime(before.to_jiff()).date() < day);
            }
        }
    }
}
