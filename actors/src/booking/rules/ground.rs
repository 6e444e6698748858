//! The one evaluator: what judging the spans of a stretch of time needs, worked
//! out once, and the rules on top of it.
//!
//! Each rule is judged by itself, so that an explanation can name all that are
//! broken:
//! - `outside_working_hours` and `resource_unavailable` measure the week's
//!   pattern, without closures; only one of them speaks: the latter for a
//!   resource with a schedule, the former for one without.
//! - `closed` measures the closures.
//! - A span longer than the longest booking is cut to that length for the rules
//!   about hours and seats, and an empty one is lengthened to a millisecond:
//!   `duration_not_multiple` is broken anyway.

use std::time::Duration;

use jiff::civil::Date;
use zelador_store::Timestamp;
use zelador_store::booking::LONGEST;
use zelador_store::resource::Window;

use super::detail::Detail;
use super::hours::{self, Hours};
use super::load::Load;
use super::rule::Rule;
use super::span::{MINUTE, Span, Taken};
use super::terms::{self, Booker, Terms};
use super::zone;

/// What is known about a stretch of time.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    terms: &'a Terms,
    now: Timestamp,
    latest: Timestamp,
    booker: Booker,
    pub(super) hours: Hours,
    load: Load,
}

impl<'a> Ground<'a> {
    /// For all spans within `stretch`. `taken`, in any order, is at least what
    /// occupies the resource in the reach of the stretch.
    pub(super) fn new(
        terms: &'a Terms,
        now: Timestamp,
        booker: Booker,
        stretch: Span,
        taken: &[Taken],
    ) -> Self {
        let date = |at| zone::date(&terms.zone, at);
        let hours = Hours::of(terms, date(stretch.start), date(stretch.end));
        Self::with(terms, (now, booker), hours, stretch, taken)
    }

    /// The same with the hours of all days that the stretch touches.
    pub(super) fn with(
        terms: &'a Terms,
        (now, booker): (Timestamp, Booker),
        hours: Hours,
        stretch: Span,
        taken: &[Taken],
    ) -> Self {
        let load = Load::new(taken, terms.gap(), stretch.and(terms.gap()));
        Self { terms, now, latest: terms::horizon(terms, now), booker, hours, load }
    }

    /// Whether a rule holds for a span.
    pub(super) fn holds(&self, rule: Rule, asked: Span) -> bool {
        let terms = self.terms;
        match rule {
            Rule::ResourceInactive => terms.active,
            Rule::UserNotAllowed => self.booker.allowed,
            Rule::InThePast => asked.start >= self.now,
            Rule::MinNotice => asked.start >= terms.earliest(self.now),
            Rule::BeyondAdvanceWindow => asked.start <= self.latest,
            Rule::DurationNotMultiple => lasts_well(terms, asked),
            Rule::NotAligned => self.hours.aligned(terms, asked.start),
            Rule::OutsideWorkingHours => {
                terms.schedule.is_some() || self.hours.hold(measured(asked))
            }
            Rule::Closed => self.hours.closed(measured(asked)).is_none(),
            Rule::ResourceUnavailable => {
                terms.schedule.is_none() || self.hours.hold(measured(asked))
            }
            Rule::Conflict => self.load.peak(measured(asked)).taken < terms.seats,
        }
    }

    /// The first rule that a span breaks.
    pub(super) fn first_broken(&self, asked: Span) -> Option<Rule> {
        Rule::ALL.into_iter().find(|rule| !self.holds(*rule, asked))
    }

    /// What stands in the way of a span, by start.
    pub(super) fn in_the_way(&self, asked: Span, taken: &[Taken]) -> Vec<Taken> {
        self.load.in_the_way(measured(asked), self.terms.seats, taken)
    }

    /// What a rule finds about a span.
    pub(super) fn detail(&self, rule: Rule, asked: Span) -> Detail {
        let terms = self.terms;
        match rule {
            Rule::ResourceInactive | Rule::UserNotAllowed => Detail::Nothing,
            Rule::InThePast => Detail::Now { now: self.now },
            Rule::MinNotice => {
                Detail::Notice { minutes: terms.min_notice, earliest: terms.earliest(self.now) }
            }
            Rule::BeyondAdvanceWindow => {
                Detail::Advance { days: terms.advance_days, latest: self.latest }
            }
            Rule::DurationNotMultiple => duration(terms, asked),
            Rule::NotAligned => self.grid(asked.start),
            Rule::OutsideWorkingHours if terms.schedule.is_some() => Detail::Nothing,
            Rule::ResourceUnavailable if terms.schedule.is_none() => Detail::Nothing,
            Rule::OutsideWorkingHours | Rule::ResourceUnavailable => self.hours_of(asked.start),
            Rule::Closed => self.closure(asked),
            Rule::Conflict => {
                let peak = self.load.peak(measured(asked));
                Detail::Seats { seats: terms.seats, peak: peak.taken, at: peak.at }
            }
        }
    }

    fn grid(&self, start: Timestamp) -> Detail {
        let terms = self.terms;
        let anchor = self.hours.anchor(terms, start);
        let starts =
            anchor.map_or_else(Vec::new, |opened| self.hours.starts(terms, opened, opened.span));
        let before = starts.partition_point(|at| *at < start).checked_sub(1);
        Detail::Grid {
            interval: terms.interval,
            opening: anchor.map_or(terms.opening, |opened| opened.window.start),
            before: before.and_then(|at| starts.get(at)).copied(),
            after: starts.get(starts.partition_point(|at| *at <= start)).copied(),
        }
    }

    fn hours_of(&self, start: Timestamp) -> Detail {
        let date = zone::date(&self.terms.zone, start);
        let windows: Vec<Window> = hours::windows(self.terms, date).collect();
        if windows.is_empty() { Detail::DayOff { date } } else { Detail::Hours { date, windows } }
    }

    fn closure(&self, asked: Span) -> Detail {
        let closed = |date: Date| {
            let reason = hours::closure(self.terms, date).and_then(|found| found.reason.clone());
            Detail::Closure { date, reason }
        };
        self.hours.closed(measured(asked)).map_or(Detail::Nothing, closed)
    }
}

/// The part of a span by which hours and seats are measured.
pub(super) fn measured(asked: Span) -> Span {
    let least = asked.start + Duration::from_millis(1);
    Span::new(asked.start, asked.end.max(least).min(asked.start + LONGEST))
}

fn lasts_well(terms: &Terms, asked: Span) -> bool {
    let length = asked.length();
    !length.is_zero()
        && length <= LONGEST
        && length.as_millis().is_multiple_of(terms.step().as_millis())
}

fn duration(terms: &Terms, asked: Span) -> Detail {
    if asked.length() > LONGEST {
        return Detail::TooLong { hours: LONGEST.as_secs() / 3600 };
    }
    let millis = asked.end.as_millis() - asked.start.as_millis();
    Detail::Multiple { interval: terms.interval, minutes: millis.div_euclid(MINUTE) }
}
