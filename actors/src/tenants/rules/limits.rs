//! What a rule of booking may be, whoever sets it: a tenant, a category or a
//! resource. Members stand under `settings`.

use jiff::civil::Time;
use zelador_store::category::Overrides;
use zelador_store::tenant::{Closure, Settings};

use crate::checks::Checks;

/// Bytes that settings may take as JSON: a row holds 64 KiB.
const SETTINGS_BYTES: usize = 16 * 1024;
/// Minutes of a day.
const DAY_MINUTES: u32 = 24 * 60;
/// Years that closures and notices may lie ahead are counted in these days.
const TEN_YEARS_DAYS: u32 = 3660;

/// The rules of booking as somebody sets them; what is inherited is absent.
pub(crate) struct BookingRules<'a> {
    hours: [(&'static str, Option<Time>); 2],
    days: &'a [u8],
    closures: &'a [Closure],
    /// Name, value, least, most.
    numbers: [(&'static str, Option<u32>, u32, u32); 5],
    bytes: usize,
}

impl<'a> BookingRules<'a> {
    /// A tenant's, which inherits nothing.
    pub(crate) fn of_tenant(settings: &'a Settings) -> Self {
        Self {
            hours: hours(Some(settings.working_hours_start), Some(settings.working_hours_end)),
            days: &settings.working_days,
            closures: &settings.closures,
            numbers: numbers([
                Some(settings.booking_interval),
                Some(settings.advance_booking_days),
                Some(settings.min_notice_minutes),
                Some(settings.cancellation_hours),
                Some(settings.buffer_minutes),
            ]),
            bytes: bytes(settings),
        }
    }

    /// Those of whoever inherits the rest.
    pub(crate) fn of_heir(own: &'a Overrides) -> Self {
        Self {
            hours: hours(own.working_hours_start, own.working_hours_end),
            days: own.working_days.as_deref().unwrap_or_default(),
            closures: &own.closures,
            numbers: numbers([
                own.booking_interval,
                own.advance_booking_days,
                own.min_notice_minutes,
                own.cancellation_hours,
                own.buffer_minutes,
            ]),
            bytes: bytes(own),
        }
    }

    /// Notes everything that is wrong with them.
    pub(crate) fn check(&self, checks: &mut Checks) {
        let [(_, start), (_, end)] = self.hours;
        for (name, time) in self.hours {
            let whole = time.is_none_or(|time| time.subsec_nanosecond() == 0);
            checks.format(&format!("settings.{name}"), "time-of-day", whole);
        }
        check_order(start, end, checks);
        self.check_days(checks);
        for (at, closure) in self.closures.iter().enumerate() {
            let field = |member: &str| format!("settings.closures[{at}].{member}");
            checks.holds(&field("to"), "not_after_start", closure.from <= closure.to);
            if let Some(reason) = &closure.reason {
                checks.text(&field("reason"), reason, 0, 200);
            }
        }
        checks.bytes("settings", self.bytes, SETTINGS_BYTES);
        for (name, value, least, most) in self.numbers {
            if let Some(value) = value {
                checks.range(&format!("settings.{name}"), value.into(), least.into(), most.into());
            }
        }
    }

    fn check_days(&self, checks: &mut Checks) {
        let mut seen = [false; 7];
        for (at, day) in self.days.iter().enumerate() {
            let field = format!("settings.working_days[{at}]");
            match seen.get_mut(usize::from(*day)) {
                None => checks.range(&field, (*day).into(), 0, 6),
                Some(true) => checks.flaw("settings.working_days", "repeated_item"),
                Some(first) => *first = true,
            }
        }
    }
}

/// Notes hours that end before they begin; where one is absent, nothing is known.
pub(crate) fn check_order(start: Option<Time>, end: Option<Time>, checks: &mut Checks) {
    let ordered = start.zip(end).is_none_or(|(start, end)| start < end);
    checks.holds("settings.working_hours_end", "not_after_start", ordered);
}

fn hours(start: Option<Time>, end: Option<Time>) -> [(&'static str, Option<Time>); 2] {
    [("working_hours_start", start), ("working_hours_end", end)]
}

fn numbers(values: [Option<u32>; 5]) -> [(&'static str, Option<u32>, u32, u32); 5] {
    let [interval, advance, notice, cancellation, buffer] = values;
    [
        ("booking_interval", interval, 1, DAY_MINUTES),
        ("advance_booking_days", advance, 0, TEN_YEARS_DAYS),
        ("min_notice_minutes", notice, 0, 366 * DAY_MINUTES),
        ("cancellation_hours", cancellation, 0, 366 * 24),
        ("buffer_minutes", buffer, 0, DAY_MINUTES),
    ]
}

fn bytes(settings: &impl serde::Serialize) -> usize {
    serde_json::to_string(settings).map_or(usize::MAX, |text| text.len())
}
