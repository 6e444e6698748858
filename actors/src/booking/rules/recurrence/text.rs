//! Rules as RFC 5545 writes them, as far as they are understood here.
//!
//! ```text
//! RRULE:FREQ=DAILY|WEEKLY|MONTHLY      (the name may be left out)
//!   ;INTERVAL=1..366 ;WKST=MO
//!   ;BYDAY=MO,WE                       monthly also 1MO, -1FR
//!   ;BYMONTHDAY=15,-1                  daily and monthly
//!   ;COUNT=1..365 | ;UNTIL=20251231 | 20251231T180000 | 20251231T210000Z
//! EXDATE[;VALUE=DATE][;TZID=…]:…,…     each as UNTIL, any number of lines
//! ```
//! Anything else is refused by name: a rule that is half understood would book
//! what nobody meant.

use std::fmt::Write as _;

use jiff::civil::{Date, DateTime, Time};
use zelador_store::Timestamp;

use super::{ByDay, End, Frequency, MOST, Point, Recurrence, RecurrenceFlaw};
use crate::booking::rules::zone;
use crate::moment;

/// The greatest interval of a text.
const MOST_INTERVAL: u32 = 366;
/// Of a month there are no more than five Mondays.
const MOST_NTH: i8 = 5;
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

fn malformed(what: &str) -> RecurrenceFlaw {
    RecurrenceFlaw::Malformed { what: what.chars().take(40).collect() }
}

fn unsupported(what: &str) -> RecurrenceFlaw {
    RecurrenceFlaw::Unsupported { what: what.chars().take(40).collect() }
}

impl Recurrence {
    /// The rule of a text: an `RRULE`'s value, or lines of `RRULE` and `EXDATE`.
    pub fn from_rrule(text: &str) -> Result<Self, RecurrenceFlaw> {
        let mut rule = None;
        let mut except = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (head, value) = line.split_once(':').unwrap_or(("RRULE", line));
            let (name, params) = head.split_once(';').unwrap_or((head, ""));
            match name.to_ascii_uppercase().as_str() {
                "RRULE" if rule.is_some() || !params.is_empty() => return Err(malformed("RRULE")),
                "RRULE" => rule = Some(parse(value)?),
                "EXDATE" => left_out(params, value, &mut except)?,
                other => return Err(unsupported(other)),
            }
        }
        let rule = Self { except, ..rule.ok_or_else(|| malformed("RRULE"))? }.in_order();
        if rule.except.len() > MOST { Err(RecurrenceFlaw::TooMany) } else { Ok(rule) }
    }

    /// The rule as [`Self::from_rrule`] reads it.
    pub fn to_rrule(&self) -> String {
        let mut text = format!("FREQ={}", self.frequency.word().to_ascii_uppercase());
        let mut part = |name: &str, values: Vec<String>| {
            if !values.is_empty() {
                let _ = write!(text, ";{name}={}", values.join(","));
            }
        };
        let interval = (self.interval > 1).then(|| self.interval.to_string());
        part("INTERVAL", interval.into_iter().collect());
        part("BYDAY", self.by_day.iter().map(|by| by.text()).collect());
        part("BYMONTHDAY", self.by_month_day.iter().map(i8::to_string).collect());
        match self.end {
            End::Open => {}
            End::After(count) => part("COUNT", vec![count.to_string()]),
            End::Until(until) => part("UNTIL", vec![until.text()]),
        }
        if self.except.is_empty() { text } else { format!("RRULE:{text}{}", self.exdates()) }
    }

    fn exdates(&self) -> String {
        let (days, times): (Vec<Point>, Vec<Point>) =
            self.except.iter().partition(|point| matches!(point, Point::Day(_)));
        let mut lines = String::new();
        for (name, points) in [("EXDATE;VALUE=DATE", days), ("EXDATE", times)] {
            let points: Vec<String> = points.into_iter().map(Point::text).collect();
            if !points.is_empty() {
                let _ = write!(lines, "\n{name}:{}", points.join(","));
            }
        }
        lines
    }
}

/// The value of an `RRULE`.
fn parse(value: &str) -> Result<Recurrence, RecurrenceFlaw> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for part in value.split(';').filter(|part| !part.is_empty()) {
        let part = part.trim().to_ascii_uppercase();
        let (name, value) = part.split_once('=').ok_or_else(|| malformed(&part))?;
        if parts.iter().any(|(seen, _)| seen == name) {
            return Err(malformed(name));
        }
        parts.push((name.to_owned(), value.to_owned()));
    }
    let frequency = parts.iter().find(|(name, _)| name == "FREQ");
    let (_, frequency) = frequency.ok_or_else(|| malformed("FREQ"))?;
    let known = Frequency::from_word(frequency);
    let mut rule = Recurrence::of(known.ok_or_else(|| unsupported(&format!("FREQ={frequency}")))?);
    for (name, value) in &parts {
        set(&mut rule, name, value)?;
    }
    Ok(rule)
}

fn set(rule: &mut Recurrence, name: &str, value: &str) -> Result<(), RecurrenceFlaw> {
    match name {
        "FREQ" => {}
        "WKST" if value == "MO" => {}
        "WKST" => return Err(unsupported(&format!("WKST={value}"))),
        "INTERVAL" => rule.interval = interval(value)?,
        "BYDAY" => rule.by_day = each(value, |item| by_day(rule.frequency, item))?,
        "BYMONTHDAY" if rule.frequency == Frequency::Weekly => return Err(unsupported(name)),
        "BYMONTHDAY" => rule.by_month_day = each(value, month_day)?,
        "COUNT" | "UNTIL" if rule.ends() => return Err(RecurrenceFlaw::CountAndUntil),
        "COUNT" => rule.end = End::After(count(value)?),
        "UNTIL" => rule.end = End::Until(point(value).ok_or_else(|| malformed("UNTIL"))?),
        other => return Err(unsupported(other)),
    }
    Ok(())
}

