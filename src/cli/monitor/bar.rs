//! Numbers as people read them at a glance.

use zelador_store::Timestamp;

use super::facts::Progress;

/// A bar of so many cells, and what it stands for.
pub(super) fn bar(progress: &Progress, cells: usize, (full, empty): (char, char)) -> String {
    let done = progress.done.min(progress.total);
    let share = |of: u64| done.saturating_mul(of).checked_div(progress.total).unwrap_or(0);
    let filled = usize::try_from(share(cells as u64)).unwrap_or(0).min(cells);
    let line: String = (0..cells).map(|cell| if cell < filled { full } else { empty }).collect();
    format!("{line} {:>3}%", share(100))
}

/// A span of time in two parts at most.
pub(super) fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// The time between two moments; none if they are not in order.
pub(super) fn between(from: Timestamp, to: Timestamp) -> String {
    let millis = u64::try_from(to.since(from).as_millis()).unwrap_or(0);
    if millis < 10_000 {
        format!("{}.{} s", millis / 1000, millis / 100 % 10)
    } else {
        span(millis / 1000)
    }
}

/// Bytes, rounded.
pub(super) fn size(bytes: u64) -> String {
    const STEPS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match STEPS.iter().find(|(step, _)| bytes >= *step) {
        Some((step, name)) => format!("{}.{} {name}", bytes / step, bytes % step * 10 / step),
        None => format!("{bytes} B"),
    }
}

/// The time of day, UTC, and the day if it is another one.
pub(super) fn clock(at: Timestamp, now: Timestamp) -> String {
    let (text, today) = (at.to_string(), now.to_string());
    let (day, time) = text.split_once('T').unwrap_or(("", &text));
    let time: String = time.chars().take(8).collect();
    if today.starts_with(day) { time } else { format!("{day} {time}") }
}
