//! When a schedule fires: a cron line read in a time zone.
//!
//! Two rules, by the hour field:
//! - **It names hours** (`30 2 * * *`, `0 8-18 * * *`, `0 */2 * * *`): the times
//!   are appointments. Each happens once: one that falls into a gap at the first
//!   instant after the gap, one that the clock shows twice the first time.
//! - **It takes every hour** (`*/15 * * * *`, `5 * * * *`): the pattern goes with
//!   the clock face. It fires whenever the clock shows a matching time, in both
//!   passes of a repeated hour and never for times that the clock leaves out; so
//!   a quarter of an hour stays a quarter of an hour.
//!
//! croner answers the second as it stands. For the first it finds the local times
//! alone and their instants are found here, because its own differ: it takes a
//! list of hours (`0 0,12 * * *`) for an interval, so that one inside a gap is
//! lost and one inside a repeated hour runs twice; it drops a time whose gap ends
//! on a day that does not match (Nuuk, Saturday 23:30); and it gives up at gaps
//! over two hours (Casey, Apia).

use croner::Cron;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use zelador_store::Timestamp;

use crate::engine::settings::{read_cron, read_timezone};

/// Why a schedule's time cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// The cron line.
    #[error("the cron line {line:?} cannot be read")]
    Cron {
        /// The line.
        line: String,
        /// What is wrong with it.
        #[source]
        source: croner::errors::CronError,
    },
    /// The time zone.
    #[error("there is no time zone {name:?}")]
    Timezone {
        /// The name.
        name: String,
        /// What the database says.
        #[source]
        source: jiff::Error,
    },
}

/// A cron line in a time zone.
#[derive(Debug, Clone)]
pub struct Pattern {
    cron: Cron,
    zone: TimeZone,
}

impl Pattern {
    /// Reads a cron line of 5 or 6 fields and the name of an IANA time zone.
    pub fn read(cron: &str, timezone: &str) -> Result<Self, PatternError> {
        let zone = read_timezone(timezone)
            .map_err(|source| PatternError::Timezone { name: timezone.to_owned(), source })?;
        let cron = read_cron(cron)
            .map_err(|source| PatternError::Cron { line: cron.to_owned(), source })?;
        Ok(Self { cron, zone })
    }

    /// The first time strictly after an instant; `None`: never again.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        if self.takes_every_hour() { self.next_shown(after) } else { self.next_appointment(after) }
    }

    fn takes_every_hour(&self) -> bool {
        self.cron.pattern.hours.values().len() == 24
    }

    /// The first matching local time that begins after `after`.
    ///
    /// In a repeated hour's second pass the matches that lie in it have begun
    /// already, in the first: they are passed over.
    fn next_appointment(&self, after: Timestamp) -> Option<Timestamp> {
        let mut wall = self.zone.to_datetime(after.to_jiff());
        loop {
            wall = self.cron.find_next_occurrence(&wall, false).ok()?;
            let at = self.first_instant(wall)?;
            if at > after {
                return Some(at);
            }
        }
    }

    /// The first instant at which the clock shows `wall` or has passed it.
    fn first_instant(&self, wall: DateTime) -> Option<Timestamp> {
        let at = match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).ok()?,
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall).ok()?,
            AmbiguousOffset::Gap { after, .. } => self.change_to(after, wall)?,
        };
        Some(at.into())
    }

    /// The change of the clock that leaves out `wall`.
    fn change_to(&self, after: Offset, wall: DateTime) -> Option<jiff::Timestamp> {
        // Read with the offset that comes after the gap, a time in it is before it.
        let before_gap = after.to_timestamp(wall).ok()?;
        let change = self.zone.following(before_gap).find(|change| change.offset() == after)?;
        Some(change.timestamp())
    }

    /// The first instant after `after` at which the clock shows a match.
    fn next_shown(&self, after: Timestamp) -> Option<Timestamp> {
        let after = after.to_jiff().to_zoned(self.zone.clone());
        let next = self.cron.find_next_occurrence(&after, false).ok()?;
        Some(next.timestamp().into())
    }
}
