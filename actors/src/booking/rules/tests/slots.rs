//! Slots and judgements are one opinion.

use std::collections::HashSet;

use super::*;
use crate::booking::rules::zone;
use crate::booking::rules::{Days, day_span, slots};

/// The slots of a day, from no more of the calendar than they ask for.
fn listed(
    terms: &Terms,
    now: Timestamp,
    day: Date,
    all: &[Taken],
) -> Vec<crate::booking::rules::Slot> {
    let Some(reach) = Days::new(terms, vec![day]).reach() else {
        return slots(terms, now, day, all);
    };
    let near: Vec<Taken> =
        all.iter().filter(|taken| taken.span().overlaps(reach)).copied().collect();
    slots(terms, now, day, &near)
}

fn offset(terms: &Terms, at: Timestamp) -> i64 {
    zone::wall(&terms.zone, at) - at.as_millis()
}

/// Whether the clock is put forward inside a span, or was put back so shortly
/// before it that the slot before is not over.
fn beside_the_clock(terms: &Terms, asked: Span) -> bool {
    let last = Timestamp::from_millis(asked.end.as_millis() - 1);
    let before = asked.start - asked.length();
    offset(terms, asked.start) < offset(terms, last)
        || offset(terms, before) > offset(terms, asked.start)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn a_slot_is_free_if_and_only_if_it_can_be_booked(
        (terms, day) in any_terms(),
        bookings in any_taken(),
        ahead in 0_u64..3000,
    ) {
        let Some(today) = day_span(&terms.zone, day) else { return Ok(()) };
        let now = today.start - minutes(ahead);
        let all = placed(today.start, &bookings);
        for slot in listed(&terms, now, day, &all) {
            let asked = Span::new(slot.start, slot.end);
            prop_assert_eq!(slot.refused, judged(&terms, now, asked, &all).first_broken());
        }
    }

    #[test]
    fn whatever_can_be_booked_is_among_the_slots(
        (terms, day) in any_terms(),
        bookings in any_taken(),
        ahead in 0_u64..3000,
    ) {
        let Some(today) = day_span(&terms.zone, day) else { return Ok(()) };
        let now = today.start - minutes(ahead);
        let all = placed(today.start, &bookings);
        let eve = day.checked_sub(jiff::Span::new().days(1)).unwrap();
        let offered = [eve, day].map(|day| listed(&terms, now, day, &all));
        let offered: HashSet<Timestamp> =
            offered.iter().flatten().filter(|s| s.refused.is_none()).map(|s| s.start).collect();
        let each = (0..).map(|nth| today.start + minutes(5 * nth));
        for start in each.take_while(|at| *at < today.end) {
            let asked = Span::new(start, start + minutes(terms.interval.into()));
            let free = judged(&terms, now, asked, &all).bookable();
            if free && !beside_the_clock(&terms, asked) {
                prop_assert!(offered.contains(&start), "{} is missing", start);
            }
        }
    }

    #[test]
    fn several_days_have_the_slots_of_each(
        (terms, day) in any_terms(),
        bookings in any_taken(),
        ahead in 0_u64..3000,
        length in 1_usize..9,
    ) {
        let Some(today) = day_span(&terms.zone, day) else { return Ok(()) };
        let now = today.start - minutes(ahead);
        let all = placed(today.start, &bookings);
        let dates: Vec<_> = day.series(jiff::Span::new().days(1)).take(length).collect();
        let days = Days::new(&terms, dates.clone());
        let reach = days.reach();
        let near = all.iter().filter(|taken| reach.is_some_and(|it| taken.span().overlaps(it)));
        let near: Vec<_> = near.copied().collect();
        let each: Vec<_> =
            dates.iter().map(|day| (*day, listed(&terms, now, *day, &all))).collect();
        prop_assert_eq!(days.slots(now, &near), each);
    }

    #[test]
    fn slots_are_in_order_and_none_comes_twice((terms, day) in any_terms()) {
        let found = slots(&terms, Timestamp::MIN, day, &[]);
        prop_assert!(found.is_sorted_by(|a, b| a.start < b.start));
        let length = minutes(terms.interval.into());
        prop_assert!(found.iter().all(|slot| slot.end == slot.start + length));
        let windows = terms.schedule.as_ref().map_or(1, |schedule| {
            schedule.day(day.weekday().to_monday_zero_offset().unsigned_abs()).len()
        });
        if windows == 1 {
            prop_assert!(found.is_sorted_by(|a, b| a.end <= b.start));
        }
    }
}

#[test]
fn slots_say_what_refuses_them() {
    use Rule::{Conflict, InThePast, MinNotice};
    let zone = "America/Sao_Paulo";
    let terms = Terms { interval: 60, min_notice: 60, closing: time("12:00"), ..terms(zone) };
    let now = local(zone, "2026-11-23T08:30");
    let all = [taken(1, span(zone, "2026-11-23T10:30", "2026-11-23T11:00"))];
    let found: Vec<_> =
        slots(&terms, now, date("2026-11-23"), &all).iter().map(|slot| slot.refused).collect();
    assert_eq!(found, [Some(InThePast), Some(MinNotice), Some(Conflict), None]);
    let inactive = Terms { active: false, ..terms };
    let found = slots(&inactive, now, date("2026-11-23"), &all);
    assert!(found.iter().all(|slot| slot.refused == Some(Rule::ResourceInactive)));
    assert_eq!(found.len(), 4);
}

#[test]
fn a_slot_fits_its_hours_or_ends_in_those_that_touch() {
    let zone = "America/Sao_Paulo";
    let day = date("2026-11-23");
    let office = Terms { interval: 60, closing: time("10:30"), ..terms(zone) };
    assert_eq!(slots(&office, Timestamp::MIN, day, &[]).len(), 2);
    // The last one of the day is over in the next, and so is what stands in its way.
    let whole = Terms { interval: 50, schedule: Some(always()), ..terms(zone) };
    let all = [taken(1, span(zone, "2026-11-24T00:00", "2026-11-24T00:10"))];
    let found = listed(&whole, local(zone, "2026-11-22"), day, &all);
    let last = found.last().unwrap();
    assert_eq!(Span::new(last.start, last.end), span(zone, "2026-11-23T23:20", "2026-11-24T00:10"));
    assert_eq!(last.refused, Some(Rule::Conflict));
    assert_eq!(found.iter().filter(|slot| slot.refused.is_some()).count(), 1);
}
