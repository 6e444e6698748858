//! Waiting for a condition.

use std::future::Future;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
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

/// One at a time for those that load the machine, and for those that look at a
/// clock: hold what it answers until the end. Two of them would measure each other.
pub(crate) async fn undisturbed() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    ONE.lock().await
}
