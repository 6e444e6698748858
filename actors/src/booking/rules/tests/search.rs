//! The nearest spans against a search of everything.

use super::*;
use crate::booking::rules::{Search, horizon};

/// Fed with no more of the calendar than it asks for.
fn nearest(terms: &Terms, now: Timestamp, asked: Span, wanted: usize, all: &[Taken]) -> Vec<Span> {
    let mut search = Search::new(terms, now, &ANYONE, asked, wanted);
    let mut asks = 0;
    while let Some(needs) = search.needs() {
        let near: Vec<Taken> =
            all.iter().filter(|taken| taken.span().overlaps(needs)).copied().collect();
        search.feed(&near);
        asks += 1;
        assert!(asks < 10, "it asks for ever");
    }
    search.found()
}

/// Every five minutes from now to the end of the advance window.
fn everything(
    terms: &Terms,
    now: Timestamp,
    asked: Span,
    wanted: usize,
    all: &[Taken],
) -> Vec<Span> {
    let step = u64::from(terms.interval) * 60_000;
    let length = u64::try_from(asked.length().as_millis()).unwrap();
    let length = Duration::from_millis(length.div_ceil(step).max(1) * step);
    let five = 300_000;
    let begin = now.as_millis().div_euclid(five) * five;
    let each = (0..).map(|nth| Timestamp::from_millis(begin + nth * five));
    let each = each.take_while(|at| *at <= horizon(terms, now));
    let spans = each.map(|start| Span::new(start, start + length));
    let mut free: Vec<Span> =
        spans.filter(|span| judged(terms, now, *span, all).bookable()).collect();
    let distance = |span: &Span| span.start.as_millis().abs_diff(asked.start.as_millis());
    free.sort_by_key(|span| (distance(span), span.start));
    free.truncate(wanted);
    free
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_nearest_are_those_of_a_search_of_everything(
        (terms, day) in any_terms(),
        advance_days in prop::sample::select(vec![1, 3, 9]),
        bookings in any_taken(),
        from in -2000_i64..3000,
        long in 0_u64..40,
        wanted in 1_usize..8,
    ) {
        let terms = Terms { advance_days, ..terms };
        let noon = day.at(12, 0, 0, 0);
        let base = Timestamp::from(terms.zone.to_ambiguous_timestamp(noon).later().unwrap());
        let now = base - minutes(24 * 60);
        let start = Timestamp::from_millis(base.as_millis() + from * 300_000 + 7);
        let asked = Span::new(start, start + minutes(5 * long));
        let all = placed(base, &bookings);
        let expected = everything(&terms, now, asked, wanted, &all);
        prop_assert_eq!(nearest(&terms, now, asked, wanted, &all), expected);
    }
}

const ZONE: &str = "America/Sao_Paulo";

#[test]
fn the_earlier_of_two_that_are_as_near_comes_first() {
    let terms = terms(ZONE);
    let now = local(ZONE, "2026-11-20T07:00");
    let asked = span(ZONE, "2026-11-23T10:00", "2026-11-23T10:20");
    let all = [taken(1, span(ZONE, "2026-11-23T10:00", "2026-11-23T10:30"))];
    let at = |from: &str, to: &str| {
        span(ZONE, &format!("2026-11-23T{from}"), &format!("2026-11-23T{to}"))
    };
    let expected = [at("09:30", "10:00"), at("10:30", "11:00"), at("09:00", "09:30")];
    assert_eq!(nearest(&terms, now, asked, 3, &all), expected);
}

#[test]
fn it_goes_as_far_as_it_must_and_no_farther() {
    let now = local(ZONE, "2026-11-20T07:00");
    let asked = span(ZONE, "2026-11-23T10:00", "2026-11-23T10:30");
    let far = Terms {
        closures: vec![closed("2026-11-01", "2027-03-09")],
        advance_days: 200,
        ..terms(ZONE)
    };
    let expected = span(ZONE, "2027-03-10T08:00", "2027-03-10T08:30");
    assert_eq!(nearest(&far, now, asked, 1, &[]), [expected]);
    let never = Terms { working_days: vec![], advance_days: 3660, ..terms(ZONE) };
    assert!(nearest(&never, now, asked, 3, &[]).is_empty());
    // Enough on the same day: nothing else is asked for.
    let near = terms(ZONE);
    let mut search = Search::new(&near, now, &ANYONE, asked, 3);
    let needs = search.needs().unwrap();
    assert!(needs.length() <= Duration::from_secs(49 * 3600), "{needs:?}");
    search.feed(&[]);
    assert_eq!(search.needs(), None);
}

#[test]
fn around_a_start_that_is_not_allowed_the_nearest_that_is() {
    let terms = Terms { min_notice: 120, advance_days: 2, ..terms(ZONE) };
    let now = local(ZONE, "2026-11-20T07:00");
    let first = span(ZONE, "2026-11-20T09:00", "2026-11-20T09:30");
    let past = span(ZONE, "2025-01-01T10:00", "2025-01-01T10:30");
    assert_eq!(nearest(&terms, now, past, 1, &[]), [first]);
    let last = span(ZONE, "2026-11-21T17:30", "2026-11-21T18:00");
    let future = span(ZONE, "2027-01-01T10:00", "2027-01-01T10:30");
    assert_eq!(nearest(&terms, now, future, 1, &[]), [last]);
}

#[test]
fn whoever_may_not_book_finds_nothing() {
    let now = local(ZONE, "2026-11-20T07:00");
    let asked = span(ZONE, "2026-11-23T10:00", "2026-11-23T10:30");
    let open = terms(ZONE);
    assert_eq!(Search::new(&open, now, &Booker { allowed: false }, asked, 3).needs(), None);
    let inactive = Terms { active: false, ..terms(ZONE) };
    assert_eq!(Search::new(&inactive, now, &ANYONE, asked, 3).needs(), None);
    assert_eq!(Search::new(&open, now, &ANYONE, asked, 0).needs(), None);
    let notice = Terms { min_notice: 100_000, ..terms(ZONE) };
    assert_eq!(Search::new(&notice, now, &ANYONE, asked, 3).needs(), None);
}

#[test]
fn it_asks_for_the_gap_behind_the_last_start_too() {
    let terms = Terms { schedule: Some(always()), buffer: 30, advance_days: 1, ..terms(ZONE) };
    let now = local(ZONE, "2026-11-20T07:00");
    let asked = span(ZONE, "2026-11-21T06:00", "2026-11-21T06:30");
    let all = [taken(1, Span::new(now, local(ZONE, "2026-11-21T06:30")))];
    let last = span(ZONE, "2026-11-21T07:00", "2026-11-21T07:30");
    assert_eq!(nearest(&terms, now, asked, 3, &all), [last]);
    let all = [all[0], taken(2, span(ZONE, "2026-11-21T07:30", "2026-11-21T08:00"))];
    assert!(nearest(&terms, now, asked, 3, &all).is_empty());
}
