//! The `recurring_pattern` of a request.

use jiff::civil::DateTimeRound;
use jiff::tz::TimeZone;
use jiff::{RoundMode, Unit};
use zelador_store::Timestamp;

use super::{ByDay, End, Frequency, MOST, Point, Recurrence, RecurrenceFlaw};
use crate::moment::Spoken;

/// The greatest interval of a pattern.
const MOST_INTERVAL: u32 = 52;

/// The `recurring_pattern` of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// How often.
    pub frequency: Frequency,
    /// Every so many of them, 1 to 52.
    pub interval: u32,
    /// The end, itself included.
    pub end_date: Option<Spoken>,
    /// Days of the week, 0 = Monday; empty: that of the start. A daily pattern
    /// leaves the other days out; a monthly one has none.
    pub days_of_week: Vec<u8>,
}

impl Recurrence {
    /// The rule of a request's pattern.
    pub fn from_pattern(pattern: &Pattern) -> Result<Self, RecurrenceFlaw> {
        if !(1..=MOST_INTERVAL).contains(&pattern.interval) {
            return Err(RecurrenceFlaw::Interval { most: MOST_INTERVAL });
        }
        if pattern.days_of_week.iter().any(|day| *day > 6) {
            return Err(RecurrenceFlaw::Weekday);
        }
        if pattern.frequency == Frequency::Monthly && !pattern.days_of_week.is_empty() {
            return Err(RecurrenceFlaw::WeekdaysMonthly);
        }
        let by_day = pattern.days_of_week.iter().map(|day| ByDay { weekday: *day, nth: None });
        let end = pattern.end_date.and_then(point).map_or(End::Open, End::Until);
        let rule = Self { interval: pattern.interval, end, ..Self::of(pattern.frequency) };
        Ok(Self { by_day: by_day.collect(), ..rule }.in_order())
    }

    /// Leaves occurrences out, beside those that the rule leaves out already: by
    /// their instant, by the local time at which the rule puts them, or by day.
    pub fn except(mut self, left_out: &[Spoken]) -> Result<Self, RecurrenceFlaw> {
        self.except.extend(left_out.iter().copied().filter_map(point));
        let rule = self.in_order();
        if rule.except.len() > MOST { Err(RecurrenceFlaw::TooMany) } else { Ok(rule) }
    }
}

/// A time as a rule's text can hold it: to the second.
fn point(spoken: Spoken) -> Option<Point> {
    if let Spoken::Day(day) = spoken {
        return Some(Point::Day(day));
    }
    if let Spoken::Local(local) = spoken {
        let second = DateTimeRound::new().smallest(Unit::Second).mode(RoundMode::Trunc);
        return local.round(second).ok().map(Point::Local);
    }
    // What is left is the same in every zone.
    let at = spoken.resolve(&TimeZone::UTC).ok()?;
    Some(Point::At(Timestamp::from_seconds(at.as_millis().div_euclid(1000))))
}
