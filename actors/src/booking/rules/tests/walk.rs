//! The expansion against a walk from day to day.

use jiff::ToSpan;

use super::*;
use crate::booking::rules::{Recurrence, RecurrenceFlaw, expand};

const NAMES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// A rule, taken apart.
#[derive(Debug, Clone)]
struct Parts {
    frequency: &'static str,
    interval: i32,
    /// The nth of its month, 0 for each; and the weekday, 0 = Monday.
    by_day: Vec<(i8, usize)>,
    by_month_day: Vec<i8>,
    count: Option<usize>,
    days: i32,
}

impl Parts {
    fn text(&self, first: Date) -> String {
        let nth = |nth: i8| if nth == 0 { String::new() } else { nth.to_string() };
        let by_day = self.by_day.iter().map(|(at, day)| format!("{}{}", nth(*at), NAMES[*day]));
        let by_month_day = self.by_month_day.iter().map(ToString::to_string);
        let until = first.checked_add(self.days.days()).unwrap().strftime("%Y%m%d").to_string();
        let end = self.count.map_or(("UNTIL", until), |count| ("COUNT", count.to_string()));
        let parts = [
            ("FREQ", self.frequency.to_owned()),
            ("INTERVAL", self.interval.to_string()),
            ("BYDAY", by_day.collect::<Vec<_>>().join(",")),
            ("BYMONTHDAY", by_month_day.collect::<Vec<_>>().join(",")),
            end,
        ];
        let parts = parts.iter().filter(|(_, value)| !value.is_empty());
        parts.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";")
    }

    /// Whether a day is one of the rule's, seen by itself.
    fn takes(&self, first: Date, day: Date) -> bool {
        let epoch = date("1990-01-01");
        let since = |day: Date| day.since(epoch).unwrap().get_days();
        let month = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
        let apart = match self.frequency {
            "DAILY" => since(day) - since(first),
            // The epoch was a Monday.
            "WEEKLY" => since(day).div_euclid(7) - since(first).div_euclid(7),
            _ => month(day) - month(first),
        };
        if apart % self.interval != 0 {
            return false;
        }
        let weekday = |day: Date| since(day).rem_euclid(7);
        let same = |other: Date| other.month() == day.month() && weekday(other) == weekday(day);
        let (mut before, mut after) = (1, 1);
        for weeks in 1..6 {
            before += i8::from(same(day.checked_sub(weeks.weeks()).unwrap()));
            after += i8::from(same(day.checked_add(weeks.weeks()).unwrap()));
        }
        let is = |(nth, at): &(i8, usize)| {
            usize::try_from(weekday(day)).unwrap() == *at && [0, before, -after].contains(nth)
        };
        let left = day.last_of_month().day() - day.day() + 1;
        let by_day = self.by_day.is_empty() || self.by_day.iter().any(is);
        let by_month_day = self.by_month_day.is_empty()
            || self.by_month_day.iter().any(|nth| *nth == day.day() || *nth == -left);
        let plain = self.by_day.is_empty() && self.by_month_day.is_empty();
        let like_first = match self.frequency {
            "WEEKLY" => !self.by_day.is_empty() || weekday(day) == weekday(first),
            "MONTHLY" => !plain || day.day() == first.day(),
            _ => true,
        };
        by_day && by_month_day && like_first
    }

    fn walk(&self, first: Date) -> Vec<Date> {
        let until = first.checked_add(if self.count.is_some() { 3660 } else { self.days }.days());
        let days = first.series(1.day()).take_while(|day| *day <= *until.as_ref().unwrap());
        let taken = days.filter(|day| self.takes(first, *day));
        taken.take(self.count.unwrap_or(usize::MAX)).collect()
    }
}

prop_compose! {
    fn parts()(
        frequency in prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY"]),
        interval in prop_oneof![3 => 1_i32..4, 1 => 1_i32..20],
        nth in any::<bool>(),
        by_day in prop::collection::vec((-5_i8..6, 0_usize..7), 0..4),
        by_month_day in prop::collection::vec((1_i8..32, any::<bool>()), 0..3),
        count in prop::option::of(1_usize..30),
        days in 0_i32..300,
    ) -> Parts {
        let nth = nth && frequency == "MONTHLY";
        let by_day = by_day.into_iter().map(|(at, day)| (if nth { at } else { 0 }, day));
        let by_month_day = by_month_day.into_iter().map(|(at, back)| if back { -at } else { at });
        let by_month_day =
            if frequency == "WEEKLY" { Vec::new() } else { by_month_day.collect() };
        Parts { frequency, interval, by_day: by_day.collect(), by_month_day, count, days }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_rule_makes_what_a_walk_from_day_to_day_finds(parts in parts(), from in 0_i32..800) {
        let mut first = date("2026-01-01").checked_add(from.days()).unwrap();
        // A start in the pattern nearby, if there is one.
        let near = first.series(1.day()).take(62).find(|day| parts.takes(*day, *day));
        first = near.unwrap_or(first);
        let rule = Recurrence::from_rrule(&parts.text(first)).unwrap();
        let zone = jiff::tz::TimeZone::UTC;
        let start = Timestamp::from(first.at(9, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp());
        let found = expand(&rule, Span::new(start, start + minutes(60)), &zone, Timestamp::MAX);
        let expected = parts.walk(first);
        match found {
            Err(RecurrenceFlaw::StartNotInPattern) => prop_assert!(!parts.takes(first, first)),
            Err(RecurrenceFlaw::TooFar) => prop_assert!(expected.len() < parts.count.unwrap()),
            found => {
                let found: Vec<Date> = found.unwrap().iter().map(|made| made.original.date()).collect();
                prop_assert_eq!(found, expected, "{}", parts.text(first));
            }
        }
    }
}
