//! The clock: set by somebody who knows the time, steady, and near what others say.

use std::time::Duration;

use zelador_store::Timestamp;

use super::finding::{Family, Finding};
use super::service::said;

const FAMILY: Family = Family("clock");
/// A clock that is further off bans people at the wrong minute, and signs tokens
/// that others refuse.
const NEAR_SECONDS: i64 = 5;
/// Nothing of ours is older: a clock before it was never set.
const FIRST_YEAR: &str = "2025";
/// Between two looks, the wall clock and the steady one must agree so far.
const STEADY: i64 = 1000;
const SET: &str = "sudo timedatectl set-ntp true; then look at `timedatectl timesync-status`";

/// What was seen.
#[derive(Debug)]
pub(super) struct Facts {
    /// Whether the system says that its clock is set by others; `None`: nobody says.
    pub(super) synchronised: Option<bool>,
    /// Milliseconds by which the clock was set forward while we looked.
    pub(super) jumped: i64,
    /// Hosts, and by how many seconds they are ahead of us.
    pub(super) others: Vec<(String, i64)>,
    /// The time of day.
    pub(super) now: Timestamp,
}

/// Whether somebody sets the clock.
pub(super) async fn synchronised() -> Option<bool> {
    let words = ["show", "--property=NTPSynchronized", "--value"];
    match said("timedatectl", &words).await?.trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// By how many milliseconds the wall clock went further than the steady one.
pub(super) fn jumped((from, to): (Timestamp, Timestamp), steady: Duration) -> i64 {
    let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    millis(to.since(from)) - millis(from.since(to)) - millis(steady)
}

/// Judges them.
pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let mut found = vec![match facts.synchronised {
        Some(true) => FAMILY.fine("set", "by a time server"),
        Some(false) => FAMILY.odd("set", "by no time server", SET),
        None => FAMILY.fine("set", "nobody here says by whom; in a container the host decides"),
    }];
    if facts.now.to_string().as_str() < FIRST_YEAR {
        found.push(FAMILY.wrong("date", format!("it shows {}", facts.now), SET));
    }
    if facts.jumped.abs() > STEADY {
        let words = format!("it was set by {} ms while this looked", facts.jumped);
        found.push(FAMILY.odd("steady", words, "find out who sets it; two of them may be at odds"));
    }
    for (host, ahead) in &facts.others {
        if ahead.abs() > NEAR_SECONDS {
            let words = format!("{host} is {ahead} s ahead of this machine");
            found.push(FAMILY.wrong("offset", words, SET));
        } else {
            found.push(FAMILY.fine("offset", format!("within {NEAR_SECONDS} s of {host}")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;

    fn worst(facts: &Facts) -> Weight {
        judge(facts).iter().map(|one| one.weight).max().unwrap()
    }

    #[test]
    fn a_clock_is_judged_by_who_sets_it_and_by_what_others_say() {
        let facts = |synchronised, jumped, ahead: i64, now: &str| Facts {
            synchronised,
            jumped,
            others: vec![("x.example".to_owned(), ahead)],
            now: now.parse().unwrap(),
        };
        let today = "2026-03-02T12:00:00Z";
        assert_eq!(worst(&facts(Some(true), 3, -2, today)), Weight::Fine);
        assert_eq!(worst(&facts(None, 0, 5, today)), Weight::Fine);
        assert_eq!(worst(&facts(Some(false), 0, 0, today)), Weight::Warning);
        assert_eq!(worst(&facts(Some(true), -4000, 0, today)), Weight::Warning);
        assert_eq!(worst(&facts(Some(true), 0, -90, today)), Weight::Wrong);
        assert_eq!(worst(&facts(Some(true), 0, 0, "1970-01-01T00:01:00Z")), Weight::Wrong);
    }

    #[test]
    fn a_jump_is_what_the_steady_clock_did_not_see() {
        let at = |millis| Timestamp::from_millis(millis);
        let second = Duration::from_secs(1);
        assert_eq!(jumped((at(5000), at(6000)), second), 0);
        assert_eq!(jumped((at(5000), at(9000)), second), 3000);
        assert_eq!(jumped((at(5000), at(2000)), second), -4000);
    }
}
