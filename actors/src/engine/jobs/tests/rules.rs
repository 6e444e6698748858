//! The transitions as tables and properties.

use std::time::Duration;

use proptest::prelude::*;
use zelador_store::Timestamp;
use zelador_store::job::{Job, JobState, Outcome};

use crate::engine::jobs::NewJob;
use crate::engine::jobs::rules::{
    Ending, HISTORY, MAX_REFUNDS, Policy, backoff, begin, cancel, end,
};
use crate::engine::jobs::rules::{jittered, per_minute, retry};

const NOW: i64 = 1_000_000;

fn now() -> Timestamp {
    Timestamp::from_millis(NOW)
}

fn policy() -> Policy {
    Policy { tries: 3, backoff_seconds: vec![30, 60, 120] }
}

fn running(tries: u16) -> Job {
    Job {
        state: JobState::Running,
        tries,
        started_at: Some(now()),
        ..NewJob::new("diagnostic", &()).build(now())
    }
}

fn failure() -> Ending {
    Ending::Failed { error: "no".into(), after: None }
}

#[track_caller]
fn check(job: &Job, ending: &Ending, state: JobState, tries: u16, run_in: Option<u64>) {
    let next = end(job, ending, &policy(), 0.0, now());
    assert_eq!((next.state, next.tries), (state, tries), "{ending:?}");
    if let Some(seconds) = run_in {
        assert_eq!(next.run_at, Some(now() + Duration::from_secs(seconds)), "{ending:?}");
    }
    assert_eq!(next.ended_at.is_some(), !state.is_live(), "{ending:?}");
}

#[test]
fn every_ending_has_its_state() {
    use JobState::{Cancelled, Failed, Ready, Scheduled, Succeeded};
    check(&running(1), &Ending::Succeeded, Succeeded, 1, None);
    check(&running(1), &failure(), Scheduled, 1, Some(30));
    check(&running(2), &failure(), Scheduled, 2, Some(60));
    check(&running(3), &failure(), Failed, 3, None);
    let limit = Duration::from_secs(5);
    check(&running(1), &Ending::TimedOut { limit }, Scheduled, 1, Some(30));
    check(&running(3), &Ending::TimedOut { limit }, Failed, 3, None);
    check(&running(3), &Ending::Panicked { message: "x".into() }, Failed, 3, None);
    check(&running(1), &Ending::Hopeless { error: "x".into() }, Failed, 1, None);
    check(&running(3), &Ending::Released, Ready, 2, None);
    check(&running(1), &Ending::Cancelled, Cancelled, 1, None);
    check(&running(1), &Ending::Interrupted, Ready, 1, None);
    check(&running(3), &Ending::Interrupted, Failed, 3, None);
    let until = Some(now() + Duration::from_secs(9));
    check(&running(3), &Ending::Snoozed { until, reason: "x".into() }, Scheduled, 2, Some(9));
}

#[test]
fn an_upstreams_wish_makes_the_wait_longer_never_shorter() {
    for (wish, wait) in [(5, 30), (500, 500)] {
        let ending = Ending::Failed { error: "429".into(), after: Some(Duration::from_secs(wish)) };
        check(&running(1), &ending, JobState::Scheduled, 1, Some(wait));
    }
}

#[test]
fn the_last_wait_is_repeated() {
    let seconds: Vec<u64> = (1..6).map(|tries| backoff(&policy(), tries).as_secs()).collect();
    assert_eq!(seconds, [30, 60, 120, 120, 120]);
    assert_eq!(backoff(&Policy { tries: 3, backoff_seconds: vec![] }, 2), Duration::ZERO);
}

