//! The local days on which a rule puts occurrences.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::{ByDay, FARTHEST, Frequency, Recurrence};

/// The last day that a series which starts on `first` may reach.
pub(super) fn last(first: Date) -> Date {
    first.checked_add(FARTHEST.days()).unwrap_or(Date::MAX)
}

impl Recurrence {
    /// The days of the rule from `first` on, in order, as far as a series may
    /// reach. It goes from period to period, so a long interval costs nothing.
    pub(super) fn days(&self, first: Date) -> impl Iterator<Item = Date> {
        let last = last(first);
        let periods = (0_i64..).map_while(move |nth| self.period(first, nth));
        let periods = periods.take_while(move |(begin, _)| *begin <= last);
        let days = periods.flat_map(|(begin, days)| begin.series(1.day()).take(days));
        days.filter(move |day| first <= *day && *day <= last && self.picks(first, *day))
    }

    /// The nth day, week or month that the rule looks at: its first day, and how
    /// many it has.
    fn period(&self, first: Date, nth: i64) -> Option<(Date, usize)> {
        let ahead = nth.checked_mul(self.interval.into())?;
        let (begin, ahead) = match self.frequency {
            Frequency::Daily => (first, Span::new().try_days(ahead).ok()?),
            Frequency::Weekly => (monday(first)?, Span::new().try_weeks(ahead).ok()?),
            Frequency::Monthly => (first.first_of_month(), Span::new().try_months(ahead).ok()?),
        };
        let begin = begin.checked_add(ahead).ok()?;
        let days = match self.frequency {
            Frequency::Daily => 1,
            Frequency::Weekly => 7,
            Frequency::Monthly => usize::from(begin.days_in_month().unsigned_abs()),
        };
        Some((begin, days))
    }

    /// Whether the rule takes a day of a period that it looks at.
    pub(super) fn picks(&self, first: Date, day: Date) -> bool {
        let by_day = self.by_day.is_empty() || self.by_day.iter().any(|by| by.is(day));
        let by_month_day =
            self.by_month_day.is_empty() || self.by_month_day.iter().any(|nth| is_nth(*nth, day));
        let as_first = match self.frequency {
            Frequency::Weekly if self.by_day.is_empty() => first.weekday() == day.weekday(),
            Frequency::Monthly if self.by_day.is_empty() && self.by_month_day.is_empty() => {
                first.day() == day.day()
            }
            _ => true,
        };
        by_day && by_month_day && as_first
    }
}

impl ByDay {
    fn is(self, day: Date) -> bool {
        let from_start = (day.day() - 1) / 7 + 1;
        let from_end = (day.day() - day.days_in_month()) / 7 - 1;
        let nth = self.nth.is_none_or(|nth| nth == from_start || nth == from_end);
        nth && day.weekday().to_monday_zero_offset().unsigned_abs() == self.weekday
    }
}

fn is_nth(nth: i8, day: Date) -> bool {
    nth == day.day() || nth == day.day() - day.days_in_month() - 1
}

fn monday(day: Date) -> Option<Date> {
    day.checked_sub(day.weekday().to_monday_zero_offset().days()).ok()
}
