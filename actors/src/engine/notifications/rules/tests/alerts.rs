//! What operators are told, and how often.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use zelador_store::Timestamp;

use super::super::alerts::{EVENTS, Trouble, is_due, noted, of_disk, tell_at, told, trouble};

const HOUR: Duration = Duration::from_hours(1);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_764_590_400_000 + seconds * 1000)
}

#[test]
fn events_are_trouble_or_not() {
    let sort = |kind: &str, data| trouble(kind, &data).map(|found| (found.sort, found.about));
    let yes = |sort: &str, about: &str| Some((sort.to_owned(), about.to_owned()));
    let failed = |kind| json!({"kind": kind, "error": "no room"});
    assert_eq!(sort("job.failed", failed("user.erase")), yes("job.failed", "user.erase"));
    assert_eq!(sort("job.failed", failed("backup.make")), yes("backup.failed", "backup.make"));
    assert_eq!(sort("job.failed", failed("alert.deliver")), None, "no alert causes another");
    assert_eq!(sort("job.failed", failed("notification.test")), None);
    assert_eq!(
        sort("consumer.detached", json!({"consumer": "redis"})),
        yes("consumer.detached", "redis")
    );
    let health =
        |breaker, new| json!({"instance_id": "nc-1", "breaker": breaker, "new_health": new});
    let instance = "nextcloud.instance_health_changed";
    assert_eq!(sort(instance, health("open", "unhealthy")), yes(instance, "nc-1"));
    assert_eq!(sort(instance, health("closed", "healthy")), None);
    assert_eq!(sort("booking.created", json!({})), None);
    for kind in EVENTS.iter().filter(|kind| !["job.failed", instance].contains(kind)) {
        assert!(trouble(kind, &json!({})).is_some(), "{kind}");
    }
}

#[test]
fn errors_of_any_shape_are_told_in_one_line() {
    let said = |error| trouble("job.failed", &json!({"kind": "x", "error": error})).unwrap().detail;
    assert_eq!(said(json!("a\nb")), "a b");
    assert_eq!(said(json!({"class": "full", "message": "no room"})), "no room");
    assert_eq!(said(json!(null)), "");
    assert_eq!(said(json!("x".repeat(1000))).len(), 300);
}

#[test]
fn a_disk_is_low_or_refuses() {
    assert_eq!(of_disk(100, None, 200).unwrap().detail, "0 MiB");
    assert_eq!(of_disk(0, None, 200), None, "nobody has looked yet");
    assert_eq!(of_disk(300, None, 200), None);
    assert_eq!(of_disk(300, Some("full"), 200).unwrap().detail, "full");
}

#[test]
fn the_same_cause_is_told_once_within_the_time() {
    let trouble = Trouble::new("job.failed", "x", "why");
    let first = noted(None, &trouble, at(0));
    assert!(is_due(&first, at(0), HOUR));
    let after = told(&first, at(0));
    assert!(!is_due(&after, at(7200), HOUR), "it did not come again");
    let second = noted(Some(&after), &trouble, at(60));
    assert!(!is_due(&second, at(60), HOUR));
    let third = noted(Some(&second), &trouble, at(120));
    assert_eq!((third.untold, third.first_at, third.last_at), (2, at(60), at(120)));
    assert!(!is_due(&third, at(3599), HOUR) && is_due(&third, at(3600), HOUR));
}

#[test]
fn the_first_is_told_at_once_and_the_next_together() {
    let window = Duration::from_secs(300);
    assert_eq!(tell_at(None, at(0), window), at(0));
    assert_eq!(tell_at(Some(at(0)), at(10), window), at(300));
    assert_eq!(tell_at(Some(at(0)), at(301), window), at(301));
}

proptest! {
    /// However trouble comes, one cause is told at most once within the time, and
    /// what is told in all is what happened.
    #[test]
    fn nothing_is_repeated_and_nothing_lost(gaps in proptest::collection::vec(0_i64..5000, 1..60)) {
        let trouble = Trouble::new("job.failed", "x", "why");
        let (mut now, mut row, mut tellings, mut counted) = (0, None, Vec::new(), 0);
        for gap in &gaps {
            now += gap;
            let next = noted(row.as_ref(), &trouble, at(now));
            row = Some(if is_due(&next, at(now), HOUR) {
                tellings.push(now);
                counted += next.untold;
                told(&next, at(now))
            } else {
                next
            });
        }
        prop_assert_eq!(tellings[0], gaps[0]);
        prop_assert!(tellings.windows(2).all(|pair| pair[1] - pair[0] >= 3600));
        let left = row.map_or(0, |row| row.untold);
        prop_assert_eq!(usize::try_from(counted + left).unwrap(), gaps.len());
    }
}
