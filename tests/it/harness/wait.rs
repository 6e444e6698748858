//! Waiting for a condition.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// More than anything here takes on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(15);

/// Asks until there is an answer; fails after `within`, saying what was waited for.
pub(crate) async fn eventually<T, F>(what: &str, within: Duration, ask: impl Fn() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + within;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        sleep(LOOK).await;
    }
}