fn each<T>(
    value: &str,
    read: impl Fn(&str) -> Result<T, RecurrenceFlaw>,
) -> Result<Vec<T>, RecurrenceFlaw> {
    value.split(',').map(read).collect()
}

fn interval(value: &str) -> Result<u32, RecurrenceFlaw> {
    let interval = number(value).ok_or_else(|| malformed("INTERVAL"))?;
    let known = (1..=MOST_INTERVAL).contains(&interval);
    known.then_some(interval).ok_or(RecurrenceFlaw::Interval { most: MOST_INTERVAL })
}

fn count(value: &str) -> Result<usize, RecurrenceFlaw> {
    let count = number(value).and_then(|count| usize::try_from(count).ok());
    match count.ok_or_else(|| malformed("COUNT"))? {
        0 => Err(malformed("COUNT")),
        count if count > MOST => Err(RecurrenceFlaw::TooMany),
        count => Ok(count),
    }
}

/// Digits and nothing else.
fn number(value: &str) -> Option<u32> {
    value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok())?
}

fn by_day(frequency: Frequency, item: &str) -> Result<ByDay, RecurrenceFlaw> {
    let flaw = || malformed("BYDAY");
    let (nth, name) = item.split_at_checked(item.len().saturating_sub(2)).ok_or_else(flaw)?;
    let weekday = WEEKDAYS.iter().position(|known| *known == name).ok_or_else(flaw)?;
    let weekday = u8::try_from(weekday).map_err(|_| flaw())?;
    if nth.is_empty() {
        return Ok(ByDay { weekday, nth: None });
    }
    if frequency != Frequency::Monthly {
        return Err(unsupported(&format!("BYDAY={item}")));
    }
    Ok(ByDay { weekday, nth: Some(signed(nth, MOST_NTH).ok_or_else(flaw)?) })
}

fn month_day(item: &str) -> Result<i8, RecurrenceFlaw> {
    signed(item, 31).ok_or_else(|| malformed("BYMONTHDAY"))
}

/// From 1 to `most`, or from `-most` to -1.
fn signed(text: &str, most: i8) -> Option<i8> {
    let number: i8 = text.parse().ok()?;
    (number != 0 && (-most..=most).contains(&number)).then_some(number)
}

fn left_out(params: &str, value: &str, except: &mut Vec<Point>) -> Result<(), RecurrenceFlaw> {
    let mut named = None;
    for param in params.split(';').filter(|param| !param.is_empty()) {
        let (name, value) = param.split_once('=').ok_or_else(|| malformed("EXDATE"))?;
        match name.to_ascii_uppercase().as_str() {
            "VALUE" => {}
            "TZID" => named = Some(moment::zone(value).ok_or_else(|| malformed("TZID"))?.0),
            other => return Err(unsupported(other)),
        }
    }
    for item in value.split(',') {
        let item = point(item.trim()).ok_or_else(|| malformed("EXDATE"))?;
        let meant = |local| named.as_ref().and_then(|zone| zone::meant(zone, local));
        except.push(match item {
            Point::Local(local) => meant(local).map_or(item, |meant| Point::At(meant.start)),
            item => item,
        });
    }
    Ok(())
}

/// `20251231`, `20251231T180000` or `20251231T210000Z`.
fn point(text: &str) -> Option<Point> {
    let Some((date, time)) = text.split_once(['T', 't']) else {
        return day(text).map(Point::Day);
    };
    let utc = time.strip_suffix(['Z', 'z']);
    let local = day(date)?.to_datetime(time_of_day(utc.unwrap_or(time))?);
    if utc.is_none() {
        return Some(Point::Local(local));
    }
    let at = jiff::tz::Offset::UTC.to_timestamp(local).ok()?;
    Some(Point::At(at.into()))
}

fn day(text: &str) -> Option<Date> {
    let digits = digits::<8>(text)?;
    let number = |from, to| digits.get(from..to)?.parse::<i16>().ok();
    let small = |from, to| number(from, to).and_then(|number| i8::try_from(number).ok());
    Date::new(number(0, 4)?, small(4, 6)?, small(6, 8)?).ok()
}

fn time_of_day(text: &str) -> Option<Time> {
    let digits = digits::<6>(text)?;
    let number = |from, to| digits.get(from..to)?.parse::<i8>().ok();
    Time::new(number(0, 2)?, number(2, 4)?, number(4, 6)?, 0).ok()
}

fn digits<const MANY: usize>(text: &str) -> Option<&str> {
    (text.len() == MANY && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

impl ByDay {
    fn text(self) -> String {
        let name = WEEKDAYS.get(usize::from(self.weekday)).copied().unwrap_or_default();
        self.nth.map_or_else(|| name.to_owned(), |nth| format!("{nth}{name}"))
    }
}

impl Point {
    fn text(self) -> String {
        let local = |local: DateTime| local.strftime("%Y%m%dT%H%M%S").to_string();
        match self {
            Self::Day(day) => day.strftime("%Y%m%d").to_string(),
            Self::Local(at) => local(at),
            Self::At(at) => format!("{}Z", local(utc(at))),
        }
    }
}

fn utc(at: Timestamp) -> DateTime {
    jiff::tz::Offset::UTC.to_datetime(at.to_jiff())
}
