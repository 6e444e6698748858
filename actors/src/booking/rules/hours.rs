//! The hours of some days, as instants.
//!
//! A resource with a schedule of its own has its windows; one without has the
//! tenant's hours on the tenant's working days. Either way:
//! - A window belongs to the local day on which it begins; one whose end is not
//!   after its start runs past midnight, and is a whole day long if the two are
//!   the same.
//! - Windows that overlap or touch are one, across midnight too.
//! - A closed day lets none of its windows open, and nothing touch it: the spill
//!   past its end is gone, and what began the evening before is cut where the
//!   closed day begins.
//! - The grid of starts is that of the clock on the wall: the opening and every
//!   interval after it, in both passes of a repeated hour, and whether the
//!   opening itself is left out or not.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use zelador_store::Timestamp;
use zelador_store::resource::Window;
use zelador_store::tenant::Closure;

use super::span::{Span, covers, union};
use super::terms::Terms;
use super::zone::{self, Steady};

/// Milliseconds that no window reaches: a day, and a day that was repeated.
const LONGEST_WINDOW: i64 = 3 * 24 * 3_600_000;

/// A window of one day.
#[derive(Debug)]
pub(super) struct Opened {
    /// The local day on which it begins.
    pub(super) date: Date,
    /// As it is written.
    pub(super) window: Window,
    /// As it is.
    pub(super) span: Span,
    /// What the wall shows at its opening, as [`zone::wall`] counts.
    wall: i64,
    /// Whether its day is closed.
    closed: bool,
}

/// The hours of some days.
#[derive(Debug, Default)]
pub(super) struct Hours {
    /// Every window, by the instant at which it opens.
    pub(super) opened: Vec<Opened>,
    /// All windows, closures left out of account.
    pattern: Vec<Span>,
    /// The windows of days that are not closed.
    awake: Vec<Span>,
    closed: Vec<(Date, Span)>,
    /// The clock of the zone from the first opening until past the last closing: it
    /// is asked for once, not for every start.
    clock: Vec<Steady>,
}

impl Hours {
    /// All that spans which start and end on these local days can meet.
    pub(super) fn of(terms: &Terms, first: Date, last: Date) -> Self {
        let mut hours = Self::default();
        // A window of the eve may reach into the first day.
        let eve = first.checked_sub(1.day()).unwrap_or(first);
        for date in eve.series(1.day()).take_while(|date| *date <= last) {
            let closed = closure(terms, date).is_some();
            if closed && let Some(day) = zone::day_span(&terms.zone, date) {
                hours.closed.push((date, day));
            }
            for window in windows(terms, date) {
                hours.opened.extend(open(&terms.zone, date, window, closed));
            }
        }
        hours.opened.sort_by_key(|opened| opened.span.start);
        hours.pattern = union(hours.opened.iter().map(|opened| opened.span).collect());
        let awake = hours.opened.iter().filter(|opened| !opened.closed);
        hours.awake = union(awake.map(|opened| opened.span).collect());
        if let (Some(first), Some(last)) = (hours.pattern.first(), hours.pattern.last()) {
            let whole = Span::new(first.start, last.end).and(terms.step());
            hours.clock = zone::steady(&terms.zone, whole);
        }
        hours
    }

    /// The starts of a window on the grid that lie in `within`, in order.
    pub(super) fn starts(&self, terms: &Terms, opened: &Opened, within: Span) -> Vec<Timestamp> {
        let (mut found, step) = (Vec::new(), step(terms));
        for steady in self.steady(&terms.zone, opened.span.within(within)) {
            let begin = steady.span.start.as_millis();
            let end = steady.span.end.as_millis();
            let mut at = begin + (opened.wall - begin - steady.offset).rem_euclid(step);
            while at < end {
                found.push(Timestamp::from_millis(at));
                at += step;
            }
        }
        found
    }

    /// A span, cut at every change of the clock inside it.
    pub(super) fn steady(&self, zone: &TimeZone, span: Span) -> Vec<Steady> {
        let known = self.clock.first().is_some_and(|first| first.span.start <= span.start)
            && self.clock.last().is_some_and(|last| span.end <= last.span.end);
        if !known {
            return zone::steady(zone, span);
        }
        let cut = |steady: &Steady| Steady { span: steady.span.within(span), ..*steady };
        self.clock.iter().map(cut).filter(|steady| !steady.span.is_empty()).collect()
    }

    /// What a clock on the wall shows.
    fn wall(&self, zone: &TimeZone, at: Timestamp) -> i64 {
        let holds = |steady: &&Steady| steady.span.start <= at && at < steady.span.end;
        match self.clock.iter().find(holds) {
            Some(steady) => at.as_millis() + steady.offset,
            None => zone::wall(zone, at),
        }
    }