#[test]
fn a_checkpoint_gives_an_interrupted_try_back_but_not_for_ever() {
    let noted = Job { checkpoint: Some("{}".into()), checkpoint_try: 3, ..running(3) };
    let next = end(&noted, &Ending::Interrupted, &policy(), 0.0, now());
    assert_eq!((next.state, next.tries, next.refunds), (JobState::Ready, 2, 1));
    let spent = Job { refunds: MAX_REFUNDS, ..noted.clone() };
    let next = end(&spent, &Ending::Interrupted, &policy(), 0.0, now());
    assert_eq!(next.state, JobState::Failed);
    let older = Job { checkpoint_try: 2, ..noted };
    let next = end(&older, &Ending::Interrupted, &policy(), 0.0, now());
    assert_eq!(next.state, JobState::Failed);
}

#[test]
fn the_wish_to_call_off_outlives_a_try_that_failed() {
    let asked = cancel(&running(1), now()).unwrap();
    assert_eq!(asked.state, JobState::Running);
    assert_eq!(end(&asked, &failure(), &policy(), 0.0, now()).state, JobState::Cancelled);
    assert_eq!(end(&asked, &Ending::Succeeded, &policy(), 0.0, now()).state, JobState::Succeeded);
}

#[test]
fn only_an_ended_job_is_retried_and_only_a_live_one_cancelled() {
    let failed = end(&running(3), &failure(), &policy(), 0.0, now());
    assert!(cancel(&failed, now()).is_none());
    let again = retry(&failed, now()).unwrap();
    assert_eq!((again.state, again.tries, again.ended_at), (JobState::Ready, 0, None));
    assert_eq!(again.history.len(), 1, "the history stays");
    assert!(retry(&again, now()).is_none());
}

fn endings() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Succeeded),
        Just(failure()),
        Just(Ending::TimedOut { limit: Duration::from_secs(1) }),
        Just(Ending::Panicked { message: "x".into() }),
        Just(Ending::Hopeless { error: "x".into() }),
        Just(Ending::Released),
        Just(Ending::Interrupted),
        Just(Ending::Snoozed { until: None, reason: "x".into() }),
    ]
}

proptest! {
    #[test]
    fn a_wait_is_never_less_and_at_most_a_tenth_more(seconds in 0u64..1_000_000, chance in 0.0f64..1.0) {
        let wait = Duration::from_secs(seconds);
        let longer = jittered(wait, chance);
        prop_assert!(longer >= wait && longer <= wait.mul_f64(1.1) + Duration::from_millis(1));
    }

    /// Whatever happens, a live job has tries left, a job runs at most as often
    /// as it has tries plus what cost none, and its history stays bounded.
    #[test]
    fn a_job_comes_to_its_end(story in prop::collection::vec(endings(), 1..60)) {
        let mut job = NewJob::new("diagnostic", &()).build(now());
        let mut costly = 0;
        for ending in story {
            job = begin(&job, now());
            prop_assert!(job.tries <= policy().tries);
            job = end(&job, &ending, &policy(), 0.5, now());
            prop_assert!(job.history.len() <= HISTORY);
            let free = matches!(ending, Ending::Released | Ending::Snoozed { .. });
            costly += u16::from(!free);
            prop_assert_eq!(job.history.last().unwrap().outcome == Outcome::Released,
                ending == Ending::Released);
            if !job.state.is_live() {
                break;
            }
            prop_assert_eq!(job.tries, costly);
            prop_assert!(costly < policy().tries);
        }
    }
}

#[test]
fn rates_are_counted_or_estimated() {
    let seconds = Duration::from_secs;
    assert!((per_minute(0, 10, seconds(0)) - 0.0).abs() < f64::EPSILON);
    assert!((per_minute(9, 10, seconds(3)) - 9.0).abs() < f64::EPSILON);
    assert!((per_minute(10, 10, seconds(3)) - 200.0).abs() < f64::EPSILON);
    assert!(per_minute(10, 10, seconds(0)).is_finite());
}

#[test]
fn an_error_is_kept_in_bounds() {
    let error = "é".repeat(10_000);
    let ended = end(&running(1), &Ending::Hopeless { error }, &policy(), 0.0, now());
    let kept = ended.error.unwrap();
    assert!(kept.len() <= 1024 && kept.chars().all(|c| c == 'é'));
}
