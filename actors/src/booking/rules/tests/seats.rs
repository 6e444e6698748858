//! The sweep against a count, minute by minute.

use super::*;
use crate::booking::rules::load::Load;

/// How many occupy a minute.
fn count(taken: &[Taken], gap: Duration, minute: Timestamp) -> u32 {
    let there = |taken: &&Taken| taken.start <= minute && minute < taken.end + gap;
    u32::try_from(taken.iter().filter(there).count()).unwrap()
}

proptest! {
    #[test]
    fn the_peak_is_the_fullest_minute(
        bookings in any_taken(),
        from in -300_i64..300,
        long in 1_u64..60,
        gap in prop::sample::select(vec![0, 5, 25]),
        seats in 1_u32..4,
    ) {
        let base = at("2026-11-22T00:00:00Z");
        let start = Timestamp::from_millis(base.as_millis() + from * 300_000);
        let asked = Span::new(start, start + minutes(5 * long));
        let all = placed(base, &bookings);
        let gap = minutes(gap);
        let load = Load::new(&all, gap, asked.and(gap));
        let until = asked.end + gap;
        let each = (0..).map(|nth| asked.start + minutes(5 * nth)).take_while(|at| *at < until);
        let counts: Vec<(Timestamp, u32)> = each.map(|at| (at, count(&all, gap, at))).collect();
        let most = counts.iter().map(|(_, count)| *count).max().unwrap();
        let found = load.peak(asked);
        prop_assert_eq!(found.taken, most);
        let first = counts.iter().find(|(_, count)| *count == most).unwrap().0;
        prop_assert_eq!(found.at, first);

        let full: Vec<Timestamp> =
            counts.iter().filter(|(_, count)| *count >= seats).map(|(at, _)| *at).collect();
        let mut expected: Vec<Taken> = all.clone();
        expected.retain(|taken| full.iter().any(|at| taken.start <= *at && *at < taken.end + gap));
        expected.sort_by_key(|taken| (taken.start, taken.end, taken.id));
        prop_assert_eq!(load.in_the_way(asked, seats, &all), expected);
    }
}