    /// Whether the week's pattern holds all of a span.
    pub(super) fn hold(&self, span: Span) -> bool {
        covers(&self.pattern, span)
    }

    /// The first closed day that stands against a span: one that it touches, or
    /// one whose spill past midnight it would need.
    pub(super) fn closed(&self, span: Span) -> Option<Date> {
        let touched = self.closed.iter().find(|(_, day)| day.overlaps(span)).map(|(date, _)| *date);
        let missed = self.near(span.start).take_while(|opened| opened.span.start < span.end);
        let mut missed = missed.filter(|opened| opened.closed).filter(|opened| {
            let needed = opened.span.within(span);
            !needed.is_empty() && !covers(&self.awake, needed)
        });
        touched.into_iter().chain(missed.next().map(|opened| opened.date)).min()
    }

    /// Whether a start lies on the grid.
    pub(super) fn aligned(&self, terms: &Terms, start: Timestamp) -> bool {
        let wall = self.wall(&terms.zone, start);
        let step = step(terms);
        let on = |opening: i64| (wall - opening).rem_euclid(step) == 0;
        let mut held = false;
        for opened in self.holders(start) {
            if on(opened.wall) {
                return true;
            }
            held = true;
        }
        !held && on(self.anchor(terms, start).map_or_else(|| unopened(terms, start), |o| o.wall))
    }

    /// The window whose grid a start is measured by: one that holds it, or else
    /// the last one of its day that began before it, or else the first one of its
    /// day. `None`: the day has none, and the tenant's opening counts.
    pub(super) fn anchor(&self, terms: &Terms, start: Timestamp) -> Option<&Opened> {
        if let Some(holder) = self.holders(start).next() {
            return Some(holder);
        }
        let date = zone::date(&terms.zone, start);
        let mut today = self.near(start).filter(|opened| opened.date == date).peekable();
        let first = today.peek().copied();
        today.take_while(|opened| opened.span.start <= start).last().or(first)
    }

    fn holders(&self, start: Timestamp) -> impl Iterator<Item = &Opened> {
        let begun = self.near(start).take_while(move |opened| opened.span.start <= start);
        begun.filter(move |opened| start < opened.span.end)
    }

    /// Windows from the first on that can reach an instant.
    fn near(&self, at: Timestamp) -> impl Iterator<Item = &Opened> {
        let from = Timestamp::from_millis(at.as_millis() - LONGEST_WINDOW);
        let skipped = self.opened.partition_point(|opened| opened.span.start < from);
        self.opened.iter().skip(skipped)
    }
}

/// Milliseconds of the interval.
pub(super) fn step(terms: &Terms) -> i64 {
    i64::try_from(terms.step().as_millis()).unwrap_or(i64::MAX)
}

/// What the wall shows at the tenant's opening on the day of an instant.
fn unopened(terms: &Terms, start: Timestamp) -> i64 {
    zone::wall_of(zone::date(&terms.zone, start).to_datetime(terms.opening))
}

/// The windows that begin on a local day, as they are written.
pub(super) fn windows(terms: &Terms, date: Date) -> impl Iterator<Item = Window> {
    let weekday = date.weekday().to_monday_zero_offset().unsigned_abs();
    let own = terms.schedule.as_ref().map(|schedule| schedule.day(weekday));
    let works = own.is_none() && terms.working_days.contains(&weekday);
    let tenants = works.then_some(Window { start: terms.opening, end: terms.closing });
    own.unwrap_or(&[]).iter().copied().chain(tenants)
}

/// The closure of a local day, if it is closed.
pub(super) fn closure(terms: &Terms, date: Date) -> Option<&Closure> {
    terms.closures.iter().find(|closure| closure.from <= date && date <= closure.to)
}

/// A window on its day; `None`: nothing of it is left.
fn open(zone: &TimeZone, date: Date, window: Window, closed: bool) -> Option<Opened> {
    let begins = date.to_datetime(window.start);
    let opening = zone::opening(zone, begins)?;
    if opening.moved && zone::day_span(zone, date).is_none() {
        return None;
    }
    let span = Span::new(opening.start, zone::closing(zone, ends(date, window)?)?);
    let wall = zone::wall_of(begins);
    (!span.is_empty()).then_some(Opened { date, window, span, wall, closed })
}

fn ends(date: Date, window: Window) -> Option<DateTime> {
    let spills = window.end <= window.start;
    let day = if spills { date.checked_add(1.day()).ok()? } else { date };
    Some(day.to_datetime(window.end))
}
