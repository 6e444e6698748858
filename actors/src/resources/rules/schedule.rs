//! The hours of a week: windows that never overlap, also past midnight.

use jiff::civil::Time;
use zelador_store::resource::{WeeklySchedule, Window};

use crate::checks::Checks;

/// Windows of a day.
const WINDOWS: usize = 12;
const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// A window in seconds from the midnight that begins its day; one that does not
/// end after its start ends on the next day.
fn seconds(window: &Window) -> (i64, i64) {
    let (start, end) = (of_day(window.start), of_day(window.end));
    (start, if end > start { end } else { end + DAY })
}

fn of_day(time: Time) -> i64 {
    (i64::from(time.hour()) * 60 + i64::from(time.minute())) * MINUTE + i64::from(time.second())
}

/// Notes everything that is wrong with a schedule, by the place of the window as
/// it was given.
pub fn check(schedule: &WeeklySchedule, checks: &mut Checks) {
    let days = schedule.days();
    // The day before Monday is Sunday.
    let eves = days.iter().cycle().skip(days.len() - 1);
    for ((name, windows), (_, eve)) in days.iter().zip(eves) {
        let spill = eve.iter().map(|window| seconds(window).1 - DAY).max().unwrap_or(0);
        check_day(&format!("availability_schedule.{name}"), windows, spill, checks);
    }
}

/// The windows of one day, which begin when the last of the day before is over.
fn check_day(field: &str, windows: &[Window], spill: i64, checks: &mut Checks) {
    if windows.len() > WINDOWS {
        checks.flaw_with(field, "too_many", vec![("limit", WINDOWS.to_string())]);
    }
    for (at, window) in windows.iter().enumerate().take(WINDOWS) {
        let (start, end) = seconds(window);
        let whole = window.start.subsec_nanosecond() == 0 && window.end.subsec_nanosecond() == 0;
        checks.format(&format!("{field}[{at}]"), "time-of-day", whole);
        let meets = |other: &Window| {
            let (from, to) = seconds(other);
            start < to && from < end
        };
        let free = start >= spill && !windows.iter().take(at).any(meets);
        checks.holds(&format!("{field}[{at}]"), "overlapping_window", free);
    }
}

/// The schedule as it is kept: the windows of each day in order.
pub fn in_order(mut schedule: WeeklySchedule) -> WeeklySchedule {
    let days = [
        &mut schedule.monday,
        &mut schedule.tuesday,
        &mut schedule.wednesday,
        &mut schedule.thursday,
        &mut schedule.friday,
        &mut schedule.saturday,
        &mut schedule.sunday,
    ];
    for windows in days {
        windows.sort_unstable_by_key(|window| window.start);
    }
    schedule
}
